"""Which paths of a reply are allowed: shape, protected names, scope, and what exists under them."""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from autopack.core.refusal import RefusalCode
from autopack.core.scope import Scope
from autopack.edits.collisions import judge_against, judge_among_each_other, judge_bare_repositories
from autopack.edits.model import Create, EditRefused, EditSet, FileEdit, Patch, Rename
from autopack.edits.names import judge_shape
from autopack.edits.protected import needs_exact_scope, never_allowed

SCOPE_SHOWN_MAX: Final = 8


def judge_paths(edit_set: EditSet, scope: Scope, existing: Collection[str]) -> None:
    """Refuses a reply of which any path, rename targets included, may not be changed.

    Args:
        edit_set: the reply.
        scope: what may be changed.
        existing: the files of the tree; a directory may be given too, with a final ``/``. A set or a mapping is quickest.

    Raises:
        EditRefused: code ``path``, ``protected``, ``scope``, ``exact_scope``, ``read_only``, ``collision``, ``exists`` or ``missing``.
    """
    paths = touched_paths(edit_set)
    for path in paths:
        judge_path(path, scope)
    judge_among_each_other(paths)
    known = existing if isinstance(existing, (AbstractSet, Mapping)) else frozenset(existing)
    new = [name for edit in edit_set.files if (name := _new_name(edit, known)) is not None]
    if new:
        judge_against(known, new)
        judge_bare_repositories(known, new)
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
        reason = f"`{name}` belongs to git or to Autopack and is never edited, whatever the scope; leave it as it is."
        raise EditRefused(RefusalCode.PROTECTED, reason, path)
    if not scope.allows(path):
        reason = f"The path is outside this phase's scope ({_shown(scope)}); keep to the scope, or ask with `blocked`."
        raise EditRefused(RefusalCode.SCOPE, reason, path)
    kind = needs_exact_scope(path)
    if kind is not None and not scope.names_exactly(path):
        reason = f"This is {kind}: it is edited only where the phase's scope names exactly this file; leave it as it is."
        raise EditRefused(RefusalCode.EXACT_SCOPE, reason, path)
    if scope.is_read_only(path):
        raise EditRefused(RefusalCode.READ_ONLY, "The path is read-only in this phase: it is shown as context; leave it as it is.", path)


def touched_paths(edit_set: EditSet) -> list[str]:
    """Every path that the reply names, rename targets included, in its order."""
    return [path for edit in edit_set.files for path in ((edit.path, edit.to) if isinstance(edit, Rename) else (edit.path,))]


def _shown(scope: Scope) -> str:
    paths = scope.paths or ()
    more = f" and {len(paths) - SCOPE_SHOWN_MAX} more" if len(paths) > SCOPE_SHOWN_MAX else ""
    return ", ".join(paths[:SCOPE_SHOWN_MAX]) + more if paths else "it is empty"


def _new_name(edit: FileEdit, existing: Collection[str]) -> str | None:
    if isinstance(edit, Rename):
        return edit.to
    return edit.path if isinstance(edit, Create) or (isinstance(edit, Patch) and edit.path not in existing) else None


def _judge_existence(edit: FileEdit, existing: Collection[str]) -> None:
    if isinstance(edit, Create) and edit.path in existing:
        raise EditRefused(RefusalCode.EXISTS, "The file exists already; use `replace` with its whole new text, or edit it.", edit.path)
    if isinstance(edit, Rename) and edit.to in existing:
        raise EditRefused(RefusalCode.EXISTS, f"The rename's target {edit.to!r} exists already; choose a name that is free.", edit.path)
    if not isinstance(edit, (Create, Patch)) and edit.path not in existing:
        raise EditRefused(RefusalCode.MISSING, "The file does not exist; use `create` for a new file, or check the path.", edit.path)
