import pytest

from autopack.core.events import Event
from autopack.executor.live_notes import LiveNotes
from autopack.store.live import live_of
from tests.support.told_run import told_repo


@pytest.fixture
def told(tmp_path):
    run = told_repo(tmp_path / "repo")
    yield run
    run.database.close()


def event(name, **data):
    return Event(run_id="shop-1", event=name, time=1.0, phase="add-model", attempt=1, data=data)


def test_what_is_under_way_stands_in_the_row_and_whoever_watches_is_told_as_before(told):
    heard = []
    notes = LiveNotes(told.database, "shop-1", heard.append)
    notes.observe(event("call_sent", role="builder", provider="anthropic", model="opus"))
    notes.observe(event("call_progress", characters=7))
    assert live_of(told.database, "shop-1") is None
    notes._note()
    live = live_of(told.database, "shop-1")
    assert (live.phase, live.attempt, live.role, live.model, live.characters) == ("add-model", 1, "builder", "anthropic/opus", 7)
    assert [one.event for one in heard] == ["call_sent", "call_progress"]


def test_the_row_is_gone_when_the_process_is_done_and_one_of_a_dead_process_when_the_next_begins(told):
    dead = LiveNotes(told.database, "shop-1", lambda _: None)
    dead.observe(event("call_sent", role="builder", provider="p", model="m"))
    dead._note()
    with LiveNotes(told.database, "shop-1", lambda _: None).kept():
        assert live_of(told.database, "shop-1") is None
    dead._note()
    assert live_of(told.database, "shop-1") is None


def test_what_has_not_changed_is_not_written_again(told):
    notes = LiveNotes(told.database, "shop-1", lambda _: None)
    notes.observe(event("call_sent", role="builder", provider="p", model="m"))
    notes._note()
    version = _data_version(told)
    notes._note()
    assert _data_version(told) == version
    notes.observe(event("call_progress", characters=1))
    notes._note()
    assert live_of(told.database, "shop-1").characters == 1


def _data_version(told):
    with told.database.read() as session:
        return session.connection().exec_driver_sql("PRAGMA data_version").scalar_one()
