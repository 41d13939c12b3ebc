from autopack.core.events import Event, EventName
from autopack.core.failure import FailureKind
from autopack.core.health import Health
from autopack.core.transitions import PhaseEvent
from autopack.store.attempts import Failed
from autopack.store.health import health_of


def fail(kept, kind):
    kept.fail(kept.begin(), Failed(kind, "so it is"))
    kept.phases.move("one", PhaseEvent.RETRY)


def give_up(kept, run_id="r"):
    kept.events.tell(Event(run_id=run_id, event=EventName.PROVIDER_GIVEN_UP, time=kept.at))


def test_failed_attempts_and_questions_given_up_are_counted_from_their_rows(kept):
    kept.start()
    kept.create("other")
    fail(kept, FailureKind.CHECKS_RED)
    fail(kept, FailureKind.EDIT_REFUSED)
    give_up(kept)
    give_up(kept, "other")
    assert health_of(kept.database, "r") == Health(provider=1, patch=1, failures=3)


def test_what_a_person_rejected_or_committed_does_not_count(kept):
    kept.start()
    fail(kept, FailureKind.REVIEW_REJECTED)
    kept.fail(kept.begin(), Failed(FailureKind.BUILDER_BLOCKED, "which?"))
    kept.phases.move("one", PhaseEvent.RETRY)
    assert health_of(kept.database, "r") == Health(failures=1)


def test_a_reset_counts_anew(kept):
    kept.start()
    fail(kept, FailureKind.CHECKS_RED)
    give_up(kept)
    kept.runs.change("r", health_since=kept.at)
    assert health_of(kept.database, "r") == Health()
    kept.at += 1
    fail(kept, FailureKind.CHECKS_RED)
    assert health_of(kept.database, "r") == Health(failures=1)
