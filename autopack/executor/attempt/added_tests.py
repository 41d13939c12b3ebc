"""Finds the tests that earlier phases of a run added: those of ``expect: red`` phases, and those that a later phase may change."""

from collections.abc import Iterator
from dataclasses import dataclass

from autopack.core.checking import CheckReport
from autopack.core.plan import PhaseSpec, Plan
from autopack.core.step_names import StepName, all_laps
from autopack.core.test_runs import OldTests
from autopack.executor.run_context import State
from autopack.store.steps import steps_of


@dataclass(frozen=True)
class Added:
    """Ids, and files that count as tests, of phases that have landed without taking a test away."""

    tests: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()


def added_red(plan: Plan, state: State) -> frozenset[str]:
    """The ids that ``expect: red`` phases added: no parent's redness forgives them."""
    found: set[str] = set()
    for _, steps in _landed(plan, state, expect="red"):
        for text in all_laps(steps, StepName.CHECK):
            found.update(CheckReport.model_validate_json(text).added_red)
    return frozenset(found)


def added_tests(plan: Plan, state: State) -> Added:
    """What other phases added. No later phase may change the tests that an ``expect: red`` phase added."""
    tests: set[str] = set()
    files: set[str] = set()
    for phase, steps in _landed(plan, state):
        ran = all_laps(steps, StepName.OLD_TESTS)
        if ran:
            old = OldTests.model_validate_json(ran[-1])
            tests.update(old.added)
            files.update(old.added_files if phase.ci.expect == "green" else ())
    return Added(frozenset(tests), frozenset(files))


def _landed(plan: Plan, state: State, expect: str | None = None) -> Iterator[tuple[PhaseSpec, dict[str, str]]]:
    for phase in plan.phases:
        last = state.phases.last_attempt(phase.id) if expect in (None, phase.ci.expect) else None
        if last is not None and last.outcome == "complete":
            yield phase, steps_of(state.database, state.run_id, phase.id, last.number)
