import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from sqlalchemy import select as core_select
from sqlmodel import select

from autopack.core.errors import EnvironmentBlockedError
from autopack.store import file_ownership, migrations
from autopack.store.database import Database
from autopack.store.file_ownership import APPLICATION_ID
from autopack.store.tables import EventRow, OwnerRow, RunRow


@pytest.fixture
def database(tmp_path):
    database = Database.open(tmp_path / "über uns" / "autopack.db")
    yield database
    database.close()


def run_row(run_id="one", **columns):
    return RunRow(
        **columns,
        run_id=run_id,
        project="p",
        goal="g",
        repo="/r",
        branch="autopack/one",
        base_commit="0" * 40,
        head_commit="0" * 40,
        state="running",
        plan_path="p.yaml",
        created_at=1,
        started_at=1,
    )


def test_what_is_written_is_there_for_the_next_start(database):
    with database.write() as session:
        session.add(run_row())
    again = Database.open(database.path)
    with again.read() as session:
        assert session.exec(select(RunRow.run_id)).all() == ["one"]
    again.close()


@pytest.mark.parametrize("name", ["what? now.db", "a#b%41&c=d.db", "file:x.db", "ü\udcff.db"])
def test_the_file_is_the_one_whose_path_is_given_whatever_is_in_it(tmp_path, name):
    path = tmp_path / "shop #1?%41" / name
    database = Database.open(path)
    with database.write() as session:
        session.add(run_row())
    database.close()
    again = Database.look_at(path)
    with again.read() as session:
        assert len(session.exec(select(RunRow)).all()) == 1
    again.close()
    assert [one.name for one in tmp_path.iterdir()] == ["shop #1?%41"]
    assert path.name in [one.name for one in path.parent.iterdir()]


def test_an_exception_leaves_nothing_of_a_transaction(database):
    with pytest.raises(RuntimeError), database.write() as session:
        session.add(run_row())
        session.flush()
        raise RuntimeError
    with database.read() as session:
        assert session.exec(select(RunRow)).all() == []


def test_a_read_keeps_nothing(database):
    with database.read() as session:
        session.add(run_row())
        session.flush()
    with database.read() as session:
        assert session.exec(select(RunRow)).all() == []


def test_the_file_is_durable_and_checks_its_references(database):
    with database.write() as session:
        connection = session.connection()
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert connection.exec_driver_sql("PRAGMA user_version").scalar_one() == migrations.CURRENT
    with pytest.raises(Exception, match="FOREIGN KEY"), database.write() as session:
        session.add(EventRow(run_id="nobody", event="x", time=1))


def test_a_note_is_seen_by_everybody_at_once_but_is_not_waited_for(database):
    with database.note() as session:
        assert session.connection().exec_driver_sql("PRAGMA synchronous").scalar_one() == 1
        session.add(run_row())
    other = sqlite3.connect(database.path)
    assert other.execute("SELECT count(*) FROM run").fetchone() == (1,)
    other.close()
    with database.write() as session:
        assert session.connection().exec_driver_sql("PRAGMA synchronous").scalar_one() == 2


def test_a_write_after_a_note_on_the_same_connection_waits_for_the_disk(database):
    seen = []
    for kind in (database.note, database.write, database.note, database.note, database.write):
        with kind() as session:
            connection = session.connection()
            seen.append((connection.exec_driver_sql("PRAGMA synchronous").scalar_one(), connection.connection.driver_connection))
    levels, connections = zip(*seen, strict=True)
    assert levels == (1, 2, 1, 1, 2)
    assert len(set(map(id, connections))) == 1


@pytest.fixture
def heard(database):
    """The statements that the pool's one connection runs from now on."""
    statements = []
    with database.read() as session:
        session.connection().connection.driver_connection.set_trace_callback(statements.append)
    statements.clear()
    return statements


def test_a_single_read_is_a_single_statement(database, heard):
    assert database.rows(core_select(EventRow.id)) == []
    assert [statement.split()[0] for statement in heard] == ["SELECT"]


