"""One expression a language, over one line each: it matches a line that opens a symbol, and its group is the symbol's name.

They are outlines for a reader, not parsers; lines are cut before they are matched, so that none of them takes long.
"""

import re
from typing import Final

_MODIFIERS: Final = (
    *("export", "default", "declare", "public", "private", "protected", "internal", "static", "abstract", "final", "sealed", "async"),
    *("override", "open", "data", "suspend", "partial", "readonly", "virtual"),
)
_BEFORE: Final = rf"\s*(?:(?:{'|'.join(_MODIFIERS)})\s+)*"
_NO_CALL: Final = r"(?!(?:if|for|while|switch|catch|return|else|with|new|throw|using|lock)\b)"

_PYTHON: Final = r"\s*(?:async\s+)?(?:def|class)\s+(\w+)"
_SCRIPT: Final = rf"""{_BEFORE}(?:
      (?:function\*?|class|interface|enum|namespace|type)\s+([\w$]+)
    | (?:const|let|var)\s+([\w$]+)\s*(?::[^=]*)?=\s*(?:async\b|function\b|\(|[\w$]+\s*=>|class\b)
    | {_NO_CALL}([\w$\#]+)\s*\([^;]*\)[^;(){{]*\{{\s*$
)"""
_CURLY: Final = rf"""{_BEFORE}(?:
      (?:class|interface|enum|record|struct|object|trait|fun|func|namespace)\s+(\w+)
    | {_NO_CALL}(?:[\w<>\[\],.?]+\s+)+(\w+)\s*\([^;]*$
)"""
_C: Final = r"""(?:
      (?:typedef\s+)?(?:struct|class|enum|union|namespace)\s+(\w+)
    | \#define\s+(\w+)
    | (?!return|else)[A-Za-z_][\w\s*&:<>,~]*?[\s*&]([\w:~]+)\s*\([^;]*$
)"""
_GO: Final = r"func\s+(?:\([^)]*\)\s*)?(\w+)|type\s+(\w+)"
_RUST: Final = r"""
      \s*(?:pub(?:\([^)]*\))?\s+)?(?:(?:async|unsafe|const)\s+)*(?:fn|struct|enum|trait|mod|type|macro_rules!)\s+(\w+)
    | \s*(impl\b.*)"""
_RUBY: Final = r"\s*def\s+(?:self\.)?([\w?!]+)|\s*(?:class|module)\s+([\w:]+)"
_PHP: Final = rf"{_BEFORE}(?:function\s+&?(\w+)|(?:class|interface|trait|enum)\s+(\w+))"
_ELIXIR: Final = r"\s*def(?:p|module|macro)?\s+([\w.?!]+)"
_SHELL: Final = r"\s*(?:function\s+)?([\w-]+)\s*\(\)\s*\{?"
_SQL: Final = r"""\s*create\s+(?:or\s+replace\s+)?(?:unique\s+)?
    (?:table|view|index|function|procedure|trigger|type)\s+(?:if\s+not\s+exists\s+)?([\w."]+)"""
_HEADING: Final = r"\#{1,4}\s+(.+)"
_STYLE: Final = r"([^\s@{};][^{};]*)\{\s*$"
_SECTION: Final = r"\[+([^\]]+)\]"
_KEY: Final = r"([\w.-]+):"

_BY_EXTENSIONS: Final[dict[str, str]] = {
    "py pyi": _PYTHON,
    "js jsx mjs cjs ts tsx mts cts vue svelte": _SCRIPT,
    "java kt kts cs scala swift dart groovy": _CURLY,
    "c h cc cpp cxx hh hpp m mm": _C,
    "go": _GO,
    "rs": _RUST,
    "rb": _RUBY,
    "php": _PHP,
    "ex exs": _ELIXIR,
    "sh bash": _SHELL,
    "sql": _SQL,
    "md markdown": _HEADING,
    "css scss less": _STYLE,
    "toml ini cfg": _SECTION,
    "yaml yml": _KEY,
}
_SOURCES: Final = {extension: source for extensions, source in _BY_EXTENSIONS.items() for extension in extensions.split()}


def pattern_for(extension: str) -> re.Pattern[str] | None:
    """None where the language is not known."""
    source = _SOURCES.get(extension)
    return re.compile(source, re.VERBOSE | re.IGNORECASE if source is _SQL else re.VERBOSE) if source else None
