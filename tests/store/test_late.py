import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from autopack.core.budget import Caps
from autopack.core.call import CallState
from autopack.core.errors import EnvironmentBlockedError
from autopack.core.states import RunState
from autopack.core.transitions import RunEvent
from autopack.store import database as opened
from autopack.store.calls import CallJournal
from autopack.store.database import Database
from autopack.store.queries import run_status
from tests.store.test_calls import CEILING, asking, call, reply

ENDED = {"reason": "environment", "message": "locked — ż", "exit_code": 7, "ended_at": 300.0}


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(opened, "BUSY_TIMEOUT_MS", 50)


@contextmanager
def locked(path) -> Iterator[None]:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    yield
    connection.close()


def reopened(database: Database) -> Database:
    database.close()
    return Database.open(database.path)


def test_a_reply_that_a_locked_database_cannot_take_is_taken_in_by_the_next_process(kept):
    database = reopened(kept.database)
    journal = CallJournal(database, lambda: 5.0)
    number = journal.intend(call(), CEILING, Caps())
    with locked(database.path):
        with pytest.raises(EnvironmentBlockedError, match="locked"):
            journal.settle(number, reply(), {"id": "msg"})
        assert journal.stored(asking(), 1)[0].state is CallState.INTENT
    again = reopened(database)
    assert CallJournal(again, lambda: 5.0).stored(asking(), 1)[0].reply == reply()
    assert not list(database.path.parent.glob("*.late"))
    again.close()


def test_the_end_of_a_start_is_seen_at_once_and_taken_in_later(kept):
    kept.runs.move("r", RunEvent.START, started_at=200.0)
    with locked(kept.database.path):
        assert kept.runs.end_late("r", RunEvent.BLOCK, **ENDED) is RunState.BLOCKED
        row, status = kept.runs.find("r"), run_status(kept.database, "r", is_alive=False)
        assert {name: getattr(row, name) for name in ENDED} == ENDED
        assert (status.state, status.exit_code, status.message) == (RunState.BLOCKED, 7, "locked — ż")
        kept.database = reopened(kept.database)
        with pytest.raises(EnvironmentBlockedError, match="locked"):
            kept.database.take_in()
    kept.database.take_in()
    kept.__post_init__()
    assert {name: getattr(kept.runs.find("r"), name) for name in ENDED} == ENDED
    assert [event.event for _, event in kept.events.since("r")] == ["run_created", "run_running", "run_blocked"]


def test_an_end_that_a_later_start_has_overtaken_changes_nothing(kept):
    kept.runs.move("r", RunEvent.START, started_at=200.0)
    with locked(kept.database.path):
        kept.runs.end_late("r", RunEvent.BLOCK, **ENDED)
    kept.runs.change("r", started_at=400.0)
    assert kept.runs.find("r").state == RunState.RUNNING
    kept.database.take_in()
    assert (kept.runs.find("r").state, kept.runs.find("r").message) == (RunState.RUNNING, None)
    assert [event.event for _, event in kept.events.since("r")] == ["run_created", "run_running"]
