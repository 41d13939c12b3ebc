"""A run that was begun by an older Autopack goes on with this one: its state is brought up to date, and nothing is bought again."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from autopack.store import migrations
from autopack.store.database import Database
from tests.support.command import PATIENCE_S, oracle_of, phase_of
from tests.support.older_state import CHANGES, as_version_3, lay_out
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

LATER = """
from autopack.store import migrations
migrations.STEPS = (*migrations.STEPS, ("ALTER TABLE owner ADD COLUMN of_later TEXT",))
migrations.CURRENT = 1 + len(migrations.STEPS)
from autopack.__main__ import main
main()
"""


def test_a_run_of_the_first_schema_is_resumed_by_a_later_one(desk):
    path = lay_out(desk)
    with scripted_server(oracle_of(CHANGES)) as server:
        done = subprocess.run(
            [sys.executable, "-c", LATER, "resume", "r"],
            cwd=desk.repo, env=desk.beside(server).environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert [(call.phase, call.role) for call in server.calls] == [("two", "builder"), ("two", "auditor")]
    assert desk.at("autopack/r", "app.txt") == "three\n"
    assert desk.at("autopack/r~1", "app.txt") == "two\n"
    with closing(sqlite3.connect(path)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(owner)")]
        calls = connection.execute("SELECT phase_id, role, state FROM call ORDER BY id").fetchall()
        states = connection.execute("SELECT phase_id, state FROM phase ORDER BY position").fetchall()
        assert connection.execute("PRAGMA user_version").fetchone()[0] == migrations.CURRENT + 1
    assert "of_later" in columns
    assert calls == [
        *[("one", role, "replied") for role in ("builder", "auditor")],
        ("two", "builder", "failed"),
        *[("two", role, "replied") for role in ("builder", "auditor")],
    ]
    assert states == [("one", "complete"), ("two", "complete")]


def test_a_phase_held_by_the_version_before_is_shown_approved_and_landed(desk):
    path = desk.repo / ".git" / "autopack" / "autopack.db"
    desk.plan(phase_of("one", gate="hold"))
    with scripted_server(oracle_of(CHANGES)) as server:
        beside = desk.beside(server)
        assert beside.autopack("run", "--run-id", "r").exit_code == 4
        as_version_3(path)
        shown = beside.autopack("show", "r", "one").stdout
        assert "(gate: hold)" in shown
        assert "next     autopack approve r one" in shown
        assert desk.status("r")["phases"][0]["held_because"]["reason"] == "gate"
        assert beside.autopack("approve", "r", "one").exit_code == 0
        assert beside.autopack("resume", "r").exit_code == 0
        assert [(call.phase, call.role) for call in server.calls] == [("one", "builder"), ("one", "auditor")]
    assert desk.at("autopack/r", "app.txt") == "two\n"


def test_the_steps_lead_from_the_first_schema_to_the_one_of_the_tables(desk, tmp_path):
    new = tmp_path / "new.db"
    Database.open(new).close()
    older = lay_out(desk)
    Database.open(older).close()
    assert shape(older) == shape(new)


def shape(path):
    """Of each table its columns with type, whether they may be empty, and their place in the key."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(row[1:4] + row[5:] for row in connection.execute(f"PRAGMA table_info({name})")) for name in tables}