def test_how_long_a_write_waits_is_said_where_it_changes_and_nowhere_else(database, heard):
    for kind in (database.note, database.note, database.read, database.write, database.write):
        with kind() as session:
            session.connection()
    notes = ["PRAGMA synchronous=NORMAL", "BEGIN IMMEDIATE", "COMMIT", "BEGIN IMMEDIATE", "COMMIT"]
    writes = ["PRAGMA synchronous=FULL", "BEGIN IMMEDIATE", "COMMIT", "BEGIN IMMEDIATE", "COMMIT"]
    assert heard == [*notes, "BEGIN", "ROLLBACK", *writes]


def test_a_write_takes_the_lock_at_its_beginning(database):
    with database.write():
        other = sqlite3.connect(database.path, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


def test_a_foreign_database_is_refused_and_left_as_it_is(tmp_path):
    path = tmp_path / "app.db"
    foreign = sqlite3.connect(path)
    foreign.execute("CREATE TABLE customers (id INTEGER)")
    foreign.close()
    before = path.read_bytes()
    with pytest.raises(EnvironmentBlockedError, match="another application.*customers"):
        Database.open(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "notes.db"
    path.write_text("these are notes, and a good deal longer than the header of a database would be, so that they are read\n" * 5)
    with pytest.raises(EnvironmentBlockedError, match="not an Autopack database"):
        Database.open(path)


def test_a_newer_schema_is_refused_with_its_version(database):
    with database.write() as session:
        session.connection().exec_driver_sql(f"PRAGMA user_version = {migrations.CURRENT + 1}")
    with pytest.raises(EnvironmentBlockedError, match="newer Autopack"):
        Database.open(database.path)


def test_an_older_schema_is_brought_up_to_date(database, monkeypatch):
    with database.write() as session:
        session.add(run_row())
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, ("ALTER TABLE owner ADD COLUMN host TEXT",)))
    monkeypatch.setattr(migrations, "CURRENT", migrations.CURRENT + 1)
    migrated = Database.open(database.path)
    with migrated.read() as session:
        columns = [row[1] for row in session.connection().exec_driver_sql("PRAGMA table_info(owner)")]
        version = session.connection().exec_driver_sql("PRAGMA user_version").scalar_one()
        kept = session.exec(select(RunRow.run_id)).all()
    assert (columns[-1], version, kept) == ("host", migrations.CURRENT, ["one"])
    assert OwnerRow.__tablename__ == "owner"
    migrated.close()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentBlockedError, match="cannot be opened"):
        Database.open(tmp_path / "file" / "autopack.db")


def test_a_file_that_a_start_left_empty_and_unmarked_when_it_died_is_taken(tmp_path):
    path = tmp_path / "autopack.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    assert path.stat().st_size > 0
    Database.open(path).close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID


def test_an_empty_file_with_anothers_mark_is_left_alone(tmp_path):
    path = tmp_path / "theirs.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA application_id = 7")
    before = path.read_bytes()
    with pytest.raises(EnvironmentBlockedError, match="another application"):
        Database.open(path)
    assert path.read_bytes() == before


def test_the_mark_is_made_with_the_tables_too(tmp_path, monkeypatch):
    """As where a journal of a dead start took the file back to nothing after its header was read."""
    monkeypatch.setattr(file_ownership, "claim", lambda _path: None)
    path = tmp_path / "autopack.db"
    Database.open(path).close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID


def test_the_first_schema_becomes_the_current_one_and_keeps_the_caps_of_its_runs(database):
    added = (
        "option_max_usd",
        "option_max_tokens",
        "cap_by",
        "is_replay_strict",
        "health_since",
        "wait_began",
        "option_max_hours",
        "characters_per_token",
    )
    with database.write() as session:
        current = columns_of_run(session)
        session.add(run_row(max_usd=2.5))
        session.flush()
        for name in added:
            session.connection().exec_driver_sql(f"ALTER TABLE run DROP COLUMN {name}")
        for name in ("granted_scope", "held_reason", "held_message", "held_paths"):
            session.connection().exec_driver_sql(f"ALTER TABLE phase DROP COLUMN {name}")
        session.connection().exec_driver_sql("ALTER TABLE phase ADD COLUMN held VARCHAR")
        session.connection().exec_driver_sql("ALTER TABLE plan DROP COLUMN given_json")
        for name in ("digest", "live", "memory_vector", "memory", "error", "rule_note", "rule", "flaky"):
            session.connection().exec_driver_sql(f"DROP TABLE {name}")
        for name in ("calls_json", "retry_at", "estimated_tokens"):
            session.connection().exec_driver_sql(f'ALTER TABLE "call" DROP COLUMN {name}')
        session.connection().exec_driver_sql("PRAGMA user_version = 1")
    for migrated in (Database.copy_of(database.path), Database.open(database.path)):
        with migrated.read() as session:
            assert sorted(columns_of_run(session)) == sorted(current)
            row = session.get_one(RunRow, "one")
            assert (row.option_max_usd, row.option_max_tokens, row.is_replay_strict) == (2.5, None, False)
        migrated.close()


