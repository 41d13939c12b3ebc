"""Servers that never come to an end, and clocks that jump: every wait has a limit, and what is left can go on."""

import subprocess
import sys
import threading
import time

import pytest

from autopack.executor.heartbeat import HEARTBEAT_S
from tests.support.command import FILES, ONE, Desk, Ended, ending, oracle_of, phase_of
from tests.support.raw_server import EVENT_STREAM, full_server, hold, raw_server
from tests.support.repos import commit_files
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

IMPATIENT = "timeouts: {connect_s: 5, first_byte_s: 2, idle_s: 2, call_s: 4}\nretries: {times: 1, first_wait_s: 0.01}\n"
PATIENT = {f"AUTOPACK_MODELS__TIMEOUTS__{name}_S": "60" for name in ("FIRST_BYTE", "IDLE", "CALL")}
HOURS = 8 * 3600
JUMPING = """
import itertools, os, time
import autopack.cli.options as options
import autopack.executor.start.start_run as start_run
from autopack.core.clock import Clock

def jumping(read, when, by):
    calls = itertools.count(1)
    return lambda: read() + (by if next(calls) >= when else 0)

def sleeping(read, nights, by):
    return lambda: read() + by * len(os.listdir(nights))

start_run.HEARTBEAT_S = 0.2
options.system_clock = lambda: Clock({clock})
from autopack.__main__ import main
main()
"""
SET_BACK = f"jumping(time.time, 12, -{HOURS}), time.monotonic, time.sleep"
ASLEEP = f"sleeping(time.time, NIGHTS, {HOURS}), sleeping(time.monotonic, NIGHTS, {HOURS}), time.sleep"


def drip(head):
    """A byte every fifth of a second after this beginning, without end."""

    def answer(connection):
        connection.sendall(head)
        while True:
            connection.sendall(b":" if head else b"H")
            time.sleep(0.2)

    return answer


@pytest.mark.parametrize(
    ("answer", "limit"),
    [(hold, "timeouts.first_byte_s"), (drip(b""), "timeouts.first_byte_s"), (drip(EVENT_STREAM), "timeouts.call_s")],
    ids=["accepts and says nothing", "drips its head", "drips its body"],
)
def test_a_server_that_never_ends_is_given_up_within_its_limits(desk, answer, limit):
    desk.configured(IMPATIENT).plan()
    with raw_server(answer) as address:
        down = desk.with_env(ANTHROPIC_API_KEY="k", ANTHROPIC_BASE_URL=address)
        sentence = ending(down.autopack("run", "--run-id", "r", patience_s=100), 6)
    assert "No provider can answer" in sentence
    assert limit in sentence
    with scripted_server(oracle_of(ONE)) as server:
        assert desk.beside(server).with_env(**PATIENT).autopack("resume", "r").exit_code == 0
    assert desk.at("autopack/r", "app.txt") == "two\n"


def test_a_server_that_takes_no_connection_is_given_up_with_the_name_of_the_limit(desk):
    desk.configured("timeouts: {connect_s: 1, first_byte_s: 30}\nretries: {times: 1, first_wait_s: 0.01}\n").plan()
    with full_server() as address:
        down = desk.with_env(ANTHROPIC_API_KEY="k", ANTHROPIC_BASE_URL=address)
        done = down.autopack("run", "--run-id", "r", patience_s=100)
    assert "no connection came about in time (timeouts.connect_s)" in ending(done, 6)
    assert done.seconds < 28, "not the limit for the first byte"
    assert desk.status("r")["budget"]["reserved_usd"] == 0, "nothing was sent, so nothing can have been bought"


def test_a_clock_that_is_set_back_in_the_middle_neither_hangs_the_run_nor_spends_its_hours(desk):
    desk.configured("retries: {first_wait_s: 0.5, max_wait_s: 2}\n").plan(budget={"max_hours": 1})
    with scripted_server(oracle_of(ONE), faults=("1:status:status=429,retry_after=1",)) as server:
        done = with_clock(desk.beside(server), SET_BACK)
        assert done.exit_code == 0, done.stderr
        assert len(server.calls) == 3
    assert HEARTBEAT_S == 60
    beats = done.told("heartbeat")
    assert len(beats) >= 3, "one at each beat, here five a second, while nothing else happens"
    assert all((beat["run_id"], beat["phase"]) == ("r", None) for beat in beats)
    times = [line["time"] for line in done.events if "time" in line]
    assert times[-1] < times[0], "the clock did go back"


def test_a_machine_that_sleeps_in_a_call_in_a_check_and_in_a_wait_goes_on_and_spends_no_hours(desk, tmp_path):
    """Each file in the folder is a night that the machine has slept."""
    nights = tmp_path / "nights"
    nights.mkdir()
    check = f"grep -q two app.txt && touch '{nights}/check'; true\n"
    commit_files(desk.repo, {"check.sh": check}, "a check in whose middle it falls asleep")
    desk.configured("retries: {first_wait_s: 0.01}\n").plan(phase_of("one"), phase_of("two", "docs/"), budget={"max_hours": 1})
    oracle, asked = oracle_of({"one": {"app.txt": "two\n"}, "two": {"docs/two.txt": "two\n"}}, {**FILES, "check.sh": check}), []

    def script(request):
        asked.append((request.headers["x-autopack-phase"], request.headers["x-autopack-role"]))
        if len(asked) == 1:
            (nights / "call").touch()
            return {"fault": {"kind": "hang", "seconds": 60}}
        if asked.count(("two", "builder")) == 1 and asked[-1][1] == "builder":
            threading.Timer(0.5, (nights / "wait").touch).start()
            return {"fault": {"kind": "status", "status": 429, "retry_after": 2}}
        return oracle(request)

    with scripted_server(script) as server:
        done = with_clock(desk.beside(server).with_env(AUTOPACK_SANDBOX="off"), ASLEEP.replace("NIGHTS", repr(str(nights))))
        assert done.exit_code == 0, done.stderr
        assert asked == [("one", role) for role in ("builder", "builder", "auditor")] + [
            ("two", role) for role in ("builder", "builder", "auditor")
        ]
    assert sorted(path.name for path in nights.iterdir()) == ["call", "check", "wait"]
    assert "timeouts." in done.told("wire_failure")[0]["message"]
    slept = sum(line["seconds"] for line in done.told("machine_slept"))
    assert 3 * HOURS - 600 < slept < 3 * HOURS + 60
    assert "asleep for about" in done.told("machine_slept")[0]["message"]


def with_clock(desk: Desk, clock: str) -> Ended:
    """`autopack run` with this clock in place of the machine's and a quicker heartbeat; everything else is the real command."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", JUMPING.replace("{clock}", clock), "run", "--run-id", "r", "--json"],
        cwd=desk.repo, env=desk.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    return Ended(done.returncode, done.stdout, done.stderr, time.monotonic() - began)
