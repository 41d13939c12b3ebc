"""Applies a reply or a diff to a directory: judges names, path gate, placement and content, then writes all files or none."""

import os
from collections.abc import Iterable, Mapping, Sequence

from autopack.core.refusal import RefusalCode
from autopack.core.scope import Scope
from autopack.core.text import Decoded, EncodingError, encode
from autopack.edits import AcceptedEdits, EditRefused, EditSet, apply_edit_set, read_diff, read_reply
from autopack.edits.content import judge_result
from autopack.edits.paths import judge_path, judge_paths, touched_paths
from autopack.worktree.disk_files import DiskFile, names_alike, opened_root, read_file
from autopack.worktree.disk_writes import DiskChange, write_all
from autopack.worktree.editable import text_for
from autopack.worktree.path_gate import DiskEntries, judge_entries

Root = str | os.PathLike[str]


def apply_reply_to(root: Root, reply: str | bytes, *, scope: Sequence[str] | None = None, read_only: Sequence[str] = ()) -> list[str]:
    """Applies a builder's reply to a directory and gives the changed paths.

    Args:
        root: the directory; it may be reached through a link, nothing below it may.
        reply: as the model gave it.
        scope: entries as in a plan's ``scope.paths``; ``None`` is the whole directory less the protected paths.
        read_only: entries as in ``scope.read_only_context``.

    Raises:
        EditRefused: nothing was changed.
        EnvironmentBlockedError: the disk refused, nothing was changed.
    """
    return _apply(root, read_reply(reply), _scope(scope, read_only))


def apply_diff_to(root: Root, diff: str, *, scope: Sequence[str] | None = None, read_only: Sequence[str] = ()) -> list[str]:
    """Applies a unified diff to a directory and gives the changed paths; arguments and errors as ``apply_reply_to``."""
    return _apply(root, read_diff(diff), _scope(scope, read_only))


def _scope(paths: Sequence[str] | None, read_only: Sequence[str]) -> Scope:
    return Scope(None if paths is None else tuple(paths), tuple(read_only))


def _apply(root: Root, edit_set: EditSet, scope: Scope) -> list[str]:
    if edit_set.blocked is not None:
        raise EditRefused(RefusalCode.BLOCKED, f"The builder cannot go on ({edit_set.blocked.kind}): {edit_set.blocked.message}")
    touched = touched_paths(edit_set)
    for path in touched:
        judge_path(path, scope)
    with opened_root(root) as root_fd:
        judge_entries(touched, DiskEntries(root))
        existing = names_alike(root_fd, touched)
        judge_paths(edit_set, scope, existing)
        files = {path: file for path in touched if (file := read_file(root_fd, path)) is not None}
        texts = _texts(edit_set, files)
        accepted = apply_edit_set(edit_set, {path: decoded.text for path, decoded in texts.items()}, scope, existing)
        _judge_results(accepted)
        changes = list(_changes(accepted, files, texts))
        if not changes:
            raise EditRefused(RefusalCode.NO_CHANGE, "The reply changes nothing; every file would stay as it is.")
        write_all(root_fd, changes)
    return sorted(change.path for change in changes)


def _texts(edit_set: EditSet, files: Mapping[str, DiskFile]) -> dict[str, Decoded]:
    """The texts of the files that exist."""
    return {edit.path: text_for(edit, files[edit.path].data) for edit in edit_set.files if edit.path in files}


def _judge_results(accepted: AcceptedEdits) -> None:
    for path, after in accepted.after.items():
        before = accepted.before.get(accepted.renames.get(path, path))
        if after is not None and after != before:
            judge_result(path, before, after)


def _changes(accepted: AcceptedEdits, files: Mapping[str, DiskFile], texts: Mapping[str, Decoded]) -> Iterable[DiskChange]:
    for path in sorted({*accepted.after, *accepted.executable}):
        there, source = files.get(path), files.get(accepted.renames.get(path, path))
        expected = None if there is None else there.identity
        if path in accepted.after and accepted.after[path] is None:
            yield DiskChange(path, None, expected)
            continue
        data = there.data if there is not None and path not in accepted.after else _encoded(accepted, path, texts)
        change = DiskChange(path, data, expected, None if source is None else source.permissions, accepted.executable.get(path))
        if there is None or data != there.data or change.new_permissions(there.permissions) != there.permissions:
            yield change


def _encoded(accepted: AcceptedEdits, path: str, texts: Mapping[str, Decoded]) -> bytes:
    origin = accepted.renames.get(path, path)
    try:
        return encode(accepted.after[path] or "", texts[origin].encoding if origin in texts else "utf-8")
    except EncodingError as error:
        raise EditRefused(RefusalCode.ENCODING, str(error), path) from error
