"""The state of runs under trouble: foreign databases, locks, full disks, a cleaned checkout. Said in a sentence, nothing lost."""

import os
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support.command import FILES, ONE, Desk, Running, ending, held_until, oracle_of, phase_of, refusal
from tests.support.server import scripted_server
from tests.support.small_disk import fill, small_disk

pytestmark = pytest.mark.end_to_end

TWO = {"one": {"app.txt": "two\n"}, "two": {"app.txt": "three\n"}}
HOLDER = f"process {os.getpid()})" if Path("/proc/locks").exists() else "says which)"
ANY_ROOM = {"AUTOPACK_WORKSPACE__MIN_FREE_BYTES": "0"}
IMPATIENT = "from autopack.store import database; database.BUSY_TIMEOUT_MS = 300; from autopack.__main__ import main; main()"


def test_the_applications_database_is_never_read_or_written(desk):
    database = foreign_database(desk.repo / "app.db")
    before = (database.read_bytes(), database.stat().st_mtime_ns)
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server:
        done = desk.beside(server).with_env(DATABASE_URL=f"sqlite:///{database}").autopack("run", "--run-id", "r")
    assert done.exit_code == 0, done.stderr
    assert (database.read_bytes(), database.stat().st_mtime_ns) == before
    assert sorted(path.name for path in desk.repo.iterdir() if path.name.startswith("app.db")) == ["app.db"]
    assert (desk.repo / ".git" / "autopack" / "autopack.db").is_file()


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("runs",),
        ("show", "one"),
        ("logs",),
        ("diff",),
        ("usage",),
        ("stop", "r"),
        ("journal", "export", "r"),
        ("approve", "r", "one"),
    ],
    ids=" ".join,
)
def test_looking_where_there_are_no_runs_makes_nothing_there(desk, words):
    before = sorted(desk.repo.rglob("*"))
    done = desk.autopack(*words)
    assert done.exit_code == (0 if words == ("runs",) else 2), done.stderr
    assert "there is no run" in done.stderr
    assert sorted(desk.repo.rglob("*")) == before


@pytest.mark.parametrize("kind", ["another application's", "no database"])
def test_a_foreign_database_is_refused_and_left_as_it_is(desk, tmp_path, kind):
    file = tmp_path / "foreign.db"
    if kind == "no database":
        file.write_text("name,price\nbread,3\n")
    else:
        foreign_database(file)
    before = (file.read_bytes(), file.stat().st_mtime_ns, sorted(tmp_path.glob("foreign*")))
    desk.plan()
    sentence = refusal(desk.with_env(AUTOPACK_DATABASE_URL=f"sqlite:///{file}").autopack("run"), 7)
    assert str(file) in sentence
    assert "point AUTOPACK_DATABASE_URL at a file of its own" in sentence
    if kind != "no database":
        assert "it has a table 'customers'" in sentence
    assert (file.read_bytes(), file.stat().st_mtime_ns, sorted(tmp_path.glob("foreign*"))) == before


def test_a_state_of_another_kind_than_sqlite_is_a_fault_of_the_configuration(desk):
    desk.plan()
    sentence = refusal(desk.with_env(AUTOPACK_DATABASE_URL="postgresql://u:secret@db/app").autopack("run"), 3)
    assert "AUTOPACK_DATABASE_URL must be" in sentence
    assert "secret" not in sentence


def test_a_cleaned_checkout_loses_no_run(desk):
    desk.plan(phase_of("one"), phase_of("two"))
    with scripted_server(oracle_of(TWO), faults=("3:status:status=401",)) as server:
        keyed = desk.beside(server)
        ending(keyed.autopack("run", "--run-id", "r"), 6)
        desk.git("clean", "-q", "-fdx")
        assert not (desk.repo / "autopack.yaml").exists()
        assert [phase["state"] for phase in desk.status("r")["phases"]] == ["complete", "building"]
        done = keyed.autopack("resume", "r")
        assert done.exit_code == 0, done.stderr
        assert len(server.asked("builder", "one")) == 1
    assert desk.at("autopack/r", "app.txt") == "three\n"


def test_a_second_start_of_the_same_run_is_refused_at_once_with_the_owners_number(desk):
    desk.plan()
    release = threading.Event()
    with (
        scripted_server(held_until(release, oracle_of(ONE))) as server,
        desk.beside(server).start("run", "--run-id", "r", "--json") as first,
    ):
        first.until(lambda: any(line["event"] == "phase_building" for line in first.events))
        sentence = refusal(desk.beside(server).autopack("run", "--run-id", "r"), 8)
        assert f"process {first.pid}" in sentence
        assert refusal(desk.beside(server).autopack("resume", "r"), 8) == sentence
        status = desk.autopack("status", "r", "--json")
        assert (status.exit_code, status.json["state"]) == (9, "running")
        release.set()
        assert first.end().exit_code == 0
        assert len(server.calls) == 2


