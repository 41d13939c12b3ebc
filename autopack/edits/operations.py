"""Structured operations put into a text: each at its one place in the text as it was shown, all of them together."""

from collections.abc import Sequence

from autopack.edits.lines import content_lines, split
from autopack.edits.match.index import FileIndex
from autopack.edits.model import EditRefused, Operation
from autopack.edits.operation_place import place_of
from autopack.edits.rebuild import LineChange, rebuilt


def operated(text: str, operations: Sequence[Operation]) -> str:
    """Gives the text with all operations made.

    Raises:
        EditRefused: without a path; code ``range``, ``not_found``, ``ambiguous``, ``overlap``, ``no_change`` or ``too_much_work``.
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
        raise EditRefused("no_change", f"O{named[1:]} adds nothing; give it content.")
    return LineChange(span.start, span.end, lines, named, is_ordered=True, final_newline=_final_newline(content, index))


def _final_newline(content: str, index: FileIndex) -> bool | None:
    """Content that ends in a newline gives the file one if it comes to its end; else the file's end stays as it is."""
    if content.endswith("\n"):
        return True
    return False if content and len(index) == 0 else None
