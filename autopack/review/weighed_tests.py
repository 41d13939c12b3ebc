"""What the auditor is told of tests that a change touches: labels in our own words, each with sentences that hold names of others."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from autopack.core.test_runs import NewTests, OldTests

_SHOWN: Final = 20


@dataclass(frozen=True)
class WeighedTests:
    """``new`` is None where the candidate's tests were not run over the parent's sources."""

    old: OldTests = field(default_factory=OldTests)
    new: NewTests | None = None


def told_tests(tests: WeighedTests, *, must_name: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(label, sentences); ``must_name``: the auditor has to name the criterion that demands each changed test."""
    old, new = tests.old, tests.new
    if old.touched:
        passing = "all pass" if not old.changed else "not all pass"
        yield (
            f"The change touches tests, their data or a runner's settings. The tests as they were, run on the new code: {passing}. Touched",
            old.touched,
        )
    if old.not_allowed:
        ask = (
            ' Answer each in "changed_tests" with its number as "test" and the number of the criterion that demands it' if must_name else ""
        )
        label = f"Changed, which passed before; judge whether the task asks for each.{ask}"
        yield label, tuple(f"{number}. {test.sentence}" for number, test in enumerate(old.not_allowed, 1))
    allowed = tuple(f"{test.sentence} ({test.allowed})" for test in old.changed if test.allowed is not None)
    if allowed:
        yield "Changed where that is allowed; judge whether the task asks for each", allowed
    if old.gone:
        yield "Passed before, hold on the new code, and are no longer among the tests; judge whether others say the same", old.gone
    if new is not None and new.fail_without:
        yield "Pass with the change and not without it, which shows that they test it", new.fail_without
    if new is not None and new.pass_without:
        yield "New, and pass without the change too", new.pass_without


def shown(sentences: tuple[str, ...], most: int = _SHOWN) -> tuple[str, ...]:
    more = len(sentences) - most
    return (*sentences[:most], f"and {more:,} more") if more > 0 else sentences
