"""A builder's reply into an EditSet: its shape is judged here, nothing against files."""

from collections.abc import Callable, Mapping
from typing import Any, Final, get_args

from autopack.edits.model import (
    Blocked,
    BlockedKind,
    Create,
    Delete,
    Edit,
    EditRefused,
    EditSet,
    FileEdit,
    Operation,
    Patch,
    Rename,
    Replace,
)
from autopack.edits.strict_json import judge_text, read_object

FILES_MAX: Final = 500
OPERATIONS_MAX: Final = 2000
FILE_BYTES_MAX: Final = 2 * 1024 * 1024
LINE_MAX: Final = 2**31
_TOP_KEYS: Final = frozenset({"summary", "files", "blocked", "confidence"})
_FILE_KEYS: Final = frozenset({"path", "action", "content", "diff", "operations", "to"})
_OPERATION_KEYS: Final = frozenset({"type", "content", "line", "start_line", "end_line", "context_before", "context_after"})
_BLOCKED_KEYS: Final = frozenset({"kind", "message", "paths"})

Json = Mapping[str, Any]


def read_reply(reply: str | bytes, *, cut: bool = False) -> EditSet:
    """Reads a reply.

    Args:
        reply: the text as it came.
        cut: the provider's stop reason said that the reply did not end by itself.

    Raises:
        EditRefused: code ``cut``, ``too_large``, ``encoding``, ``not_json``, ``shape`` or ``too_many``.
    """
    if cut:
        raise EditRefused("cut", "The reply was cut short at the output limit; change less at once, with edit operations in place of whole files.")
    data = read_object(reply)
    _judge_keys(data, _TOP_KEYS, "the reply")
    summary = _text(data, "summary", "the reply") or ""
    blocked = None if data.get("blocked") is None else _blocked(data["blocked"])
    files = [] if blocked is not None and data.get("files") is None else data.get("files")
    if not isinstance(files, list):
        raise EditRefused("shape", "The reply has no list `files`; give one, empty only together with `blocked`.")
    if len(files) > FILES_MAX:
        raise EditRefused("too_many", f"The reply names {len(files)} files; at most {FILES_MAX} are taken at once.")
    if blocked is not None and files:
        raise EditRefused("shape", "The reply gives both `files` and `blocked`; give one of them.")
    edits = tuple(_file(entry, number) for number, entry in enumerate(files, start=1))
    count = sum(len(edit.operations) for edit in edits if isinstance(edit, Edit))
    if count > OPERATIONS_MAX:
        raise EditRefused("too_many", f"The reply holds {count} operations; at most {OPERATIONS_MAX} are taken at once.")
    return EditSet(summary, edits, blocked)


def _file(entry: object, number: int) -> FileEdit:
    where = f"file {number}"
    data = _mapping(entry, where)
    _judge_keys(data, _FILE_KEYS, where)
    path = _text(data, "path", where)
    if not path:
        raise EditRefused("shape", f"{_capital(where)} has no `path`; give one, relative to the repository's root.")
    action = data.get("action")
    read = _ACTIONS.get(action) if isinstance(action, str) else None
    if read is None:
        raise EditRefused("shape", f"The action {str(action)[:80]!r} is none of {', '.join(_ACTIONS)}.", path)
    return read(path, data)


def _create(path: str, data: Json) -> FileEdit:
    _judge_only(data, {"content"}, path)
    return Create(path, _content(data, path))


def _replace(path: str, data: Json) -> FileEdit:
    _judge_only(data, {"content"}, path)
    return Replace(path, _content(data, path))


def _patch(path: str, data: Json) -> FileEdit:
    _judge_only(data, {"diff"}, path)
    diff = _text(data, "diff", "the file", path)
    if not diff:
        raise EditRefused("shape", "The action `patch` needs a `diff`; give hunks that begin with `@@`.", path)
    return Patch(path, _sized(diff, path))


def _edit(path: str, data: Json) -> FileEdit:
    _judge_only(data, {"operations"}, path)
    operations = data.get("operations")
    if not isinstance(operations, list) or not operations:
        raise EditRefused("shape", "The action `edit` needs a list `operations` with at least one operation.", path)
    if len(operations) > OPERATIONS_MAX:
        raise EditRefused("too_many", f"There are {len(operations)} operations; at most {OPERATIONS_MAX} are taken at once.", path)
    return Edit(path, tuple(_operation(entry, number, path) for number, entry in enumerate(operations, start=1)))


def _delete(path: str, data: Json) -> FileEdit:
    _judge_only(data, set(), path)
    return Delete(path)


def _rename(path: str, data: Json) -> FileEdit:
    _judge_only(data, {"to"}, path)
    to = _text(data, "to", "the file", path)
    if not to or to == path:
        raise EditRefused("shape", "The action `rename` needs `to`, the new path, which is not the old one.", path)
    return Rename(path, to)


