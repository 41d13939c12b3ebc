"""Which paths of a reply are allowed: shape, protected names, scope, and collisions with each other and with what exists."""

from collections.abc import Collection, Iterator, Mapping, Set
from itertools import accumulate
from typing import Final

from autopack.core.scope import Scope
from autopack.edits.model import Create, EditRefused, EditSet, FileEdit, Patch, Rename
from autopack.edits.names import judge_shape, name_key
from autopack.edits.protected import needs_exact_scope, never_allowed

SCOPE_SHOWN_MAX: Final = 8


def judge_paths(edit_set: EditSet, scope: Scope, existing: Collection[str]) -> None:
    """Refuses a reply of which any path, rename targets included, may not be changed.

    Args:
        existing: the files of the tree; a directory may be given too, with a final ``/``. A set or a mapping is quickest.

    Raises:
        EditRefused: code ``path``, ``protected``, ``scope``, ``exact_scope``, ``read_only``, ``collision``, ``exists`` or ``missing``.
    """
    paths = [path for edit in edit_set.files for path in _paths_of(edit)]
    for path in paths:
        judge_path(path, scope)
    _judge_among_each_other(paths)
    known = existing if isinstance(existing, (Set, Mapping)) else frozenset(existing)
    new = [name for edit in edit_set.files if (name := _new_name(edit, known)) is not None]
    if new:
        _judge_against(known, new)
    for edit in edit_set.files:
        _judge_existence(edit, known)


def judge_path(path: str, scope: Scope) -> None:
    """Refuses one path by its name alone: nothing is looked up.

    Raises:
        EditRefused: code ``path``, ``protected``, ``scope``, ``exact_scope`` or ``read_only``.
    """
    judge_shape(path)
    name = never_allowed(path)
    if name is not None:
        raise EditRefused(
            "protected", f"`{name}` belongs to git or to Autopack and is never edited, whatever the scope; leave it as it is.", path
        )
    if not scope.allows(path):
        raise EditRefused(
            "scope", f"The path is outside this phase's scope ({_shown(scope)}); keep to the scope, or ask with `blocked`.", path
        )
    kind = needs_exact_scope(path)
    if kind is not None and not scope.names_exactly(path):
        raise EditRefused(
            "exact_scope", f"This is {kind}: it is edited only where the phase's scope names exactly this file; leave it as it is.", path
        )
    if scope.is_read_only(path):
        raise EditRefused("read_only", "The path is read-only in this phase: it is shown as context; leave it as it is.", path)


def _paths_of(edit: FileEdit) -> tuple[str, ...]:
    return (edit.path, edit.to) if isinstance(edit, Rename) else (edit.path,)


def _shown(scope: Scope) -> str:
    paths = scope.paths or ()
    more = f" and {len(paths) - SCOPE_SHOWN_MAX} more" if len(paths) > SCOPE_SHOWN_MAX else ""
    return ", ".join(paths[:SCOPE_SHOWN_MAX]) + more if paths else "it is empty"


def _new_name(edit: FileEdit, existing: Collection[str]) -> str | None:
    if isinstance(edit, Rename):
        return edit.to
    return edit.path if isinstance(edit, Create) or (isinstance(edit, Patch) and edit.path not in existing) else None


def _prefixes(path: str) -> Iterator[str]:
    """The path's directories from the top, then the path."""
    return accumulate(path.split("/"), lambda parent, name: f"{parent}/{name}")


def _judge_among_each_other(paths: list[str]) -> None:
    taken: dict[str, str] = {}
    for path in paths:
        key = name_key(path)
        if key in taken:
            raise EditRefused(
                "collision", f"The reply names this file twice, as {path!r} and {taken[key]!r}; give each file one entry.", path
            )
        taken[key] = path
    spelled: dict[str, str] = {}
    for path in paths:
        *directories, _leaf = _prefixes(path)
        for directory in directories:
            key = name_key(directory)
            if key in taken:
                raise EditRefused(
                    "collision", f"The reply uses {directory!r} both as a file and as a directory; choose another name.", path
                )
            if spelled.setdefault(key, directory) != directory:
                raise EditRefused(
                    "collision", f"The reply spells one directory as {directory!r} and {spelled[key]!r}; use one spelling.", path
                )


def _judge_against(existing: Collection[str], new: list[str]) -> None:
    """Refuses new names that are, somewhere, the name of something else that exists, or need a file to be a directory."""
    wanted = {name_key(prefix): (prefix, path) for path in new for prefix in _prefixes(path)}
    leaves = {name_key(path) for path in new}
    spellings: dict[str, list[tuple[str, bool]]] = {}  # key -> (name that exists, it is a file)
    seen: set[str] = set()
    for name in existing:
        parent, _, leaf = name.rpartition("/")
        while parent and parent not in seen:
            seen.add(parent)
            if (key := name_key(parent)) in wanted:
                spellings.setdefault(key, []).append((parent, False))
            parent = parent.rpartition("/")[0]
        if leaf and (key := name_key(name)) in wanted:
            spellings.setdefault(key, []).append((name, True))
    for key, found in spellings.items():
        prefix, path = wanted[key]
        for name, is_file in found:
            if is_file != (key in leaves):
                kinds = ("file", "directory") if is_file else ("directory", "file")
                raise EditRefused(
                    "collision", f"{name!r} exists and is a {kinds[0]}, so it cannot be a {kinds[1]}; choose another name.", path
                )
        if prefix not in (name for name, _ in found):
            raise EditRefused(
                "collision", f"{prefix!r} is the same name as {found[0][0]!r}, which exists, on many systems; use that spelling.", path
            )


def _judge_existence(edit: FileEdit, existing: Collection[str]) -> None:
    if isinstance(edit, Create) and edit.path in existing:
        raise EditRefused("exists", "The file exists already; use `replace` with its whole new text, or edit it.", edit.path)
    if isinstance(edit, Rename) and edit.to in existing:
        raise EditRefused("exists", f"The rename's target {edit.to!r} exists already; choose a name that is free.", edit.path)
    if not isinstance(edit, (Create, Patch)) and edit.path not in existing:
        raise EditRefused("missing", "The file does not exist; use `create` for a new file, or check the path.", edit.path)
