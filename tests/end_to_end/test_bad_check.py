"""Checks that cannot be started, find nothing, hang, flood or kill themselves: found early, bounded, never green."""

import contextlib
import time
import uuid
from pathlib import Path

import pytest

from tests.support.command import CHECK, FILES, ONE, PYTEST, Desk, ending, oracle_of, phase_of, refusal
from tests.support.repos import commit_files
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

TWO = {"one": {"app.txt": "two\n"}, "two": {"app.txt": "three\n"}}


@pytest.mark.parametrize("place", ["first", "last", "final"])
def test_a_command_that_does_not_exist_is_found_before_anything_is_bought(desk, place):
    typo = {"command": "pytset -q", "tests": "none"}
    phases = [phase_of("one", **({"ci": typo} if place == "first" else {})), phase_of("two", **({"ci": typo} if place == "last" else {}))]
    desk.plan(*phases, **({"final": {"steps": [typo]}} if place == "final" else {}))
    with scripted_server(oracle_of(TWO)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
        assert server.calls == []
    sentence = ending(done, 7)
    assert "'pytset -q' cannot be started" in sentence
    assert "'pytset' is not found" in sentence
    assert "Correct the command in the plan" in sentence
    assert {"first": "phase 'one'", "last": "phase 'two'", "final": "the final check"}[place] in sentence
    assert "one" not in [phase["id"] for phase in desk.status("r")["phases"] if phase["attempts"]]


def test_a_derive_step_that_cannot_be_started_is_found_before_anything_is_bought(desk):
    derive = {"command": "gofmtt --write {changed}", "when": ["app.txt"], "writes": "changed", "env_from": ["STYLE"]}
    desk.plan(phase_of("one", derive=[derive]))
    with scripted_server(oracle_of(ONE)) as server:
        keyed = desk.beside(server)
        assert "env_from names 'STYLE', which is not set here" in ending(keyed.autopack("run", "--run-id", "r"), 7)
        sentence = ending(keyed.with_env(STYLE="wide").autopack("run", "--run-id", "r"), 7)
        assert server.calls == []
    assert "phase 'one': the derive step 'gofmtt --write {changed}' cannot be started: 'gofmtt' is not found on PATH." in sentence
    assert "Correct the command in the plan" in sentence


def test_a_run_whose_command_was_mistyped_can_be_begun_anew(desk):
    desk.plan(phase_of("one", ci={"command": ["no-such-program"], "tests": "none"}))
    with scripted_server(oracle_of(ONE)) as server:
        keyed = desk.beside(server)
        assert "no-such-program" in ending(keyed.autopack("run", "--run-id", "r"), 7)
        desk.plan()
        assert "--new" in refusal(keyed.autopack("run"), 3)
        done = keyed.autopack("run", "--new")
        assert done.exit_code == 0, done.stderr


def test_a_check_that_collects_nothing_is_said_and_is_no_success(desk):
    commit_files(desk.repo, {"README.md": "nothing to test yet\n"}, "more")
    desk.plan(phase_of("one", "app.txt", "test_app.py", ci=PYTEST))
    test = "def test_app():\n    assert open('app.txt').read() == 'two\\n'\n"
    sound = oracle_of({"one": {"app.txt": "two\n", "test_app.py": test}})
    without = oracle_of(ONE)

    def script(request):
        return (without if request.headers["x-autopack-attempt"] == "1" else sound)(request)

    with scripted_server(script) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
    assert "one" in done.told("preflight")[0]["message"]
    failed = done.told("phase_recovering")
    assert [line["kind"] for line in failed] == ["no_tests"]
    assert desk.status("r")["phases"][0]["checks"]["passed"] == 1


def test_a_check_that_hangs_is_ended_with_its_children_and_told(desk):
    nap = f"sleep 300.{uuid.uuid4().int}"
    script = f"grep -q two app.txt && {{ trap '' TERM; {nap} & echo napping; wait; }}\ntrue\n"
    commit_files(desk.repo, {"check.sh": script}, "a check that hangs")
    desk.plan(phase_of("one", max_attempts=1, ci={"command": "sh check.sh", "tests": "none", "timeout_s": 1}))
    with scripted_server(oracle_of(ONE, {**FILES, "check.sh": script})) as server:
        began = time.monotonic()
        done = desk.beside(server).with_env(AUTOPACK_CHECKS__KILL_GRACE_S="0.2").autopack("run", "--run-id", "r")
    assert "not complete: one" in ending(done, 1)
    assert time.monotonic() - began < 100
    failure = desk.status("r")["phases"][0]["failure"]
    assert failure["kind"] == "check_timeout"
    assert "1 s" in failure["message"]
    assert "\nnapping\n" in log_of(desk, "one-1")
    assert nap not in commands_running()


def test_a_check_that_prints_200_megabytes_is_ended_within_bounds(desk):
    script = "grep -q two app.txt && yes 'a line of a very talkative check' | head -c 200000000\ntrue\n"
    commit_files(desk.repo, {"check.sh": script}, "a check that floods")
    desk.plan(phase_of("one", max_attempts=1))
    peak = 0
    with (
        scripted_server(oracle_of(ONE, {**FILES, "check.sh": script})) as server,
        desk.beside(server).fresh().start("run", "--run-id", "r") as running,  # of its own memory
    ):
        while running.process.poll() is None:
            peak = max(peak, peak_kb(running.pid))
            time.sleep(0.02)
        done = running.end()
    ending(done, 1)
    assert 0 < peak < 400_000
    failure = desk.status("r")["phases"][0]["failure"]
    assert failure["kind"] == "checks_red"
    assert "100" in failure["message"]
    logs = [path.stat().st_size for path in (desk.repo / ".autonomous_runs" / "r" / "ci").iterdir()]
    assert max(logs) < 2 * 8_000_000 + 10_000  # what is newly red runs twice
    assert len(done.stderr) < 100_000
    database = desk.repo / ".git" / "autopack" / "autopack.db"
    assert database.stat().st_size < 5_000_000


def test_a_check_that_kills_itself_is_red(desk):
    script = "grep -q two app.txt && kill -9 $$\ntrue\n"
    commit_files(desk.repo, {"check.sh": script}, "a check that kills itself")
    desk.plan(phase_of("one", max_attempts=2))
    with scripted_server(oracle_of(ONE, {**FILES, "check.sh": script})) as server:
        ending(desk.beside(server).autopack("run", "--run-id", "r"), 1)
        feedback = server.asked("builder")[1].text
    failure = desk.status("r")["phases"][0]["failure"]
    assert failure["kind"] == "checks_red"
    assert "SIGKILL" in failure["message"] or "signal 9" in failure["message"]
    assert failure["message"].split("'")[-1] in feedback
    assert desk.git("rev-parse", "autopack/r") == desk.git("rev-parse", "main")


def test_a_check_reads_no_terminal_and_sees_no_key(desk):
    script = "cat; env\n"
    commit_files(desk.repo, {"check.sh": script}, "a check that reads")
    desk.plan(phase_of("one", ci={**CHECK, "log_on_success": True}))
    with scripted_server(oracle_of(ONE, {**FILES, "check.sh": script})) as server:
        done = desk.beside(server).with_env(ANTHROPIC_API_KEY="sk-ant-canary-0123456789").autopack("run", "--run-id", "r")
    assert done.exit_code == 0, done.stderr
    assert "\nAUTOPACK_RUN=r\n" in log_of(desk, "one-1")
    assert "canary" not in log_of(desk, "one-1")
    assert "ANTHROPIC_API_KEY" not in log_of(desk, "one-1")


def test_a_check_that_is_red_on_the_base_is_said_and_work_goes_on(desk):
    commit_files(desk.repo, {"check.sh": "grep -q two app.txt\n"}, "red at first")
    desk.plan(defaults={"ci": CHECK})
    with scripted_server(oracle_of(ONE)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
    assert done.exit_code == 0, done.stderr
    assert "on the base commit" in done.stderr


def log_of(desk: Desk, name: str) -> str:
    return (desk.repo / ".autonomous_runs" / "r" / "ci" / f"{name}.log").read_text("utf-8")


def commands_running() -> str:
    """The words of every process there is."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            found.append(file.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
    return "\n".join(found)


def peak_kb(pid: int) -> int:
    """The most memory that a process has held so far; 0 once it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)
