import pytest

from autopack.core.context import Feedback
from autopack.core.failure import RULES
from autopack.core.failure import FailureKind as Kind
from autopack.core.held import HeldReason
from autopack.recovery.policy import Allowance, GiveUp, Hold, Retry, choose


def chosen(kind, *, attempts=1, max_attempts=5, earlier=(), only_auditor_against=False):
    history = tuple(
        Feedback(attempt=number, kind=found, message=f"{found} happened.", mode="full_file")
        for number, found in enumerate((*earlier, kind), 1)
    )
    return choose(kind, history, Allowance(attempts, max_attempts, is_small=True), only_auditor_against=only_auditor_against)


@pytest.mark.parametrize("kind", [kind for kind in Kind if RULES[kind].is_retried])
def test_what_may_be_retried_is_retried_while_attempts_are_left(kind):
    assert isinstance(chosen(kind, attempts=4), Retry)


@pytest.mark.parametrize("kind", [kind for kind in Kind if RULES[kind].is_retried])
def test_nothing_is_retried_when_the_attempts_are_spent(kind):
    step = chosen(kind, attempts=5)
    assert step == GiveUp(f"All 5 attempts are spent; the last one failed: {kind} happened.")


@pytest.mark.parametrize("kind", Kind)
def test_whatever_fails_again_and_again_no_more_attempts_are_made_than_the_plan_allows(kind):
    made = next(number for number in range(1, 100) if not isinstance(chosen(kind, attempts=number, earlier=(kind,) * (number - 1)), Retry))
    assert made <= 5


def test_a_plan_with_one_attempt_gets_one():
    assert isinstance(chosen(Kind.CHECKS_RED, attempts=1, max_attempts=1), GiveUp)


def test_a_blocked_builder_is_a_question_with_its_own_words():
    assert chosen(Kind.BUILDER_BLOCKED) == Hold(HeldReason.BUILDER_BLOCKED, "builder_blocked happened.")


def test_a_machine_that_cannot_run_the_check_ends_the_phase_with_that_sentence():
    assert chosen(Kind.ENVIRONMENT) == GiveUp("environment happened.")


def test_green_checks_with_only_the_auditor_against_them_wait_for_a_person():
    step = chosen(Kind.AUDIT_REJECTED, attempts=5, only_auditor_against=True)
    assert isinstance(step, Hold)
    assert step.reason is HeldReason.AUDITOR_AGAINST
    assert "audit_rejected happened." in step.sentence


def test_the_auditor_alone_does_not_end_it_while_attempts_are_left():
    assert isinstance(chosen(Kind.AUDIT_REJECTED, attempts=4, only_auditor_against=True), Retry)


def test_a_retry_carries_the_mode_of_the_ladder_and_the_room_it_wants():
    assert chosen(Kind.REPLY_CUT) == Retry("structured_edit", wants_higher_cap=True)
    assert chosen(Kind.EDIT_REFUSED) == Retry(None, wants_higher_cap=False)
    assert chosen(Kind.EDIT_REFUSED, earlier=(Kind.EDIT_REFUSED,)) == Retry("structured_edit", wants_higher_cap=False)


def test_without_a_history_the_reason_is_the_tables():
    step = choose(Kind.ENVIRONMENT, (), Allowance(1, 5, is_small=True), only_auditor_against=False)
    assert step == GiveUp(RULES[Kind.ENVIRONMENT].lead)
