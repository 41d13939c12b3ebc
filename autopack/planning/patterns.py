"""Which entries of the plan's pattern language are sound; what people bring from other languages is refused with what to write."""

import itertools
import re
from typing import Final

LENGTH_MAX: Final = 1024
_BRACES: Final = re.compile(r"\{[^{}]*,[^{}]*\}")
_BRACKETS: Final = re.compile(r"\[+([^\[\]]*)\]+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_DRIVE: Final = re.compile(r"[A-Za-z]:[\\/]")


def fault_of_entry(entry: str) -> str | None:
    """What is wrong with a scope entry or a ``when`` pattern, as the end of a sentence about it; None if it is sound."""
    if fault := _fault_of_place(entry):
        return fault
    if entry.startswith("!"):
        return "begins with `!`, but nothing can be excluded; name what belongs to it"
    if _BRACES.search(entry):
        return "lists alternatives in braces, which means nothing here; write an entry for each"
    if "?" in entry and "*" not in entry:
        return "has a `?` without a `*`, which would be literal; write `*`"
    if ("[" in entry or "]" in entry) and _reads_as_class(entry):
        return "has a `[...]` class, which means nothing here; write `*`, or an entry for each file"
    return None


def fault_of_path(path: str) -> str | None:
    """What is wrong with a single path from the repository's root, as the end of a sentence about it."""
    return _fault_of_place(path) or ("has a `*`, but it must be one path" if "*" in path else None)


def _fault_of_place(entry: str) -> str | None:  # noqa: PLR0911 - one return a fault
    if not entry.strip():
        return "is empty; write `.` for the whole repository"
    if entry.startswith(("/", "~")) or _DRIVE.match(entry):
        return "is absolute; write it relative to the repository's root"
    if "\\" in entry:
        return "has a `\\`; components are separated by `/`"
    if _CONTROL.search(entry) or len(entry) > LENGTH_MAX or entry != entry.strip():
        return "has control characters or space at an end, or is too long for a path"
    parts = entry.removeprefix("./").removesuffix("/").split("/")
    if ".." in parts:
        return "has a `..`; it may not leave the repository"
    if entry not in (".", "./") and any(part in ("", ".") for part in parts):
        return "has an empty or `.` component; write it as git would show it"
    return None


def _reads_as_class(entry: str) -> bool:
    """``[a-z]``, ``[!x]``, ``[abc]``, ``[Tt]`` or any bracket beside ``*``; ``app/[slug]/page.tsx`` is a file's name."""
    return "*" in entry or any(_is_class(content) for content in _BRACKETS.findall(entry))


def _is_class(content: str) -> bool:
    folded = [ord(character) for character in content.casefold()]
    steps = {after - before for before, after in itertools.pairwise(folded)}
    is_range = re.search(r"(?:^|[^\w])\w-\w(?:$|[^\w])|^\w-\w", content) is not None
    return len(content) < len("ab") or content[0] in "!^:" or is_range or steps in ({0}, {1}) or content.isdigit()
