"""Structured operations put into a text: each at its one place in the text as it was shown, all of them together."""

from collections.abc import Sequence
from typing import Final

from autopack.core.refusal import RefusalCode
from autopack.edits.lines import content_lines, split
from autopack.edits.match.forms import TRAILING_SPACE, formed
from autopack.edits.match.index import FileIndex
from autopack.edits.model import EditRefused, Operation
from autopack.edits.operation_place import Span, place_of
from autopack.edits.rebuild import LineChange, rebuilt

TELLING_CHARACTERS_MIN: Final = 20


def operated(text: str, operations: Sequence[Operation]) -> str:
    """Gives the text with all operations made.

    Raises:
        EditRefused: without a path; code ``range``, ``not_found``, ``ambiguous``, ``overlap``, ``no_change``,
            ``already_applied`` or ``too_much_work``.
    """
    before = split(text)
    index = FileIndex(before.bodies)
    return rebuilt(before, [_change(operation, number, index) for number, operation in enumerate(operations, start=1)])


def _change(operation: Operation, number: int, index: FileIndex) -> LineChange:
    named = f"operation {number} ({operation.type})"
    content = operation.content or ""
    lines = content_lines(content)
    span = place_of(operation, named, index)
    if not lines and span.start == span.end:
        raise EditRefused(RefusalCode.NO_CHANGE, f"O{named[1:]} adds nothing; give it content.")
    _judge_done(lines, span, named, index)
    return LineChange(span.start, span.end, lines, named, is_ordered=True, final_newline=_final_newline(content, index))


def _judge_done(lines: Sequence[str], span: Span, named: str, index: FileIndex) -> None:
    """Refuses lines that stand just there already, if they are more than they replace, and enough not to be repeated on purpose."""
    if len(lines) <= span.end - span.start or sum(len(line.strip()) for line in lines) < TELLING_CHARACTERS_MIN:
        return
    new = formed(lines, TRAILING_SPACE)
    for place in (span.start, span.end - len(lines)):
        if index.stands_at(new, place, TRAILING_SPACE):
            reason = f"What {named} gives already stands at line {place + 1}; leave the operation out"
            raise EditRefused(RefusalCode.ALREADY_APPLIED, f"{reason}.")


def _final_newline(content: str, index: FileIndex) -> bool | None:
    """Content that ends in a newline gives the file one if it comes to its end, lines taken out leave the ones before as they are."""
    if not content or content.endswith("\n"):
        return True
    return False if len(index) == 0 else None
