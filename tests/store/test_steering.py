import pytest

from autopack.core.approval import Approval
from autopack.core.failure import FailureKind
from autopack.core.held import HeldReason
from autopack.core.step_names import StepName
from autopack.core.transitions import ImpossibleTransition, PhaseEvent
from autopack.store.attempts import Failed, attempts_of
from autopack.store.phase_changes import Skipped, hold
from autopack.store.steering import Wishes


def held_for_review(kept):
    key = kept.begin()
    kept.to(key, PhaseEvent.REPLIED, PhaseEvent.CANDIDATE, PhaseEvent.CHECKED, PhaseEvent.AUDITED)
    kept.phases.record_step(key, "gate", "{}", PhaseEvent.HOLD, hold(HeldReason.GATE, "look"))
    return key


def held_with_question(kept):
    key = kept.begin()
    kept.fail(key, Failed(FailureKind.BUILDER_BLOCKED, "which one?"))
    kept.phases.move("one", PhaseEvent.HOLD, 1, hold(HeldReason.BUILDER_BLOCKED, "which one?"))
    return key


def test_an_approval_is_a_step_of_the_attempt_that_waits(kept):
    key = held_for_review(kept)
    kept.steering.approve("one", Approval(note="good", override=None))
    assert kept.phases.get("one").state == "integrating"
    assert Approval.model_validate_json(kept.phases.step_results(key)[StepName.APPROVAL]).note == "good"
    assert kept.phases.open_attempt("one") == key


def test_an_attempt_that_failed_is_open_again_once_it_is_approved(kept):
    key = held_for_review(kept)
    attempt = kept.phases.last_attempt("one")
    assert attempt.outcome is None
    kept.steering.reject("one", "not yet")
    assert kept.phases.open_attempt("one") is None
    with pytest.raises(ImpossibleTransition):
        kept.steering.approve("one", Approval())
    assert StepName.APPROVAL not in kept.phases.step_results(key)


def test_a_rejection_is_what_the_next_attempt_is_told(kept):
    held_for_review(kept)
    kept.steering.reject("one", "too loud")
    assert kept.phases.get("one").state == "recovering"
    assert [(lesson.kind, lesson.message) for lesson in kept.phases.feedback("one")] == [(FailureKind.REVIEW_REJECTED, "too loud")]


def test_a_retry_gives_fresh_attempts_and_brings_back_what_was_lost_with_the_phase(kept):
    held_with_question(kept)
    kept.steering.skip("one", "not now")
    kept.phases.move("two", PhaseEvent.SKIP, change=Skipped(because="one"))
    assert kept.states() == ["skipped", "skipped", "queued"]
    assert kept.steering.retry("one", Wishes("note", "opus", ("docs/",)), ("two", "three")) == ("one", "two")
    row = kept.phases.get("one")
    assert (row.state, row.counts_from, row.model, row.added_scope) == ("queued", 1, "opus", '["docs/"]')
    assert (row.skipped_because, kept.phases.get("two").skipped_because) == (None, None)


def test_what_was_rolled_back_comes_back_with_the_phase_it_depends_on(kept):
    kept.start()
    for name, commit in (("one", "c1"), ("two", "c2"), ("three", "c3")):
        kept.land(name, commit)
    kept.steering.roll_back(("two", "three"), "c1", "one")
    assert kept.states() == ["complete", "rolled_back", "rolled_back"]
    run = kept.runs.find("r")
    assert (run.state, run.head_commit, run.exit_code) == ("rolled_back", "c1", 1)
    assert kept.steering.retry("two", Wishes(), ("three",)) == ("two", "three")
    assert kept.states() == ["complete", "queued", "queued"]
    assert kept.phases.get("two").commit is None


def test_a_phase_that_is_at_work_is_not_retried(kept):
    kept.begin()
    with pytest.raises(ImpossibleTransition):
        kept.steering.retry("one", Wishes("note"), ())
    assert kept.phases.lessons("one") == ()


def test_scope_is_added_to_what_was_added_before(kept):
    held_with_question(kept)
    kept.steering.retry("one", Wishes(add_scope=("a/",)), ())
    kept.fail(kept.begin(), Failed(FailureKind.BUILDER_BLOCKED, "more"))
    kept.phases.move("one", PhaseEvent.HOLD, 2, hold(HeldReason.BUILDER_BLOCKED, "which one?"))
    kept.steering.retry("one", Wishes(add_scope=("b/",)), ())
    assert kept.phases.get("one").added_scope == '["a/", "b/"]'


def test_an_adopted_commit_is_an_attempt_that_begins_at_its_checks(kept):
    held_with_question(kept)
    assert kept.steering.adopt("one", "parent", '{"commit": "c"}') == 2
    key = kept.phases.open_attempt("one")
    assert (key.number, key.parent, kept.phases.step_results(key)["candidate"]) == (2, "parent", '{"commit": "c"}')
    assert kept.phases.get("one").state == "checking"
    assert [row.is_adopted for row in attempts_of(kept.database, "r", "one")] == [False, True]
