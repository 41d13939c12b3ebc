"""Names that are, on some system, the name of something else: among the paths of a reply, and with what exists."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final

from autopack.core.refusal import RefusalCode
from autopack.edits.model import EditRefused
from autopack.edits.names import name_key

_BARE_REPOSITORY: Final = frozenset({"head", "objects", "refs"})


def judge_among_each_other(paths: Sequence[str]) -> None:
    """Refuses two paths that are one file, a file that is also a directory, and two spellings of a directory.

    Raises:
        EditRefused: code ``collision``.
    """
    taken: dict[str, str] = {}
    for path in paths:
        key = name_key(path)
        if key in taken:
            raise _collision(path, f"The reply names this file twice, as {taken[key]!r} and {path!r}; give each file one entry.")
        taken[key] = path
    spelled: dict[str, str] = {}
    for path in paths:
        for directory in _directories(path):
            key = name_key(directory)
            if key in taken:
                raise _collision(path, f"The reply uses {directory!r} both as a file and as a directory; choose another name.")
            if spelled.setdefault(key, directory) != directory:
                raise _collision(path, f"The reply spells one directory as {spelled[key]!r} and {directory!r}; use one spelling.")


def judge_against(existing: Collection[str], new: Sequence[str]) -> None:
    """Refuses new names that are, somewhere, the name of something else that exists, or need a file to be a directory.

    Raises:
        EditRefused: code ``collision``.
    """
    wanted = {name_key(prefix): (prefix, path) for path in new for prefix in (*_directories(path), path)}
    leaves = {name_key(path) for path in new}
    for key, found in _spellings(existing, wanted).items():
        prefix, path = wanted[key]
        for name, is_file in found:
            if is_file != (key in leaves):
                is_one, cannot_be = ("file", "directory") if is_file else ("directory", "file")
                raise _collision(path, f"{name!r} exists and is a {is_one}, so it cannot be a {cannot_be}; choose another name.")
        if prefix not in (name for name, _ in found):
            raise _collision(path, f"{prefix!r} and {found[0][0]!r}, which exists, are one name on many systems; use that spelling.")


def judge_bare_repositories(existing: Collection[str], new: Sequence[str]) -> None:
    """Refuses new files that make a directory a git repository without ``.git``: ``HEAD`` beside ``objects/`` and ``refs/``.

    Raises:
        EditRefused: code ``protected``.
    """
    for path in new:
        parts = path.split("/")
        for depth, part in enumerate(parts):
            if name_key(part) in _BARE_REPOSITORY and _is_bare_repository("/".join([*parts[:depth], ""]), existing, new):
                reason = "With this file its directory becomes a git repository of its own (HEAD, objects, refs); choose other names."
                raise EditRefused(RefusalCode.PROTECTED, reason, path)


def _is_bare_repository(directory: str, existing: Collection[str], new: Sequence[str]) -> bool:
    names = (name.removeprefix(directory).partition("/")[0] for names in (existing, new) for name in names if name.startswith(directory))
    return {name_key(name) for name in names} >= _BARE_REPOSITORY


def _directories(path: str) -> Iterator[str]:
    """The directories of a path from the top."""
    return accumulate(path.split("/")[:-1], lambda parent, name: f"{parent}/{name}")


def _spellings(existing: Collection[str], wanted: Mapping[str, object]) -> dict[str, list[tuple[str, bool]]]:
    """For each wanted key what exists under it: names, and whether each is a file."""
    found: dict[str, list[tuple[str, bool]]] = {}
    seen: set[str] = set()
    for name in existing:
        parent, _, leaf = name.rpartition("/")
        if leaf and (key := name_key(name)) in wanted:
            found.setdefault(key, []).append((name, True))
        while parent and parent not in seen:
            seen.add(parent)
            if (key := name_key(parent)) in wanted:
                found.setdefault(key, []).append((parent, False))
            parent = parent.rpartition("/")[0]
    return found


def _collision(path: str, reason: str) -> EditRefused:
    return EditRefused(RefusalCode.COLLISION, reason, path)
