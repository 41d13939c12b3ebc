"""What a text refers to: paths of the repository, and other pieces of work."""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from autopack.edits.protected import never_allowed
from autopack.planning.patterns import fault_of_entry

_CODE: Final = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_PATH: Final = re.compile(r"(?<![\w/`.@:-])((?:[\w.@-]+/)+[\w.@*-]*|[\w-]+\.[A-Za-z]\w{0,5})(?![\w/`-])")
_LOOKED_AT: Final = re.compile(r"\b(?:see|as in|like|cf\.|compare|following|according to)\s+(`[^`\n]+`)", re.IGNORECASE)
_LINES: Final = re.compile(r":\d+(?:[-:]\d+)?$")
_KIND: Final = r"(?:phase|step|task|milestone|stage|story|user story|part)"
_NAME: Final = rf"(?:`[a-z0-9][a-z0-9._-]*`|[a-z0-9]+(?:-[a-z0-9]+)+\b(?![./])|(?:{_KIND}\s+)?#?[A-Za-z]{{0,6}}-?\d+(?:\.\d+)*)"
_LIST: Final = rf"{_NAME}(?:\s*(?:,|;|&|/|\band\b|,\s*and)\s*{_NAME})*"
_NEEDS: Final = re.compile(rf"(?:depends? (?:up)?on|blocked by|requires|needs)\s+(?:completion of\s+)?({_LIST})", re.IGNORECASE)
_SURE_NAME: Final = re.compile(r"^(?:[a-z ]+ #?\d|#\d|[a-z]{1,6}-?\d)", re.IGNORECASE)
_AFTER: Final = re.compile(rf"\bafter\s+({_LIST})", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"\s*(?:,\s*and\b|,|;|&|/|\band\b)\s*")
_KNOWN_ENDINGS: Final = """
    py pyi js jsx mjs cjs ts tsx vue svelte go rs rb php java kt scala cs c h cc cpp hpp swift dart ex exs sh bash sql html css scss
    md rst txt json yaml yml toml ini cfg lock xml proto graphql tf mod sum prisma ipynb r jl lua
"""
_ENDINGS: Final = frozenset(_KNOWN_ENDINGS.split())


def codes_in(text: str) -> tuple[str, ...]:
    """What stands in backticks on one line each."""
    return tuple(dict.fromkeys(code.strip() for code in _CODE.findall(text)))


def looked_at(text: str) -> tuple[str, ...]:
    """What stands in backticks, with them, and is only to be looked at: ``see `docs/a.md```."""
    return tuple(dict.fromkeys(_LOOKED_AT.findall(text)))


def plain_paths_in(text: str) -> tuple[str, ...]:
    """Words outside of backticks that look like paths: with a slash and an ending, or a folder's final slash."""
    found = [word.rstrip(".") for word in _PATH.findall(_CODE.sub(" ", text)) if "://" not in text or word not in text.split("://", 1)[1]]
    return tuple(dict.fromkeys(word for word in found if "/" in word and (word.endswith("/") or _ending(word) in _ENDINGS)))


def as_entry(word: str, tracked: AbstractSet[str], folders: AbstractSet[str]) -> str | None:
    """The scope entry that a word means; None for code, commands, addresses and what may never be changed."""
    entry = _LINES.sub("", word.strip()).removeprefix("./")
    name = entry.rstrip("/")
    is_there = name in tracked or name in folders
    looks_so = (
        " " not in entry and "(" not in entry and "://" not in entry and (_ending(name) in _ENDINGS or entry.endswith("/") or "*" in entry)
    )
    is_odd = not entry or fault_of_entry(entry) is not None or never_allowed(name) is not None
    if is_odd or not (is_there or (looks_so and ("/" in entry or _ending(name) in _ENDINGS))):
        return None
    return f"{name}/" if name in folders else entry


def needs_in(text: str) -> tuple[str, ...]:
    """Names of other pieces that a running text says come first, in small letters."""
    found = [name for listed in _NEEDS.findall(text) for name in _BETWEEN.split(listed)]
    found += [name for listed in _AFTER.findall(text) for name in _BETWEEN.split(listed) if _SURE_NAME.match(name)]
    return tuple(dict.fromkeys(map(as_name, found)))


def names_in(texts: Iterable[str]) -> tuple[str, ...]:
    """The names behind a label: separated by commas or lines, with or without brackets; ``none`` names nothing."""
    return tuple(dict.fromkeys(_names(texts)))


def as_name(text: str) -> str:
    """How a piece of work is looked up: small letters, one space, no ``#``."""
    return " ".join(text.lower().replace("#", " ").replace("`", " ").split()).removeprefix("user ")


def folders_of(tracked: AbstractSet[str]) -> frozenset[str]:
    return frozenset(path[:end] for path in tracked for end, letter in enumerate(path) if letter == "/")


def _names(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for part in _BETWEEN.split(text):
            name = as_name(part.strip(" `[]().*_"))
            if name and name not in ("none", "nothing", "-", "n/a", "—"):
                yield name


def _ending(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[2].lower() if "." in path.rpartition("/")[2] else ""
