"""The tests that earlier phases of a run added, told from those that stood before."""

import pytest

from autopack.core.checking import CheckReport, CheckStatus
from autopack.core.step_names import StepName
from autopack.core.test_runs import OldTests
from autopack.core.transitions import PhaseEvent
from autopack.executor.attempt.added_tests import Added, added_red, added_tests
from autopack.executor.attempt.land import land
from autopack.executor.attempt.steps import Recording
from tests.support.command import phase_of
from tests.support.run_context import FIRST, opened

FOUND = OldTests(added=("test_a.py::test_new",), added_files=("test_a.py",))
RED = CheckReport(status=CheckStatus.GREEN, added_red=("test_a.py::test_wish",))


@pytest.fixture
def two(tmp_path):
    """A run of a phase that writes tests, which are to be red, and one that follows it."""
    with opened(tmp_path, phase_of("tests", ci={"command": "true", "expect": "red"}), phase_of("work")) as run:
        yield run


def landed(run, phase, report, old):
    """That phase on the branch with that report and what its old tests said."""
    step, candidate = run.candidate({"app.txt": f"{phase}\n"}, phase)
    step(StepName.OLD_TESTS, OldTests, lambda: old, lambda _: Recording())
    step(StepName.CHECK, CheckReport, lambda: report, lambda _: Recording(PhaseEvent.CHECKED))
    run.accepted(step)
    return land(run.site, step, FIRST, candidate, tuple)


def added(run):
    return added_tests(run.ctx.plan, run.ctx.state)


def test_nothing_is_added_before_anything_has_landed(two):
    step, _ = two.candidate({"app.txt": "x\n"}, "tests")
    step(StepName.OLD_TESTS, OldTests, lambda: FOUND, lambda _: Recording())
    assert (added(two), added_red(two.ctx.plan, two.ctx.state)) == (Added(), frozenset())


def test_what_a_phase_that_expects_red_added_is_known_and_its_files_stay_closed(two):
    landed(two, "tests", RED, FOUND)
    assert added(two) == Added(tests=frozenset(FOUND.added), files=frozenset())
    assert added_red(two.ctx.plan, two.ctx.state) == frozenset(RED.added_red)


def test_the_files_that_a_green_phase_added_may_be_changed_by_a_later_one(two):
    landed(two, "work", CheckReport(status=CheckStatus.GREEN, added_red=("not its own",)), FOUND)
    assert added(two) == Added(frozenset(FOUND.added), frozenset(FOUND.added_files))
    assert added_red(two.ctx.plan, two.ctx.state) == frozenset()
