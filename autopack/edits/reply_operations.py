"""The operations of an ``edit`` in a reply's JSON."""

from typing import Final

from autopack.core.refusal import RefusalCode
from autopack.edits.model import EditRefused, Operation
from autopack.edits.reply_fields import capital, judge_keys, line, mapping, sized, text

_KEYS: Final = frozenset({"type", "content", "line", "start_line", "end_line", "context_before", "context_after"})


def read_operation(entry: object, number: int, path: str) -> Operation:
    where = f"operation {number}"
    data = mapping(entry, where, path)
    judge_keys(data, _KEYS, where, path)
    kind = data.get("type")
    if kind not in ("insert", "replace", "delete", "append", "prepend"):
        raise EditRefused(
            RefusalCode.SHAPE, f"{capital(where)} has the type {str(kind)[:80]!r}; use insert, replace, delete, append or prepend.", path
        )
    content = text(data, "content", where, path)
    if content is None and kind != "delete":
        raise EditRefused(RefusalCode.SHAPE, f"{capital(where)} ({kind}) has no `content`.", path)
    if content and kind == "delete":
        raise EditRefused(RefusalCode.SHAPE, f"{capital(where)} (delete) has content; use `replace` to put lines in place of others.", path)
    operation = Operation(
        type=kind,
        content=None if content is None or kind == "delete" else sized(content, path),
        line=line(data, "line", where, path),
        start_line=line(data, "start_line", where, path),
        end_line=line(data, "end_line", where, path),
        context_before=text(data, "context_before", where, path),
        context_after=text(data, "context_after", where, path),
    )
    _judge_lines(operation, where, path)
    return operation


def _judge_lines(operation: Operation, where: str, path: str) -> None:
    has_range = operation.start_line is not None or operation.end_line is not None
    if operation.type in ("replace", "delete"):
        if operation.line is not None:
            raise EditRefused(RefusalCode.SHAPE, f"{capital(where)} ({operation.type}) has `line`; give `start_line` and `end_line`.", path)
        if operation.start_line is None and operation.end_line is not None:
            raise EditRefused(RefusalCode.SHAPE, f"{capital(where)} ({operation.type}) has `end_line` without `start_line`.", path)
    elif has_range:
        raise EditRefused(
            RefusalCode.SHAPE,
            f"{capital(where)} ({operation.type}) has a range of lines; `insert` takes `line`, the others no number.",
            path,
        )
    elif operation.line is not None and operation.type != "insert":
        raise EditRefused(RefusalCode.SHAPE, f"{capital(where)} ({operation.type}) takes no line; use `insert` for a certain line.", path)
