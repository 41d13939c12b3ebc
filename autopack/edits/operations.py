"""Structured operations put into a text: each at its one place in the text as it was shown, all of them together."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from autopack.edits.lines import content_lines, split
from autopack.edits.match.forms import FORMS, formed
from autopack.edits.match.index import FileIndex
from autopack.edits.model import EditRefused, Operation
from autopack.edits.quote import numbers, quoted
from autopack.edits.rebuild import LineChange, rebuilt

_PLACES_MAX: Final = 50


class Span(NamedTuple):
    """Lines ``start`` to ``end`` of the file (0-based, end excluded)."""

    start: int
    end: int


class Context(NamedTuple):
    """The lines that are to stand just before and just after the range."""

    before: tuple[str, ...]
    after: tuple[str, ...]


def operated(text: str, operations: Sequence[Operation]) -> str:
    """Gives the text with all operations made.

    Raises:
        EditRefused: without a path; code ``range``, ``not_found``, ``ambiguous``, ``overlap`` or ``no_change``.
    """
    before = split(text)
    index = FileIndex(before.bodies)
    changes = [_change(operation, number, index) for number, operation in enumerate(operations, start=1)]
    return rebuilt(before, changes)


def _change(operation: Operation, number: int, index: FileIndex) -> LineChange:
    named = f"operation {number} ({operation.type})"
    content = operation.content or ""
    lines = content_lines(content)
    span = _span(operation, named, index)
    if not lines and span.start == span.end:
        raise EditRefused("no_change", f"{_capital(named)} adds nothing; give it content.")
    final_newline = True if content.endswith("\n") else (False if len(index) == 0 else None)
    return LineChange(span.start, span.end, lines, named, is_ordered=True, final_newline=final_newline if lines else None)


def _span(operation: Operation, named: str, index: FileIndex) -> Span:
    """The one place of the operation: by its numbers where the context agrees, else by its context."""
    context = Context(tuple(content_lines(operation.context_before or "")), tuple(content_lines(operation.context_after or "")))
    numbered = _numbered(operation, named, index)
    if not context.before and not context.after:
        if numbered is None:
            raise EditRefused(
                "range", f"{_capital(named)} says neither at which line nor between which lines; give line numbers or context."
            )
        _judge_range(numbered, named, index)
        return numbered
    length = 0 if operation.type in ("insert", "append", "prepend") else (None if numbered is None else numbered.end - numbered.start)
    is_fixed = operation.type in ("append", "prepend")
    for form in range(len(FORMS)):
        wanted = Context(tuple(formed(context.before, form)), tuple(formed(context.after, form)))
        if numbered is not None and _stands(wanted, numbered, index, form):
            return numbered
        spans = [] if is_fixed else _spans(wanted, length, index, form)
        if len(spans) > 1:
            raise _ambiguous(named, spans, numbered)
        if spans:
            return spans[0]
    raise _not_found(named, context, numbered, index)


def _numbered(operation: Operation, named: str, index: FileIndex) -> Span | None:
    match operation.type:
        case "append":
            return Span(len(index), len(index))
        case "prepend":
            return Span(0, 0)
        case "insert":
            return None if operation.line is None else Span(operation.line - 1, operation.line - 1)
    if operation.start_line is None:
        return None
    last = operation.start_line if operation.end_line is None else operation.end_line
    if operation.start_line < 1 or last < operation.start_line:
        raise EditRefused(
            "range",
            f"{_capital(named)} has the range {operation.start_line} to {last}; lines count from 1, and the end is not before the start.",
        )
    return Span(operation.start_line - 1, last)


def _judge_range(span: Span, named: str, index: FileIndex) -> None:
    if span.start < 0 or span.end > len(index):
        where = f"line {span.start + 1}" if span.start >= span.end - 1 else f"lines {span.start + 1} to {span.end}"
        raise EditRefused(
            "range", f"{_capital(named)} is about {where}, but the file has {len(index)} lines; count in the file as it was shown."
        )


def _stands(context: Context, span: Span, index: FileIndex, form: int) -> bool:
    """Says whether the context, in that form already, stands round the span."""
    if span.start < 0 or span.end > len(index):
        return False
    before = not context.before or index.stands_at(context.before, span.start - len(context.before), form)
    return before and (not context.after or index.stands_at(context.after, span.end, form))


def _spans(context: Context, length: int | None, index: FileIndex, form: int) -> list[Span]:
    """The places that the context leaves for a range of that length; of any length between both contexts where it is not known."""
    if length is not None:
        if context.before:
            starts = [place + len(context.before) for place in index.places(context.before, form, _PLACES_MAX)]
        else:
            starts = [place - length for place in index.places(context.after, form, _PLACES_MAX)]
        spans = [Span(start, start + length) for start in starts]
        return [span for span in spans if _stands(context, span, index, form)]
    if not context.before or not context.after:
        return []
    starts = [place + len(context.before) for place in index.places(context.before, form, _PLACES_MAX)]
    ends = index.places(context.after, form, _PLACES_MAX)
    return [Span(start, end) for start in starts for end in ends if start < end]


def _ambiguous(named: str, spans: Sequence[Span], numbered: Span | None) -> EditRefused:
    given = "and it gives no line number" if numbered is None else "and its line number names none of them"
    return EditRefused(
        "ambiguous",
        f"The context of {named} fits at {numbers([span.start for span in spans])}, {given}; give more context or the exact number.",
    )


def _not_found(named: str, context: Context, numbered: Span | None, index: FileIndex) -> EditRefused:
    if numbered is not None:
        for at, line in _expected(context, numbered):
            if not 0 <= at < len(index):
                return EditRefused(
                    "not_found", f"{_capital(named)} expects {quoted(line)} at line {at + 1}, but the file has {len(index)} lines."
                )
            if formed([line], 3) != formed([index.lines[at]], 3):
                return EditRefused(
                    "not_found",
                    f"Line {at + 1} is {quoted(index.lines[at])}, {named} expects {quoted(line)} there; copy the context from the file as it is.",
                )
    return EditRefused(
        "not_found", f"The context of {named} does not stand in the file; copy it from the file as it is, or give line numbers only."
    )


def _expected(context: Context, span: Span) -> Iterator[tuple[int, str]]:
    """The context lines and where they should be, the nearest first."""
    for distance, line in enumerate(reversed(context.before)):
        yield span.start - 1 - distance, line
    for distance, line in enumerate(context.after):
        yield span.end + distance, line


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
