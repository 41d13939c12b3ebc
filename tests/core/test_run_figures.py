import pytest

from autopack.core.run_figures import figures_of
from autopack.core.status import BudgetStatus, FailureStatus, HeldStatus, PhaseStatus, WeighedStatus


def phase(name, state, **keys):
    return PhaseStatus(id=name, state=state, attempts=1, **keys)


def test_phases_and_tokens_are_counted():
    found = figures_of(
        [phase("a", "complete"), phase("b", "checking"), phase("c", "queued")], BudgetStatus(max_tokens=2_000, spent_tokens=500)
    )
    assert (found["current_phase"], found["total_phases"], found["completed_phases"], found["percent_complete"]) == ("b", 3, 1, 33.3)
    assert (found["tokens_used"], found["token_cap"], found["token_utilization"]) == (500, 2_000, 25.0)


def test_without_a_cap_there_is_no_utilization_and_without_phases_nothing_is_complete():
    found = figures_of([], BudgetStatus(spent_tokens=500))
    assert (found["token_cap"], found["token_utilization"], found["percent_complete"]) == (None, None, 0.0)
    assert (found["current_phase"], found["quality_level"], found["quality_blocked"]) == (None, None, False)


@pytest.mark.parametrize(
    ("one", "level", "warnings"),
    [
        (phase("a", "complete", quality_level="ok"), "ok", ()),
        (phase("a", "complete", quality_level="needs_review", risk=45), "needs_review", ("a needs review: a risk of 45 points.",)),
        (
            phase("a", "complete", quality_level="needs_review", tests=WeighedStatus(changed=2, gone=1)),
            "needs_review",
            ("a needs review: 2 tests changed, 1 gone.",),
        ),
        (
            phase("a", "held", quality_level="needs_review", held_because=HeldStatus(reason="gate", message="Look.")),
            "needs_review",
            ("a needs review: Look.",),
        ),
        (
            phase("a", "failed", quality_level="blocked", failure=FailureStatus(kind="checks_red", message="1 of 2 tests fails.")),
            "blocked",
            ("a is failed: 1 of 2 tests fails.",),
        ),
    ],
)
def test_the_worst_phase_says_the_level_and_each_that_is_not_ok_has_its_warning(one, level, warnings):
    found = figures_of([phase("z", "complete", quality_level="ok"), one], BudgetStatus())
    assert (found["quality_level"], found["quality_blocked"], found["quality_warnings"]) == (level, level == "blocked", warnings)