_ACTIONS: Final[Mapping[str, Callable[[str, Json], FileEdit]]] = {
    "create": _create,
    "replace": _replace,
    "patch": _patch,
    "edit": _edit,
    "delete": _delete,
    "rename": _rename,
}


def _operation(entry: object, number: int, path: str) -> Operation:
    where = f"operation {number}"
    data = _mapping(entry, where, path)
    _judge_keys(data, _OPERATION_KEYS, where, path)
    kind = data.get("type")
    if kind not in ("insert", "replace", "delete", "append", "prepend"):
        raise EditRefused("shape", f"{_capital(where)} has the type {str(kind)[:80]!r}; use insert, replace, delete, append or prepend.", path)
    content = _text(data, "content", where, path)
    if content is None and kind != "delete":
        raise EditRefused("shape", f"{_capital(where)} ({kind}) has no `content`.", path)
    if content and kind == "delete":
        raise EditRefused("shape", f"{_capital(where)} (delete) has content; use `replace` to put lines in place of others.", path)
    operation = Operation(
        type=kind,
        content=None if content is None or kind == "delete" else _sized(content, path),
        line=_line(data, "line", where, path),
        start_line=_line(data, "start_line", where, path),
        end_line=_line(data, "end_line", where, path),
        context_before=_text(data, "context_before", where, path),
        context_after=_text(data, "context_after", where, path),
    )
    _judge_lines(operation, where, path)
    return operation


def _judge_lines(operation: Operation, where: str, path: str) -> None:
    has_range = operation.start_line is not None or operation.end_line is not None
    if operation.type in ("replace", "delete"):
        if operation.line is not None:
            raise EditRefused("shape", f"{_capital(where)} ({operation.type}) has `line`; give `start_line` and `end_line`.", path)
        if operation.start_line is None and operation.end_line is not None:
            raise EditRefused("shape", f"{_capital(where)} ({operation.type}) has `end_line` without `start_line`.", path)
    elif has_range:
        raise EditRefused("shape", f"{_capital(where)} ({operation.type}) has a range of lines; `insert` takes `line`, the others no number.", path)
    elif operation.line is not None and operation.type != "insert":
        raise EditRefused("shape", f"{_capital(where)} ({operation.type}) takes no line; use `insert` for a certain line.", path)


def _blocked(value: object) -> Blocked:
    data = _mapping(value, "`blocked`")
    _judge_keys(data, _BLOCKED_KEYS, "`blocked`")
    kind = data.get("kind")
    if kind not in get_args(BlockedKind):
        raise EditRefused("shape", f"`blocked` has the kind {str(kind)[:80]!r}; use one of {', '.join(get_args(BlockedKind))}.")
    paths = data.get("paths") or []
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths) or len(paths) > FILES_MAX:
        raise EditRefused("shape", "The `paths` of `blocked` are not a list of paths.")
    return Blocked(kind, _text(data, "message", "`blocked`") or "", tuple(paths))


def _content(data: Json, path: str) -> str:
    content = _text(data, "content", "the file", path)
    if content is None:
        raise EditRefused("shape", f"The action `{data['action']}` needs `content`, the whole text of the file.", path)
    return _sized(content, path)


def _sized(text: str, path: str) -> str:
    if len(text) > FILE_BYTES_MAX or len(text.encode()) > FILE_BYTES_MAX:
        raise EditRefused("too_large", f"The text is larger than {FILE_BYTES_MAX:,} bytes, the most that is taken for one file.", path)
    return text


def _mapping(value: object, where: str, path: str | None = None) -> Json:
    if not isinstance(value, dict):
        raise EditRefused("shape", f"{_capital(where)} is not a JSON object.", path)
    return value


def _text(data: Json, key: str, where: str, path: str | None = None) -> str | None:
    value = data.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise EditRefused("shape", f"The `{key}` of {where} is not a string.", path)
    judge_text(value, f"`{key}` of {where}", path)
    return value


def _line(data: Json, key: str, where: str, path: str) -> int | None:
    value = data.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise EditRefused("shape", f"The `{key}` of {where} is not a whole number.", path)
    if not 1 <= value < LINE_MAX:
        raise EditRefused("range", f"The `{key}` of {where} is {value if abs(value) < LINE_MAX else 'out of range'}; lines count from 1.", path)
    return value


def _judge_keys(data: Json, known: frozenset[str], where: str, path: str | None = None) -> None:
    unknown = sorted(set(data) - known)
    if unknown:
        raise EditRefused("shape", f"{_capital(where)} has the unknown key {unknown[0][:80]!r}; known are {', '.join(sorted(known))}.", path)


def _judge_only(data: Json, wanted: set[str], path: str) -> None:
    """Refuses what belongs to another action; null counts as absent, as strict output schemas fill every key."""
    other = sorted(key for key, value in data.items() if value is not None and key not in {"path", "action", *wanted})
    if other:
        raise EditRefused("shape", f"The action `{data['action']}` takes no `{other[0]}`; give the file the action that fits.", path)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
