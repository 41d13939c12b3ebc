import pytest

from autopack.core.states import RunState
from autopack.core.transitions import ImpossibleTransition, RunEvent


def test_a_run_is_made_with_its_plan_and_its_queued_phases(kept):
    row = kept.runs.find("r")
    assert (row.state, row.head_commit, row.created_at) == (RunState.INTERRUPTED, "base", 100.0)
    assert (kept.runs.plan("r").text, kept.runs.plan("r").revision) == ("text: ż\n", 1)
    assert kept.states() == ["queued"] * 3
    assert [event.event for event in kept.seen] == ["run_created"]


def test_a_run_that_is_there_is_not_made_again_and_nothing_of_it_changes(kept):
    from sqlalchemy.exc import IntegrityError

    kept.start()
    with pytest.raises(IntegrityError):
        kept.create()
    assert kept.runs.find("r").state == RunState.RUNNING
    assert len(kept.seen) == 2


def test_a_move_writes_its_columns_and_tells_of_them(kept):
    kept.start()
    assert kept.runs.move("r", RunEvent.STOP, reason="usd", message="spent", exit_code=5) is RunState.STOPPED
    row = kept.runs.find("r")
    assert (row.state, row.reason, row.message, row.exit_code) == ("stopped", "usd", "spent", 5)
    last = kept.seen[-1]
    assert (last.event, last.data) == ("run_stopped", {"reason": "usd", "message": "spent"})


def test_a_move_that_is_not_in_the_table_changes_nothing(kept):
    with pytest.raises(ImpossibleTransition):
        kept.runs.move("r", RunEvent.FINISH, reason="never")
    assert (kept.runs.find("r").state, kept.runs.find("r").reason) == ("interrupted", None)
    assert len(list(kept.events.since("r"))) == 1


def test_the_newest_run_comes_first(kept):
    kept.at = 200.0
    kept.create("s")
    kept.create("t")
    assert [row.run_id for row in kept.runs.newest_first()] == ["t", "s", "r"]
    assert kept.runs.find("u") is None


def test_the_wish_to_stop_is_seen_by_whoever_asks(kept):
    assert not kept.runs.stop_requested("r")
    kept.runs.change("r", stop_requested=True)
    assert kept.runs.stop_requested("r")
    assert kept.runs.find("r").state == "interrupted"


def test_a_run_that_is_not_there_cannot_be_changed_or_asked_to_stop(kept):
    from sqlalchemy.exc import NoResultFound

    with pytest.raises(NoResultFound):
        kept.runs.change("none", head_commit="other")
    with pytest.raises(NoResultFound):
        kept.runs.request_stop("none")
    assert list(kept.events.since("none")) == []