def columns_of_run(session):
    return [row[1] for row in session.connection().exec_driver_sql("PRAGMA table_info(run)")]


def test_a_copy_holds_the_state_and_leaves_no_trace(database, tmp_path):
    with database.write() as session:
        session.add(run_row())
    folder = database.path.parent
    for is_open in (True, False):
        if not is_open:
            database.close()
        before = {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith("-shm")}
        copy = Database.copy_of(database.path)
        with copy.write() as session:
            assert session.exec(select(RunRow.run_id)).all() == ["one"]
            session.add(run_row("two"))
        copy.close()
        assert {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith("-shm")} == before
    nothing = tmp_path / "nowhere" / "autopack.db"
    with Database.copy_of(nothing).read() as session:
        assert session.exec(select(RunRow)).all() == []
    assert not nothing.parent.exists()


def test_a_copy_of_what_is_not_ours_is_refused(tmp_path):
    path = tmp_path / "app.db"
    with closing(sqlite3.connect(path)) as foreign:
        foreign.execute("CREATE TABLE customers (id INTEGER)")
    with pytest.raises(EnvironmentBlockedError, match="another application.*customers"):
        Database.copy_of(path)
    (tmp_path / "empty.db").touch()
    with Database.copy_of(tmp_path / "empty.db").read() as session:
        assert session.exec(select(RunRow)).all() == []


def test_whoever_only_looks_sees_what_is_written_meanwhile_and_hinders_nobody(database):
    looked = Database.look_at(database.path)
    with looked.read() as session:
        assert session.exec(select(RunRow)).all() == []
        with database.write() as other:
            other.add(run_row())
    with looked.read() as session:
        assert session.exec(select(RunRow.run_id)).all() == ["one"]
    looked.close()


@pytest.mark.parametrize("another", [Database.look_at, Database.open], ids=["look", "open"])
def test_opening_it_once_more_gives_no_lock_of_this_process_away(database, another):
    with database.connection() as kept, closing(another(database.path)):
        kept.exec_driver_sql("SELECT 1")
        another_process = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('DELETE FROM owner'); c.commit(); c.close()"
        subprocess.run([sys.executable, "-c", another_process, database.path], check=True)
        log = database.path.with_name(f"{database.path.name}-wal")
        assert log.exists(), "the other process took itself for the last one and removed the log that is written here"


def test_whoever_only_looks_makes_nothing_and_upgrades_nothing(database, tmp_path):
    nothing = tmp_path / "nowhere" / "autopack.db"
    with Database.look_at(nothing).read() as session:
        assert session.exec(select(RunRow)).all() == []
    assert not nothing.parent.exists()


def test_an_older_state_is_looked_at_in_a_copy(database, monkeypatch):
    """As a newer version finds it: the file keeps its version, what is shown is that of the newer one."""
    with database.write() as session:
        session.add(run_row())
    monkeypatch.setattr(migrations, "CURRENT", migrations.CURRENT + 1)
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, ("ALTER TABLE run ADD COLUMN later VARCHAR",)))
    looked = Database.look_at(database.path)
    with looked.read() as session:
        assert "later" in columns_of_run(session)
        assert session.exec(select(RunRow.run_id)).all() == ["one"]
    with database.read() as session:
        assert "later" not in columns_of_run(session)
        assert session.connection().exec_driver_sql("PRAGMA user_version").scalar_one() == migrations.CURRENT - 1
    looked.close()
