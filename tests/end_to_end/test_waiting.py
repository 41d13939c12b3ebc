"""Limits and outages are waited out, over kills too; an outage is paid once; a start ends in time."""

import signal
import time
from datetime import UTC, datetime

import pytest

from tests.support.command import ONE, ending, oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

SHORT = "retries: {times: 1, first_wait_s: 0.01, max_wait_s: 0.5}\n"
TWO = {"one": {"app.txt": "two\n"}, "two": {"app.txt": "three\n"}}


def limited(seconds, *, header=False):
    """A limit that ends after so many seconds, from the first request on."""
    began = []

    def answer(request):
        began.append(time.time())
        left = began[0] + seconds - time.time()
        if left <= 0:
            return oracle_of(ONE)(request)
        if not header:
            return {"fault": {"kind": "status", "status": 429, "retry_after": left}}
        reset = datetime.fromtimestamp(began[0] + seconds, UTC).isoformat()
        names = {"anthropic-ratelimit-requests-remaining": "0", "anthropic-ratelimit-requests-reset": reset}
        return {
            "wire": {"status": 429, "headers": names, "json": {"type": "error", "error": {"type": "rate_limit_error", "message": "slow"}}}
        }

    return answer


@pytest.mark.parametrize("header", [False, True], ids=["retry-after", "reset"])
def test_a_dated_limit_is_waited_out_exactly_and_shown_meanwhile(desk, header):
    desk.configured(SHORT).plan()
    with scripted_server(limited(4, header=header)) as server:
        at = desk.beside(server)
        with at.start("run", "--run-id", "r", "--json", "--max-wait", "60s") as running:
            running.until(lambda: any(line["event"] == "run_waiting" for line in running.events))
            status = at.autopack("status", "r", "--json")
            assert (status.exit_code, status.json["state"]) == (9, "waiting")
            until = status.json["until"]
            assert time.time() < until < time.time() + 4
            (line,) = at.autopack("runs", "--json").json["runs"]
            assert (line["state"], line["until"]) == ("waiting", until)
            assert "waiting (until 20" in at.autopack("runs").stdout
            assert "waits" in at.autopack("status", "r").stdout
            done = running.end()
        assert done.exit_code == 0, done.stderr
        assert len(server.calls) == 3, "nobody is asked before the date"
        (waiting,) = done.told("run_waiting")
        (over,) = done.told("wait_over")
        assert waiting["until"] == until
        assert -0.001 <= datetime.fromisoformat(over["time"]).timestamp() - until < 2  # events are told to the millisecond
    assert desk.status("r")["health"]["total_failures"] == 0, "a wait does not count"


def test_killed_while_it_waits_the_next_start_waits_until_the_same_moment(desk):
    desk.configured(SHORT).plan()
    with scripted_server(limited(7)) as server:
        at = desk.beside(server)
        with at.start("run", "--run-id", "r", "--json", "--max-wait", "60s") as running:
            running.until(lambda: any(line["event"] == "run_waiting" for line in running.events))
            until = at.status("r")["until"]
            running.send(signal.SIGKILL)
            running.end()
        assert at.autopack("status", "r").exit_code == 143
        done = at.autopack("resume", "r", "--json", "--max-wait", "60s")
        assert done.exit_code == 0, done.stderr
        assert [line["until"] for line in done.told("run_waiting")] == [pytest.approx(until, abs=0.1)]
        assert len(server.calls) == 3


def test_an_outage_beyond_the_patience_is_exit_6_with_one_last_try(desk):
    desk.configured(SHORT).plan()
    with scripted_server(lambda _: {"fault": {"kind": "status", "status": 500, "message": "boom"}}) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--max-wait", "2s")
        assert "(waited 2 s)" in ending(done, 6)
        assert "boom" in done.stderr
        assert len(server.calls) == 3
        assert done.seconds > 2
    status = desk.autopack("status", "r", "--json")
    assert (status.exit_code, status.json["state"], status.json["until"]) == (6, "blocked", None)
    with scripted_server(oracle_of(ONE)) as server:
        assert desk.beside(server).autopack("resume", "r").exit_code == 0


def test_a_wait_ends_at_once_where_a_person_stops_it(desk):
    desk.configured(SHORT).plan()
    with scripted_server(limited(3600)) as server:
        at = desk.beside(server)
        with at.start("run", "--run-id", "r", "--json", "--max-wait", "2h") as running:
            running.until(lambda: any(line["event"] == "run_waiting" for line in running.events))
            assert at.autopack("stop", "r").exit_code == 0
            assert running.end(30).exit_code == 130


def test_an_outage_is_paid_once_and_not_by_each_model_and_attempt(desk):
    desk.configured("retries: {times: 4, first_wait_s: 0.01}\n").plan(phase_of("one"), phase_of("two"))
    with scripted_server(lambda _: {"fault": {"kind": "status", "status": 529}}) as down, scripted_server(oracle_of(TWO)) as up:
        keyed = desk.with_env(**down.environment("anthropic"), **up.environment("openai"))
        done = keyed.autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stderr
        assert len(down.calls) == 5
        assert [call.role for call in up.calls] == ["builder", "auditor"] * 2
    assert len(done.told("provider_given_up")) == 1


def test_a_start_ends_in_time_and_the_next_one_goes_on(desk):
    slow = {"command": "sleep 4", "tests": "none", "timeout_s": 60}
    desk.plan(phase_of("one", ci=slow), phase_of("two"))
    with scripted_server(oracle_of(TWO)) as server:
        at = desk.beside(server)
        until = datetime.fromtimestamp(time.time() + 3, UTC).isoformat()
        done = at.autopack("run", "--run-id", "r", "--until", until)
        assert "when this start was to end (--until)" in ending(done, 5)
        status = at.autopack("status", "r", "--json")
        assert (status.exit_code, status.json["state"], status.json["reason"]) == (5, "stopped", "until")
        assert status.json["next"] == ["autopack resume r"]
        bought = len(server.calls)
        assert at.autopack("resume", "r").exit_code == 0
        assert len(server.calls) == 4
        assert bought < 4


def test_a_wait_that_would_last_longer_than_the_start_is_not_begun(desk):
    desk.configured(SHORT).plan()
    with scripted_server(limited(3600)) as server:
        until = datetime.fromtimestamp(time.time() + 600, UTC).isoformat(timespec="minutes")
        done = desk.beside(server).autopack("run", "--run-id", "r", "--until", until, "--max-wait", "2h")
        assert "Nobody can be asked again before" in ending(done, 5)


@pytest.mark.parametrize("words", [("--max-wait", "8"), ("--until", "25:00")])
def test_times_that_are_none_are_wrong_usage(desk, words):
    desk.plan()
    assert desk.autopack("run", *words).exit_code == 2
