import pytest
from sqlalchemy.exc import IntegrityError

from autopack.core.failure import FailureKind
from autopack.core.held import HeldReason
from autopack.core.transitions import ImpossibleTransition, PhaseEvent
from autopack.store.attempts import Failed
from autopack.store.phase_changes import LaidOn, hold

RED = Failed(FailureKind.CHECKS_RED, "1 test fails", "E assert 1 == 2")


def test_attempts_are_numbered_and_the_open_one_is_found_again(kept):
    assert kept.phases.open_attempt("one") is None
    first = kept.begin()
    assert (first.number, first.ref) == (1, "refs/autopack/r/one/1")
    assert kept.phases.open_attempt("one") == first
    kept.fail(first, RED)
    assert kept.phases.open_attempt("one") is None
    kept.phases.move("one", PhaseEvent.RETRY)
    assert kept.begin().number == 2


def test_a_step_is_written_with_its_transition_and_event_or_not_at_all(kept):
    key = kept.begin()
    with pytest.raises(ImpossibleTransition):
        kept.phases.record_step(key, "check", "{}", PhaseEvent.CHECKED, None)
    assert "check" not in kept.phases.step_results(key)
    kept.phases.record_step(key, "reply", '{"a": 1}', PhaseEvent.REPLIED, LaidOn(commit="c", parent="p"))
    assert kept.phases.step_results(key)["reply"] == '{"a": 1}'
    assert kept.phases.get("one").state == "applying"
    assert (kept.seen[-1].event, kept.seen[-1].attempt, kept.seen[-1].data) == (
        "phase_applying",
        1,
        {"by": "replied", "commit": "c", "parent": "p"},
    )


def test_a_step_is_recorded_once(kept):
    key = kept.begin()
    kept.phases.record_step(key, "derive", "{}", None, None)
    with pytest.raises(IntegrityError):
        kept.phases.record_step(key, "derive", "{}", None, None)
    assert [event.event for event in kept.seen].count("step_derive") == 1


def test_what_lands_ends_its_attempt_and_moves_the_runs_head_with_it(kept):
    kept.land("one", "c1")
    assert (kept.phases.get("one").state, kept.phases.get("one").commit) == ("complete", "c1")
    assert kept.runs.find("r").head_commit == "c1"
    last = kept.phases.last_attempt("one")
    assert (last.outcome, last.ended_at) == ("complete", 100.0)


def test_a_failed_attempt_is_feedback_in_order_and_hints_follow_what_they_answer(kept):
    for _ in range(2):
        kept.fail(kept.begin(), RED)
        kept.phases.move("one", PhaseEvent.RETRY)
    kept.fail(kept.begin(), Failed(FailureKind.EDIT_REFUSED, "no such line"))
    kept.phases.move("one", PhaseEvent.GIVE_UP)
    from autopack.store.steering import Wishes

    kept.steering.retry("one", Wishes("look at a.py"), ())
    assert [(lesson.attempt, lesson.kind) for lesson in kept.phases.feedback("one")] == [
        (1, FailureKind.CHECKS_RED),
        (2, FailureKind.CHECKS_RED),
        (3, FailureKind.EDIT_REFUSED),
    ]
    assert [lesson.message for lesson in kept.phases.lessons("one")][2:] == ["no such line", "look at a.py"]
    assert kept.phases.feedback("one")[0].evidence == "E assert 1 == 2"


def test_a_new_attempt_takes_the_old_failure_off_the_phase(kept):
    kept.fail(kept.begin(), RED)
    assert kept.phases.get("one").failure_kind == "checks_red"
    kept.phases.move("one", PhaseEvent.RETRY)
    kept.begin()
    assert (kept.phases.get("one").failure_kind, kept.phases.get("one").failure_message) == (None, None)


def test_a_held_attempt_stays_open_and_the_hold_goes_when_it_moves_on(kept):
    key = kept.begin()
    kept.to(key, PhaseEvent.REPLIED, PhaseEvent.CANDIDATE, PhaseEvent.CHECKED, PhaseEvent.AUDITED, PhaseEvent.ACCEPTED)
    kept.phases.move("one", PhaseEvent.HOLD, key.number, hold(HeldReason.CHECKED_OUT, "checked out elsewhere"))
    assert (kept.phases.get("one").state, kept.phases.get("one").held) == ("held", "review")
    assert kept.phases.open_attempt("one") == key
    kept.phases.move("one", PhaseEvent.APPROVE)
    assert (kept.phases.get("one").state, kept.phases.get("one").held) == ("integrating", None)
