"""What a file is written in, told by its name: enough to know its comments, its strings and how strict to be."""

from enum import Enum
from pathlib import PurePosixPath
from typing import Final


class Kind(Enum):
    PYTHON = "python"
    BRACES = "braces"  # // and /* */ comments: JavaScript, Java, Go, C, CSS, JSON ...
    HASH = "hash"  # # comments: shell, Ruby, YAML, TOML, make ...
    DASHES = "dashes"  # -- comments: SQL, Lua, Haskell
    MARKUP = "markup"  # <!-- --> comments: HTML, XML
    PROSE = "prose"  # Markdown, reStructuredText, plain text
    PATCH = "patch"  # a diff is what such a file holds
    OTHER = "other"


SCRIPT_SUFFIXES: Final = frozenset({".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts"})

_SUFFIXES: Final[dict[Kind, str]] = {
    Kind.PYTHON: "py pyi pyw",
    Kind.BRACES: """
        js jsx mjs cjs ts tsx mts cts json jsonc json5 java c h cc cpp cxx hh hpp cs go rs swift kt kts scala php dart m mm proto
        groovy gradle css scss less sol zig v sv glsl d fs
    """,
    Kind.HASH: """
        sh bash zsh fish rb rake gemspec pl pm r yaml yml toml tf hcl cfg ini conf mk ps1 ex exs cmake nix graphql gql jl tcl awk properties
    """,
    Kind.DASHES: "sql lua hs elm adb ads",
    Kind.MARKUP: "html htm xhtml xml svg vue svelte xsl xsd csproj plist astro",
    Kind.PROSE: "md markdown mdx rst txt adoc asciidoc org tex rmd qmd",
    Kind.PATCH: "diff patch rej",
}
_NAMES: Final[dict[str, Kind]] = {
    "makefile": Kind.HASH,
    "gnumakefile": Kind.HASH,
    "dockerfile": Kind.HASH,
    "containerfile": Kind.HASH,
    "gemfile": Kind.HASH,
    "rakefile": Kind.HASH,
    "justfile": Kind.HASH,
    "cmakelists.txt": Kind.HASH,
    "readme": Kind.PROSE,
    "license": Kind.PROSE,
    "changelog": Kind.PROSE,
}
_BY_SUFFIX: Final = {f".{suffix}": kind for kind, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}


def kind_of(path: str) -> Kind:
    name = PurePosixPath(path).name.lower()
    return _NAMES.get(name) or _BY_SUFFIX.get(PurePosixPath(name).suffix, Kind.OTHER)


def suffix_of(path: str) -> str:
    return PurePosixPath(path).suffix.lower()