def test_a_locked_database_is_waited_for(desk):
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server:
        keyed = desk.beside(server)
        assert "No provider" in refusal(desk.autopack("run", "--run-id", "r"), 6)
        with locked(desk) as holder, keyed.start("run", "--run-id", "r") as running:
            time.sleep(3)
            assert running.process.poll() is None
            holder.rollback()
            done = running.end()
    assert done.exit_code == 0, done.stderr


def test_a_database_that_stays_locked_is_exit_7_and_the_run_goes_on_later(desk):
    """The patience of 30 s is shortened; everything else is the real command."""
    desk.plan()
    refusal(desk.autopack("run", "--run-id", "r"), 6)
    with scripted_server(oracle_of(ONE)) as server:
        keyed = desk.beside(server)
        with locked(desk):
            done = impatiently(keyed, "run", "--run-id", "r")
        assert done.returncode == 7, done.stderr
        assert "Traceback" not in done.stderr
        assert "autopack.db is out of reach: another process keeps it locked" in done.stderr.splitlines()[-1]
        assert HOLDER in done.stderr.splitlines()[-1]
        assert server.calls == []
        assert keyed.autopack("run", "--run-id", "r").exit_code == 0


def test_a_database_locked_when_a_reply_comes_is_waited_for_and_its_holder_named(desk):
    desk.plan()
    oracle, holders, stack = oracle_of(ONE), [], ExitStack()

    def script(request):
        if not holders:
            holders.append(stack.enter_context(locked(desk)))
        return oracle(request)

    with scripted_server(script) as server, stack, desk.beside(server).start("run", "--run-id", "r", program=IMPATIENT) as running:
        running.until(lambda: "waiting: another process keeps the state database" in said(running))
        assert HOLDER in said(running)
        assert said(running).count("waiting: ") == 1
        holders[0].close()
        assert running.end().exit_code == 0
        assert [(call.role, call.attempt) for call in server.calls] == [("builder", 1), ("auditor", 1)]
    assert desk.status("r")["budget"]["reserved_usd"] == 0, "no call is unknown"


def test_a_run_killed_while_it_waits_for_the_database_buys_one_call_again_at_most(desk):
    desk.plan()
    oracle, holders, stack = oracle_of(ONE), [], ExitStack()

    def script(request):
        if not holders:
            holders.append(stack.enter_context(locked(desk)))
        return oracle(request)

    with scripted_server(script) as server, stack:
        keyed = desk.beside(server)
        with keyed.start("run", "--run-id", "r", program=IMPATIENT) as running:
            running.until(lambda: "waiting: another process keeps the state database" in said(running))
            running.send(signal.SIGKILL)
        holders[0].close()
        assert desk.status("r")["state"] == "interrupted"
        assert keyed.autopack("resume", "r").exit_code == 0
        assert [call.role for call in server.calls] == ["builder", "builder", "auditor"]
    assert desk.status("r")["budget"]["reserved_usd"] > 0, "the call that nobody heard of is counted"


def said(running: Running) -> str:
    return running.err.read_text("utf-8")


def test_records_that_cannot_be_written_are_found_before_anything_is_bought(desk):
    (desk.repo / ".autonomous_runs").write_text("in the way\n")
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
        assert server.calls == []
        assert done.exit_code == 7, done.stderr
        assert "Traceback" not in done.stderr
        assert ".autonomous_runs" in done.stderr
        assert "cannot be written" in done.stderr
        (desk.repo / ".autonomous_runs").unlink()
        assert desk.beside(server).autopack("run", "--run-id", "r").exit_code == 0


def test_a_disk_that_fills_up_under_the_repository_is_exit_7_and_nothing_is_lost(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=16) as disk:
        desk = Desk.make(disk)
        desk = desk.with_env(XDG_STATE_HOME=str(tmp_path / "state"), TMPDIR=str(tmp_path), **ANY_ROOM)
        desk.plan(phase_of("one"), phase_of("two"))
        assert_survives_a_full_disk(desk, disk / "ballast")


def test_a_disk_that_fills_up_under_the_work_tree_is_exit_7_and_nothing_is_lost(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=4) as disk:
        desk = Desk.make(tmp_path).with_env(XDG_STATE_HOME=str(disk / "state"), **ANY_ROOM)
        desk.plan(phase_of("one"), phase_of("two", "app.txt", "data.txt"))
        data = "".join(f"a line of data, number {number}\n" for number in range(5_000))
        assert_survives_a_full_disk(desk, disk / "ballast", {**TWO, "two": {**TWO["two"], "data.txt": data}})


