import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopack.core.context import Feedback
from autopack.core.failure import RULES
from autopack.core.failure import FailureKind as Kind
from autopack.core.held import HeldReason
from autopack.core.models_settings import ModelsSettings
from autopack.core.remedy import AttemptDecided, Remedy, Rung
from autopack.recovery.case import Allowance, Case
from autopack.recovery.fingerprint import FailedAttempt
from autopack.recovery.policy import ROWS, choose

LADDER = (Rung("a/small", "low"), Rung("a/great", "high"))
RETRIED = [kind for kind in Kind if RULES[kind].is_retried]
AGAIN = {Remedy.RETRY, Remedy.ESCALATE}
ASKING = {Remedy.REPLAN, Remedy.DOCTOR}


def failed(number, kind, message="it happened.", failing=(), *, fatal=None, mode="full_file"):
    lesson = Feedback(attempt=number, kind=kind, message=message, mode=mode)
    return FailedAttempt(lesson, frozenset(failing), fatal)


def case(*history, decisions=(), settings=None, max_attempts=5, ladder=LADDER, replans=1, consultations=2, only_auditor=False, **keys):
    allowance = Allowance(max_attempts, keys.pop("counts_from", 0), ladder, replans, consultations, keys.pop("only_retries", False))
    return Case("one", history, tuple(decisions), allowance, settings or ModelsSettings(), "low", only_auditor_against=only_auditor, **keys)


def course(failures, *, ladder=LADDER, replans=1, consultations=2, max_attempts=5, settings=None, answers=True, only_retries=False):
    """What is decided over failures that never stop; every replan and doctor answers with a retry, or not at all."""
    history, decisions, seen = (), [], []
    for number, failure in enumerate(failures, 1):
        history = (*history, failure(number))
        while True:
            decided = choose(
                case(
                    *history,
                    decisions=decisions,
                    ladder=ladder,
                    replans=replans,
                    consultations=consultations,
                    max_attempts=max_attempts,
                    settings=settings,
                    only_retries=only_retries,
                )
            )
            decisions.append(AttemptDecided(attempt=number, decided=decided))
            seen.append(decided)
            replans -= decided.remedy is Remedy.REPLAN
            consultations -= decided.remedy is Remedy.DOCTOR
            if decided.remedy not in ASKING or answers:
                break
        if decided.remedy not in AGAIN | ASKING:
            return seen
    return seen


def red(number):
    return failed(number, Kind.CHECKS_RED, "The check fails with 3 of 12 tests in tests/test_a.py.", {"t::a"})


def remedies(seen):
    return [decided.remedy.value for decided in seen]


def test_the_default_course_of_a_stubborn_phase():
    seen = course([red] * 9)
    assert remedies(seen) == ["retry", "replan", "escalate", "doctor", "give_up"]
    assert seen[2].model == "a/great"
    assert seen[-1].because == "All 5 attempts are spent; the last one failed: The check fails with 3 of 12 tests in tests/test_a.py."


def test_with_one_model_escalation_turns_into_another_form():
    seen = course([red] * 9, ladder=LADDER[:1])
    assert remedies(seen) == ["retry", "replan", "retry", "doctor", "give_up"]
    assert [decided.row for decided in seen][2] == "form"
    assert [decided.mode for decided in seen] == [None, None, "structured_edit", "structured_edit", "structured_edit"]


def test_answers_that_cannot_be_used_lead_to_the_next_row():
    seen = remedies(course([red] * 9, answers=False))
    assert seen == ["retry", "replan", "escalate", "retry", "doctor", "retry", "give_up"]


def test_failures_that_differ_escalate_without_a_replan():
    kinds = [Kind.CHECKS_RED, Kind.AUDIT_REJECTED, Kind.EDIT_REFUSED, Kind.CHECKS_RED, Kind.AUDIT_REJECTED]
    seen = course([lambda number, kind=kind: failed(number, kind, f"{kind} happened.") for kind in kinds])
    assert remedies(seen) == ["retry", "escalate", "retry", "doctor", "give_up"]


def test_types_that_do_not_count_do_not_escalate():
    settings = ModelsSettings.model_validate({"complexity_escalation": {"failure_types": ["auditor_reject"]}})
    assert "escalate" not in remedies(course([red] * 9, settings=settings))


def test_escalation_can_be_turned_off():
    settings = ModelsSettings.model_validate({"complexity_escalation": {"enabled": False}})
    assert remedies(course([red] * 9, settings=settings)) == ["retry", "replan", "retry", "doctor", "give_up"]


def test_a_wrong_approach_is_planned_anew_at_once_and_then_a_doctors():
    wrong = failed(1, Kind.AUDIT_REJECTED, fatal="schema_mismatch")
    assert choose(case(wrong)).remedy is Remedy.REPLAN
    assert choose(case(wrong, replans=0)).remedy is Remedy.DOCTOR
    assert choose(case(wrong, replans=0, consultations=0)).remedy is Remedy.RETRY
    settings = ModelsSettings.model_validate({"replan": {"fatal_error_types": []}})
    assert choose(case(wrong, settings=settings)).remedy is Remedy.RETRY


