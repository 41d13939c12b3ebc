"""The process that makes a run's calls: begun with the run, gone with it whatever ends that, and done without when it is lost."""

import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.support.command import ONE, oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

RUN = ("run", "--run-id", "r", "--json")
WHAT_IS_IMPORTED = """
import sys
from autopack.__main__ import main
try:
    main()
finally:
    print("imported:", *(name for name in ("anthropic", "openai") if name in sys.modules), file=sys.stderr)
"""


def worker_of(running):
    """The child that runs the same program."""
    found = [child for child in psutil.Process(running.pid).children() if child.name() == psutil.Process(running.pid).name()]
    return found[0] if found else None


def is_gone(process, patience_s=20.0):
    end = time.monotonic() + patience_s
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def hanging_at_first(calls):
    """The first call of all never ends; every other one is answered."""
    oracle = oracle_of(ONE)

    def script(request):
        calls.append(request)
        return {"fault": {"kind": "hang", "seconds": 100}} if len(calls) == 1 else oracle(request)

    return script


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_it_goes_with_the_run_whatever_ends_that(desk, number):
    desk.plan()
    with scripted_server(hanging_at_first(calls := [])) as server:
        with desk.beside(server).start(*RUN) as running:
            running.until(lambda: calls)
            worker = worker_of(running)
            running.send(number)
            running.end()
            assert is_gone(worker)
        done = desk.beside(server).autopack(*RUN)
    assert done.exit_code == 0, done.stderr
    assert desk.at("autopack/r", "app.txt") == "two\n"


def test_a_start_that_is_refused_leaves_none(desk):
    (desk.repo / "autopack.yaml").write_text("version: 1\n", "utf-8")
    program = "import psutil, atexit; atexit.register(lambda: print([c.pid for c in psutil.Process().children()]))\n"
    done = desk.with_env(ANTHROPIC_API_KEY="k").python(program + "from autopack.__main__ import main; main()", *RUN)
    assert done.exit_code == 3
    (worker,) = (int(word) for word in done.stdout.strip("[]\n").split(","))
    assert not psutil.pid_exists(worker) or is_gone(psutil.Process(worker))


def test_signals_of_the_terminal_are_the_runs_alone(desk):
    desk.plan()
    with scripted_server(hanging_at_first(calls := [])) as server, desk.beside(server).start(*RUN) as running:
        running.until(lambda: calls)
        worker = worker_of(running)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            worker.send_signal(number)
        time.sleep(0.3)
        assert worker.is_running()
        assert worker.status() != psutil.STATUS_ZOMBIE


def test_a_worker_that_is_killed_costs_one_call_and_the_run_goes_on_without_it(desk):
    desk.configured("retries: {first_wait_s: 0.01}\n").plan()
    with scripted_server(hanging_at_first(calls := [])) as server, desk.beside(server).start(*RUN) as running:
        running.until(lambda: calls)
        worker_of(running).kill()
        done = running.end()
    assert done.exit_code == 0, done.stderr
    (failure,) = done.told("wire_failure")
    assert failure["kind"] == "connection"
    assert "the process that held the connection ended" in failure["message"]
    assert [call.headers["x-autopack-role"] for call in calls] == ["builder", "builder", "auditor"]


def test_a_worker_that_does_not_run_any_more_is_ended_at_the_calls_limit(desk):
    desk.configured("timeouts: {first_byte_s: 3}\nretries: {first_wait_s: 0.01}\n").plan()
    with scripted_server(hanging_at_first(calls := [])) as server, desk.beside(server).start(*RUN) as running:
        running.until(lambda: calls)
        worker = worker_of(running)
        worker.suspend()
        done = running.end()
        assert is_gone(worker)
    assert done.exit_code == 0, done.stderr
    assert "timeouts.first_byte_s" in done.told("wire_failure")[0]["message"]


@pytest.mark.parametrize("api", ["anthropic", "openai"])
def test_the_run_itself_imports_no_sdk(desk, api):
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server:
        done = desk.beside(server, api).python(WHAT_IS_IMPORTED, *RUN)
    assert done.exit_code == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "imported:"


def test_one_that_began_with_the_other_sdk_learns_the_one_that_is_needed(desk):
    """Both keys are there, and the person's configuration asks OpenAI alone."""
    desk.plan(phase_of("one", "app.txt"))
    with scripted_server(oracle_of(ONE)) as server:
        both = desk.beside(server, "openai").with_env(ANTHROPIC_API_KEY="k", ANTHROPIC_BASE_URL="http://127.0.0.1:1")
        done = both.python(WHAT_IS_IMPORTED, *RUN, "--model", "sol")
        assert done.exit_code == 0, done.stderr
        assert done.stderr.splitlines()[-1] == "imported:"
        assert {call.headers["host"] for call in server.calls} == {server.base_url.removeprefix("http://")}


@pytest.mark.parametrize("words", [("run", "--help"), ("run", "--dry-run"), ("plan", "check"), ("status",), ("resume", "-h")])
def test_what_asks_no_model_begins_none(desk, words):
    desk.plan()
    program = "import os; real = os.fork; os.fork = lambda: print('forked') or real()\n"
    done = desk.with_env(ANTHROPIC_API_KEY="k").python(program + "from autopack.__main__ import main; main()", *words)
    assert "forked" not in done.stdout
    assert "Traceback" not in done.stderr


def test_a_machine_that_has_no_room_for_one_does_without(desk):
    desk.plan()
    program = "import os\ndef full(): raise OSError(11, 'no room')\nos.fork = full\n"
    with scripted_server(oracle_of(ONE)) as server:
        done = desk.beside(server).python(program + WHAT_IS_IMPORTED, *RUN)
    assert done.exit_code == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "imported: anthropic"


def test_its_environment_shows_no_key(desk):
    desk.plan()
    with scripted_server(hanging_at_first(calls := [])) as server, desk.beside(server).start(*RUN) as running:
        running.until(lambda: calls)
        shown = [Path(f"/proc/{pid}/environ").read_bytes() for pid in (running.pid, worker_of(running).pid)]
    key = server.environment("anthropic")["ANTHROPIC_API_KEY"].encode()
    assert all(b"PATH=" in text and key not in text for text in shown)
