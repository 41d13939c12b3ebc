import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopack.core.failure import FailureKind
from autopack.core.health import Health, is_near_limit, why_spent
from autopack.core.models_settings import HealthBudget

BUDGET = HealthBudget()
COUNTS = st.integers(0, 40)


@pytest.mark.parametrize(
    ("health", "said"),
    [
        (Health(provider=10, failures=10), "10 questions that a provider let down, of 10"),
        (Health(patch=15, failures=15), "15 attempts whose edits could not be used, of 15"),
        (Health(failures=26), "26 failures, of 25"),
        (Health(provider=9, patch=14, failures=24), None),
    ],
)
def test_the_first_limit_that_is_reached_is_said(health, said):
    why = why_spent(health, BUDGET)
    assert (why is None) == (said is None)
    assert said is None or said in why


@given(COUNTS, COUNTS, COUNTS)
def test_what_is_spent_was_near_its_limit(provider, patch, failures):
    health = Health(provider=provider, patch=patch, failures=failures)
    assert why_spent(health, BUDGET) is None or is_near_limit(health, BUDGET, 0.8)


def test_four_fifths_of_one_limit_are_near_it():
    assert is_near_limit(Health(provider=8), BUDGET, 0.8)
    assert not is_near_limit(Health(provider=7, patch=11, failures=19), BUDGET, 0.8)


@pytest.mark.parametrize(("kind", "patch"), [(FailureKind.EDIT_REFUSED, 1), (FailureKind.REPLY_MALFORMED, 1), (FailureKind.CHECKS_RED, 0)])
def test_a_failed_attempt_counts_as_what_it_is(kind, patch):
    assert Health(failures=3).after(kind) == Health(patch=patch, failures=4)
