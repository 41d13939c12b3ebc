"""A builder's reply into an EditSet: its shape is judged here, nothing against files."""

from collections.abc import Callable, Mapping
from typing import Final, get_args

from autopack.core.refusal import RefusalCode
from autopack.edits.model import (
    Blocked,
    BlockedKind,
    Create,
    Delete,
    Edit,
    EditRefused,
    EditSet,
    FileEdit,
    Patch,
    Rename,
    Replace,
    Take,
)
from autopack.edits.reply_fields import Json, capital, judge_keys, judge_only, mapping, sized, text
from autopack.edits.reply_operations import read_operation
from autopack.edits.strict_json import read_object

FILES_MAX: Final = 500
OPERATIONS_MAX: Final = 2000
_TOP_KEYS: Final = frozenset({"summary", "files", "blocked", "confidence"})
_FILE_KEYS: Final = frozenset({"path", "action", "content", "diff", "operations", "to"})
_BLOCKED_KEYS: Final = frozenset({"kind", "message", "paths"})


def read_reply(reply: str | bytes, *, cut: bool = False) -> EditSet:
    """Reads a reply.

    Args:
        reply: the text as it came.
        cut: the provider's stop reason said that the reply did not end by itself.

    Raises:
        EditRefused: code ``cut``, ``too_large``, ``encoding``, ``not_json``, ``shape`` or ``too_many``.
    """
    if cut:
        raise EditRefused(
            RefusalCode.CUT,
            "The reply was cut short at the output limit; change less at once, with edit operations in place of whole files.",
        )
    data = read_object(reply)
    judge_keys(data, _TOP_KEYS, "the reply")
    summary = text(data, "summary", "the reply") or ""
    blocked = None if data.get("blocked") is None else _blocked(data["blocked"])
    files = [] if blocked is not None and data.get("files") is None else data.get("files")
    if not isinstance(files, list):
        raise EditRefused(RefusalCode.SHAPE, "The reply has no list `files`; give one, empty only together with `blocked`.")
    if len(files) > FILES_MAX:
        raise EditRefused(RefusalCode.TOO_MANY, f"The reply names {len(files)} files; at most {FILES_MAX} are taken at once.")
    if blocked is not None and files:
        raise EditRefused(RefusalCode.SHAPE, "The reply gives both `files` and `blocked`; give one of them.")
    edits = tuple(_file(entry, number) for number, entry in enumerate(files, start=1))
    count = sum(len(edit.operations) for edit in edits if isinstance(edit, Edit))
    if count > OPERATIONS_MAX:
        raise EditRefused(RefusalCode.TOO_MANY, f"The reply holds {count} operations; at most {OPERATIONS_MAX} are taken at once.")
    return EditSet(summary, edits, blocked)


def _file(entry: object, number: int) -> FileEdit:
    where = f"file {number}"
    data = mapping(entry, where)
    judge_keys(data, _FILE_KEYS, where)
    path = text(data, "path", where)
    if not path:
        raise EditRefused(RefusalCode.SHAPE, f"{capital(where)} has no `path`; give one, relative to the repository's root.")
    action = data.get("action")
    read = _ACTIONS.get(action) if isinstance(action, str) else None
    if read is None:
        raise EditRefused(RefusalCode.SHAPE, f"The action {str(action)[:80]!r} is none of {', '.join(_ACTIONS)}.", path)
    return read(path, data)


def _create(path: str, data: Json) -> FileEdit:
    judge_only(data, {"content"}, path)
    return Create(path, _content(data, path))


def _replace(path: str, data: Json) -> FileEdit:
    judge_only(data, {"content"}, path)
    return Replace(path, _content(data, path))


def _patch(path: str, data: Json) -> FileEdit:
    judge_only(data, {"diff"}, path)
    diff = text(data, "diff", "the file", path)
    if not diff:
        raise EditRefused(RefusalCode.SHAPE, "The action `patch` needs a `diff`; give hunks that begin with `@@`.", path)
    return Patch(path, sized(diff, path))


def _edit(path: str, data: Json) -> FileEdit:
    judge_only(data, {"operations"}, path)
    operations = data.get("operations")
    if not isinstance(operations, list) or not operations:
        raise EditRefused(RefusalCode.SHAPE, "The action `edit` needs a list `operations` with at least one operation.", path)
    if len(operations) > OPERATIONS_MAX:
        raise EditRefused(
            RefusalCode.TOO_MANY, f"There are {len(operations)} operations; at most {OPERATIONS_MAX} are taken at once.", path
        )
    return Edit(path, tuple(read_operation(entry, number, path) for number, entry in enumerate(operations, start=1)))


def _delete(path: str, data: Json) -> FileEdit:
    judge_only(data, set(), path)
    return Delete(path)


def _rename(path: str, data: Json) -> FileEdit:
    judge_only(data, {"to"}, path)
    to = text(data, "to", "the file", path)
    if not to or to == path:
        raise EditRefused(RefusalCode.SHAPE, "The action `rename` needs `to`, the new path, which is not the old one.", path)
    return Rename(path, to)


def _take(path: str, data: Json) -> FileEdit:
    judge_only(data, set(), path)
    return Take(path)


_ACTIONS: Final[Mapping[str, Callable[[str, Json], FileEdit]]] = {
    "create": _create,
    "replace": _replace,
    "patch": _patch,
    "edit": _edit,
    "delete": _delete,
    "rename": _rename,
    "take": _take,
}


def _blocked(value: object) -> Blocked:
    data = mapping(value, "`blocked`")
    judge_keys(data, _BLOCKED_KEYS, "`blocked`")
    kind = data.get("kind")
    kinds: tuple[BlockedKind, ...] = get_args(BlockedKind)
    known = next((known for known in kinds if known == kind), None)
    if known is None:
        raise EditRefused(RefusalCode.SHAPE, f"`blocked` has the kind {str(kind)[:80]!r}; use one of {', '.join(kinds)}.")
    paths = data.get("paths") or []
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths) or len(paths) > FILES_MAX:
        raise EditRefused(RefusalCode.SHAPE, "The `paths` of `blocked` are not a list of paths.")
    return Blocked(known, text(data, "message", "`blocked`") or "", tuple(paths))


def _content(data: Json, path: str) -> str:
    content = text(data, "content", "the file", path)
    if content is None:
        raise EditRefused(RefusalCode.SHAPE, f"The action `{data['action']}` needs `content`, the whole text of the file.", path)
    return sized(content, path)
