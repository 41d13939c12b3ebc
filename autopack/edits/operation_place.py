"""The one place of a structured operation: by its numbers where the context agrees, else by its context alone."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from autopack.core.refusal import RefusalCode
from autopack.edits.lines import content_lines
from autopack.edits.match.forms import FORMS, WHITE_SPACE, formed
from autopack.edits.match.index import FileIndex
from autopack.edits.match.similarity import is_alike
from autopack.edits.model import EditRefused, Operation
from autopack.edits.quote import counted_lines, numbers, quoted

_PLACES_MAX: Final = 50  # so many places of a context without numbers are as good as none
_TIED_SHOWN: Final = 6
_LENGTHLESS: Final = ("insert", "append", "prepend")


class Span(NamedTuple):
    """Lines ``start`` to ``end`` of the file (0-based, end excluded)."""

    start: int
    end: int


class Context(NamedTuple):
    """The lines that are to stand just before and just after the span."""

    before: Sequence[str]
    after: Sequence[str]


def place_of(operation: Operation, named: str, index: FileIndex) -> Span:
    """Gives the lines that the operation replaces, none of them where it adds.

    Raises:
        EditRefused: code ``range``, ``not_found``, ``ambiguous`` or ``too_much_work``.
    """
    context = Context(content_lines(operation.context_before or ""), content_lines(operation.context_after or ""))
    numbered = _numbered(operation, named, index)
    if not context.before and not context.after:
        if numbered is None:
            raise EditRefused(
                RefusalCode.RANGE, f"{_capital(named)} says neither at which line nor between which lines; give line numbers or context."
            )
        _judge_range(numbered, named, index)
        return numbered
    length = 0 if operation.type in _LENGTHLESS else None
    if numbered is not None:
        length = numbered.end - numbered.start
    for form in range(len(FORMS)):
        wanted = Context(formed(context.before, form), formed(context.after, form))
        if numbered is not None and _stands(wanted, numbered, index, form):
            return numbered
        spans = [] if operation.type in ("append", "prepend") else _spans(wanted, length, index, form)
        if len(spans) > 1:
            raise _ambiguous(named, spans, numbered)
        if spans and numbered is not None and is_alike([(line, at) for at, line in _expected(wanted, numbered)], index, form):
            raise _contradicted(named, spans[0], numbered)
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
        reason = f"has the range {operation.start_line} to {last}; lines count from 1, and the end is not before the start"
        raise EditRefused(RefusalCode.RANGE, f"{_capital(named)} {reason}.")
    return Span(operation.start_line - 1, last)


def _judge_range(span: Span, named: str, index: FileIndex) -> None:
    if span.start < 0 or span.end > len(index):
        where = f"line {span.start + 1}" if span.start >= span.end - 1 else f"lines {span.start + 1} to {span.end}"
        reason = f"is about {where}, but the file has {counted_lines(len(index))}; count in the file as it was shown"
        raise EditRefused(RefusalCode.RANGE, f"{_capital(named)} {reason}.")


def _stands(context: Context, span: Span, index: FileIndex, form: int) -> bool:
    """Says whether the context, in that form already, stands round the span."""
    if span.start < 0 or span.end > len(index):
        return False
    before = not context.before or index.stands_at(context.before, span.start - len(context.before), form)
    return before and (not context.after or index.stands_at(context.after, span.end, form))


def _spans(context: Context, length: int | None, index: FileIndex, form: int) -> list[Span]:
    """Some of the places that the context leaves for a span of that length; of any length between its two parts if it is not known."""
    if length is None:
        if not context.before or not context.after:
            return []
        starts = [place + len(context.before) for place in islice(index.places(context.before, form), _PLACES_MAX)]
        ends = list(islice(index.places(context.after, form), _PLACES_MAX))
        spans = [Span(start, end) for start in starts for end in ends if start < end]
        return [] if _PLACES_MAX in (len(starts), len(ends)) else spans
    if context.before:
        starts_found = (place + len(context.before) for place in index.places(context.before, form))
    else:
        starts_found = (place - length for place in index.places(context.after, form))
    fitting = (span for start in starts_found if _stands(context, span := Span(start, start + length), index, form))
    return list(islice(fitting, _TIED_SHOWN))


def _ambiguous(named: str, spans: Sequence[Span], numbered: Span | None) -> EditRefused:
    reason = "it gives no line number" if numbered is None else "its line number names none of them"
    reason = f"fits at {numbers([span.start for span in spans])}, and {reason}; give more context or the exact number"
    return EditRefused(RefusalCode.AMBIGUOUS, f"The context of {named} {reason}.")


def _contradicted(named: str, span: Span, numbered: Span) -> EditRefused:
    return EditRefused(
        RefusalCode.AMBIGUOUS,
        f"The context of {named} fits at line {span.start + 1}, but at line {numbered.start + 1}, which its number names, nearly "
        "the same lines stand; copy the context from the place you mean.",
    )


def _not_found(named: str, context: Context, numbered: Span | None, index: FileIndex) -> EditRefused:
    for at, line in _expected(context, numbered) if numbered is not None else ():
        if not 0 <= at < len(index):
            reason = f"expects {quoted(line)} at line {at + 1}, but the file has {counted_lines(len(index))}"
            return EditRefused(RefusalCode.NOT_FOUND, f"{_capital(named)} {reason}.")
        if formed([line], WHITE_SPACE) != formed([index.lines[at]], WHITE_SPACE):
            reason = f"{named} expects {quoted(line)} there; copy the context from the file as it is"
            return EditRefused(RefusalCode.NOT_FOUND, f"Line {at + 1} is {quoted(index.lines[at])}, {reason}.")
    reason = "does not stand in the file; copy it from the file as it is, or give line numbers only"
    return EditRefused(RefusalCode.NOT_FOUND, f"The context of {named} {reason}.")


def _expected(context: Context, span: Span) -> Iterator[tuple[int, str]]:
    """The context lines and where they should be, the nearest first."""
    for distance, line in enumerate(reversed(context.before)):
        yield span.start - 1 - distance, line
    for distance, line in enumerate(context.after):
        yield span.end + distance, line


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