def test_a_run_that_gets_better_is_not_stopped_for_looking_alike():
    left = [{"a", "b", "c", "d", "e"}, {"a", "b", "c", "d"}, {"a", "b", "c"}, {"a", "b"}]
    settings = ModelsSettings.model_validate({"complexity_escalation": {"enabled": False}})
    seen = course([lambda number, ids=ids: failed(number, Kind.CHECKS_RED, "Red as before.", ids) for ids in left[:3]], settings=settings)
    assert remedies(seen) == ["retry", "retry", "retry"]
    worse = course([lambda number, ids=ids: failed(number, Kind.CHECKS_RED, "Red as before.", ids) for ids in (left[1], left[0])])
    assert remedies(worse) == ["retry", "replan"]


def test_the_lower_of_plan_and_configuration_is_the_end():
    settings = ModelsSettings.model_validate({"complexity_escalation": {"max_attempts_per_phase": 2}})
    assert remedies(course([red] * 9, settings=settings)) == ["retry", "give_up"]
    assert remedies(course([red] * 9, max_attempts=1)) == ["give_up"]


def test_attempts_before_a_persons_retry_count_no_more():
    assert choose(case(red(1), red(2), red(3), red(4), red(5), red(6), counts_from=5)).remedy is Remedy.RETRY


@pytest.mark.parametrize("kind", RETRIED)
def test_a_first_failure_is_told_to_the_next_attempt(kind):
    assert choose(case(failed(1, kind))).remedy is Remedy.RETRY


@pytest.mark.parametrize("kind", Kind)
def test_no_more_attempts_are_made_than_the_plan_allows(kind):
    assert len([one for one in course([lambda number: failed(number, kind)] * 30) if one.remedy in AGAIN | ASKING]) < 5


def test_only_retries_is_the_course_of_a_journal_that_tells_of_nothing_else():
    assert remedies(course([red] * 9, only_retries=True)) == ["retry"] * 4 + ["give_up"]


def test_a_blocked_builder_is_a_question_with_its_own_words():
    decided = choose(case(failed(1, Kind.BUILDER_BLOCKED, "Which colour?")))
    assert (decided.remedy, decided.held, decided.because) == (Remedy.HOLD, HeldReason.BUILDER_BLOCKED, "Which colour?")


def test_a_machine_that_cannot_run_the_check_ends_the_phase_with_that_sentence():
    decided = choose(case(failed(1, Kind.ENVIRONMENT, "No pytest here.")))
    assert (decided.remedy, decided.because) == (Remedy.GIVE_UP, "No pytest here.")
    assert choose(case(failed(1, Kind.ENVIRONMENT, ""))).because == RULES[Kind.ENVIRONMENT].lead


def test_a_persons_commit_that_is_red_is_a_question():
    assert choose(case(red(1), is_adopted=True)).held is HeldReason.ADOPTED_RED


def test_green_checks_with_only_the_auditor_against_them_wait_for_a_person():
    rejected = failed(5, Kind.AUDIT_REJECTED, "Not like this.")
    decided = choose(case(*(failed(number, Kind.CHECKS_RED) for number in range(1, 5)), rejected, only_auditor=True))
    assert (decided.remedy, decided.held) == (Remedy.HOLD, HeldReason.AUDITOR_AGAINST)
    assert "Not like this." in decided.because
    assert choose(case(rejected, only_auditor=True)).remedy is Remedy.RETRY


def test_a_retry_carries_the_mode_of_the_ladder():
    assert choose(case(failed(1, Kind.REPLY_CUT))).mode == "structured_edit"
    assert choose(case(failed(1, Kind.EDIT_REFUSED))).mode is None
    refused = [failed(number, Kind.EDIT_REFUSED, f"{word} is not there.") for number, word in enumerate(("alpha", "omega"), 1)]
    assert choose(case(*refused)).mode == "structured_edit"


def test_every_row_says_when_it_applies_and_the_last_one_always_does():
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert all(row.when for row in ROWS)
    assert (ROWS[-1].when, ROWS[-1].remedy) == ("else", Remedy.RETRY)


FAILURES = st.builds(
    lambda kind, message, failing, fatal: lambda number: failed(number, kind, message, failing, fatal=fatal),
    st.sampled_from(list(Kind)),
    st.text(max_size=60),
    st.sets(st.sampled_from("abcdef")),
    st.sampled_from([None, "schema_mismatch"]),
)


@given(
    st.lists(FAILURES, min_size=1, max_size=12),
    st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(1, 8)),
    st.sampled_from([(), LADDER[:1], LADDER]),
    st.booleans(),
)
def test_whatever_fails_the_course_keeps_every_limit(failures, limits, ladder, answers):
    replans, consultations, max_attempts = limits
    seen = course(failures, replans=replans, consultations=consultations, max_attempts=max_attempts, ladder=ladder, answers=answers)
    counted = remedies(seen)
    assert counted.count("replan") <= replans
    assert counted.count("doctor") <= consultations
    assert counted.count("escalate") <= max(0, len(ladder) - 1)
    assert sum(decided.remedy in AGAIN for decided in seen) < min(max_attempts, 5) or seen[-1].remedy in AGAIN
    assert all(decided.because for decided in seen)


@given(st.lists(FAILURES, min_size=1, max_size=6))
def test_the_same_rows_give_the_same_decision(failures):
    assert course(failures) == course(failures)
