"""Draws what running old and new tests showed of a change, with both outputs side by side where a test is changed."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

from rich.text import Text

from autopack.cli.printable import few_lines
from autopack.cli.screens.prose import INDENT, labelled, sentence
from autopack.core.test_runs import NewTests, OldTests

_TESTS: Final = 8
_LINES: Final = 24
_WIDE_ENOUGH: Final = 100
_PIPE: Final = 200


def weighed_lines(old: OldTests, new: NewTests | None, which: str, width: int | None) -> Iterator[Text]:
    """``which`` names the attempt where it is not the last one; ``width`` None: for a pipe."""
    counted = f"{len(old.changed)} changed, {len(old.gone)} gone" if old.changed or old.gone else "the old ones pass on the new code"
    yield labelled("tests", f"{counted}{which}")
    for test in old.changed[:_TESTS]:
        allowed = f" (allowed: {test.allowed})" if test.allowed else ""
        yield from sentence("", f"! {test.sentence}{allowed}", width, lines=2, style="" if test.allowed else "yellow")
    if len(old.changed) > _TESTS:
        yield from sentence("", f"… {len(old.changed) - _TESTS} more changed", width, style="dim")
    yield from _named("gone, though the old ones pass", old.gone, width)
    if new is not None:
        yield from _named("fail without the change", new.fail_without, width)
        yield from _named("pass without the change", new.pass_without, width)
    if old.not_allowed and old.before:
        yield from _beside(old, width)


def _named(title: str, tests: tuple[str, ...], width: int | None) -> Iterator[Text]:
    if tests:
        more = f", … {len(tests) - _TESTS} more" if len(tests) > _TESTS else ""
        yield from sentence("", f"{title}: {', '.join(tests[:_TESTS])}{more}", width, style="dim")


def _beside(old: OldTests, width: int | None) -> Iterator[Text]:
    """Two columns where there is room for them, else one output below the other."""
    heads = "the old tests on the new code", "the new tests on the new code"
    if width is None or width < _WIDE_ENOUGH:
        room = (width or _PIPE) - len(INDENT)
        for head, text in zip(heads, (old.before, old.after), strict=True):
            yield Text(f"{INDENT}{head}:", style="bold")
            yield from (Text(f"{INDENT}{line}", style="dim") for line in few_lines(text, _LINES, room))
        return
    room = (width - len(INDENT) - 3) // 2
    left, right = (few_lines(text, _LINES, room) for text in (old.before, old.after))
    yield Text.assemble(INDENT, (heads[0].ljust(room), "bold"), " │ ", (heads[1], "bold"))
    for one, other in zip_longest(left, right, fillvalue=""):
        yield Text(f"{INDENT}{one.ljust(room)} │ {other}", style="dim")
