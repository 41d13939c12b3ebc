"""The one way from an EditSet to new texts: paths are judged, every edit gets its place, and then all of them count or none."""

from collections.abc import Collection, Mapping, Sequence

from autopack.core.refusal import RefusalCode
from autopack.core.scope import Scope
from autopack.edits.content import judge_added
from autopack.edits.diff import read_diff, read_hunks, said_mode
from autopack.edits.model import AcceptedEdits, Create, Delete, Edit, EditRefused, EditSet, FileEdit, Patch, Rename, Replace, Take, Taken
from autopack.edits.operations import operated
from autopack.edits.patch import patched, removes_all
from autopack.edits.paths import judge_paths
from autopack.edits.reply import read_reply
from autopack.edits.whole_file import replaced


def apply_reply(reply: str | bytes, *, before: Mapping[str, str], scope: Sequence[str] | None = None) -> dict[str, str | None]:
    """Applies a builder's reply to texts in memory.

    Args:
        reply: as the model gave it.
        before: the text of every file that there is.
        scope: entries as in a plan's ``scope.paths``; ``None`` is everything that is not protected.

    Returns:
        The new text of each path that changes, ``None`` where the file goes away.

    Raises:
        EditRefused: nothing of the reply counts.
    """
    edit_set = read_reply(reply)
    if edit_set.blocked is not None:
        raise EditRefused(RefusalCode.BLOCKED, f"The builder cannot go on ({edit_set.blocked.kind}): {edit_set.blocked.message}")
    return _changes(apply_edit_set(edit_set, before, Scope(None if scope is None else tuple(scope)), before))


def apply_diff(diff_text: str, before: Mapping[str, str]) -> dict[str, str | None]:
    """Applies a unified diff to texts in memory; arguments, result and errors as ``apply_reply``."""
    return _changes(apply_edit_set(read_diff(diff_text), before, Scope(None), before))


def apply_edit_set(edit_set: EditSet, before: Mapping[str, str], scope: Scope, existing: Collection[str]) -> AcceptedEdits:
    """Places every edit of a reply, or none.

    Args:
        edit_set: what the reply asks for.
        before: the texts of (at least) the files that the reply touches.
        scope: what may be changed.
        existing: every path there is.

    Raises:
        EditRefused: with the path it is about.
    """
    judge_paths(edit_set, scope, existing)
    after: dict[str, str | None] = {}
    base: dict[str, str | None] = {}
    renames: dict[str, str] = {}
    executable: dict[str, bool] = {}
    for edit in edit_set.files:
        old = _base_text(edit, before)
        new = _judged(edit, old)
        if (mode := _said_mode(edit)) is not None:
            executable[edit.path] = mode
        if isinstance(edit, Rename):
            base[edit.to], after[edit.to], renames[edit.to] = None, new, edit.path
            new = None
        if new != old or isinstance(edit, Create) or edit.path in executable:
            base[edit.path], after[edit.path] = old, new
    return AcceptedEdits(after, base, edit_set.summary, renames, executable)


def _changes(accepted: AcceptedEdits) -> dict[str, str | None]:
    if accepted.is_empty:
        raise EditRefused(RefusalCode.NO_CHANGE, "The reply changes nothing; every file would stay as it is.")
    return dict(accepted.after)


def _said_mode(edit: FileEdit) -> bool | None:
    match edit:
        case Create(executable=said):
            return said
        case Patch(executable=None, diff=diff):
            return said_mode(diff)
        case Patch(executable=said):
            return said
    return None


def _base_text(edit: FileEdit, before: Mapping[str, str]) -> str | None:
    text = before.get(edit.path)
    if isinstance(edit, Take):
        raise EditRefused(RefusalCode.NOTHING_TO_TAKE, "There is no scratch copy to take the file from; give the change itself.", edit.path)
    if isinstance(edit, Create):
        if text is not None:
            raise EditRefused(RefusalCode.EXISTS, "The file exists already; use `replace`, `patch` or `edit` to change it.", edit.path)
        return None
    if text is None and not isinstance(edit, Patch):
        raise EditRefused(RefusalCode.MISSING, "The file does not exist; use `create` for a new file, or the right path.", edit.path)
    if text is not None and "\0" in text and isinstance(edit, (Replace, Patch, Edit, Taken)):
        raise EditRefused(RefusalCode.BINARY, "The file is binary and cannot be edited as text; leave it as it is.", edit.path)
    return text


def _judged(edit: FileEdit, old: str | None) -> str | None:
    """The new text of the edit's file, with what the edit adds to it judged."""
    try:
        new = _placed(edit, old)
    except EditRefused as refused:
        if refused.path is not None:
            raise
        raise EditRefused(refused.code, refused.message, edit.path) from refused
    if new is not None and new != old:
        judge_added(edit.to if isinstance(edit, Rename) else edit.path, old, new)
    return new


def _placed(edit: FileEdit, old: str | None) -> str | None:
    match edit:
        case Create() | Taken():
            return edit.content
        case Patch():
            return _patched(edit, old)
    if old is None:
        raise EditRefused(RefusalCode.MISSING, "The file does not exist.", edit.path)
    match edit:
        case Replace():
            return replaced(edit.path, old, edit.content)
        case Edit():
            return operated(old, edit.operations)
        case Rename():
            return _with_hunks(edit.path, edit.diff, old) if edit.diff else old
        case Delete():
            _judge_deletion(edit, old)
    return None


def _patched(edit: Patch, old: str | None) -> str | None:
    """A patch of one file may also make it or take it away, if its header says so."""
    if not edit.diff and edit.executable is not None and old is not None:
        return old
    read = read_hunks(edit.path, edit.diff)
    if not read and old is not None and said_mode(edit.diff) is not None:
        return old
    if isinstance(read, Create):
        if old is not None:
            raise EditRefused(
                RefusalCode.EXISTS, "The diff is for a new file, but the file exists; write a diff against what stands there.", edit.path
            )
        return read.content
    if old is None:
        raise EditRefused(
            RefusalCode.MISSING, "The file does not exist, so it cannot be patched; use `create`, or the right path.", edit.path
        )
    if isinstance(read, Delete):
        _judge_deletion(read, old)
        return None
    return patched(old, read)


def _with_hunks(path: str, diff: str, old: str) -> str:
    read = read_hunks(path, diff)
    if isinstance(read, (Create, Delete)):
        raise EditRefused(RefusalCode.DIFF_NAMES, "The diff renames the file and makes or deletes it too; do one thing.", path)
    return patched(old, read)


def _judge_deletion(edit: Delete, old: str) -> None:
    """A diff that deletes has to remove what stands there, all of it; a plain `delete` says enough."""
    if not edit.diff:
        return
    read = read_hunks(edit.path, edit.diff)
    if not isinstance(read, tuple) or not removes_all(old, read):
        raise EditRefused(
            RefusalCode.STALE_DELETE,
            "The diff deletes the file, but does not remove all that stands there; use the action `delete`.",
            edit.path,
        )