def test_a_disk_that_a_checks_log_fills_up_is_exit_7_and_nothing_is_lost(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=24) as disk:
        talkative = "grep -q three app.txt && yes 'a very talkative check' | head -c 4000000\ntrue\n"
        desk = Desk.make(disk, {**FILES, "check.sh": talkative}).with_env(
            XDG_STATE_HOME=str(tmp_path / "state"), TMPDIR=str(tmp_path), **ANY_ROOM
        )
        desk.plan(phase_of("one"), phase_of("two"))
        assert_survives_a_full_disk(desk, disk / "ballast", leave=2_000_000)


def test_a_disk_that_is_full_at_the_start_makes_nothing(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=4) as disk:
        desk = Desk.make(disk).with_env(XDG_STATE_HOME=str(tmp_path / "state"), TMPDIR=str(tmp_path), **ANY_ROOM)
        desk.plan()
        fill(disk / "ballast")
        before = desk.branches()
        with scripted_server(oracle_of(ONE)) as server:
            sentence = refusal(desk.beside(server).autopack("run", "--run-id", "r"), 7)
            assert "make room" in sentence.lower()
            assert server.calls == []
            (disk / "ballast").unlink()
            assert desk.branches() == before
            assert desk.beside(server).autopack("run", "--run-id", "r").exit_code == 0


def test_a_killed_run_is_taken_over(desk):
    desk.plan(phase_of("one"), phase_of("two"))
    oracle, gate = oracle_of(TWO), threading.Event()

    def slow(request):
        if request.headers["x-autopack-phase"] == "two" and not gate.is_set():
            return {"text": "", "delay": 5}
        return oracle(request)

    with scripted_server(slow) as server:
        keyed = desk.beside(server)
        with keyed.start("run", "--run-id", "r", "--json") as first:
            first.until(lambda: bool(server.asked("builder", "two")))
            first.send(signal.SIGKILL)
            assert first.end().exit_code == -signal.SIGKILL
        gate.set()
        status = desk.autopack("status", "r", "--json")
        assert (status.exit_code, status.json["state"]) == (143, "interrupted")
        assert keyed.autopack("resume", "r").exit_code == 0
        assert len(server.asked("builder", "one")) == 1
    assert desk.at("autopack/r", "app.txt") == "three\n"


def foreign_database(file: Path) -> Path:
    connection = sqlite3.connect(file)
    with connection:
        connection.execute("CREATE TABLE customers (name TEXT)")
        connection.execute("INSERT INTO customers VALUES ('Ann')")
    connection.close()
    return file


def impatiently(desk: Desk, *words: str) -> "subprocess.CompletedProcess[str]":
    """A command that waits no longer than 0.3 s for the database."""
    python = shutil.which("python", path=desk.environment["PATH"]) or "python"
    return subprocess.run(
        [python, "-c", IMPATIENT, *words], cwd=desk.repo, env=desk.environment, capture_output=True, text=True, timeout=100, check=False
    )


@contextmanager
def locked(desk: Desk) -> Iterator[sqlite3.Connection]:
    """The state database with a writer in it that does not end."""
    connection = sqlite3.connect(desk.repo / ".git" / "autopack" / "autopack.db", isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    finally:
        connection.close()


def assert_survives_a_full_disk(desk: Desk, ballast: Path, changes: Mapping[str, Mapping[str, str]] = TWO, leave: int = 0) -> None:
    """The disk is full, but for ``leave`` bytes, once phase two is asked for; with room again the run ends as if nothing had been."""
    oracle, filled = oracle_of(changes), []

    def script(request):
        if request.headers["x-autopack-phase"] == "two" and not filled:
            filled.append(ballast)
            fill(ballast, leave)
        return oracle(request)

    with scripted_server(script) as server:
        keyed = desk.beside(server)
        done = keyed.autopack("run", "--run-id", "r")
        assert done.exit_code == 7, done.stderr
        assert "Traceback" not in done.stderr
        said = done.stderr.splitlines()[-1] if "next: " not in done.stderr.splitlines()[-1] else done.stderr.splitlines()[-2]
        assert "make room" in said.lower(), done.stderr
        assert desk.at("autopack/r", "app.txt") == "two\n"
        ballast.unlink()
        again = keyed.autopack("resume", "r")
        assert again.exit_code == 0, again.stderr
        assert len(server.asked("builder", "one")) == 1
    assert desk.at("autopack/r", "app.txt") == "three\n"
    assert int(desk.git("rev-list", "--count", "main..autopack/r")) == 2
    assert desk.git("fsck", "--no-dangling") == ""
