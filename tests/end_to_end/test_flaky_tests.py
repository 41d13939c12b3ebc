"""Tests that come and go: they cost no model call, are known by the project with counts, and are no excuse for a test that was edited."""

import pytest

from tests.support.command import Desk, oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

APP = {"app.txt": "one\n", "tests/test_a.py": "def test_steady():\n    pass\n\n\ndef test_coin():\n    pass\n"}
COUNT = 'n=$(cat "{0}" 2>/dev/null || echo 0); n=$((n + 1)); echo $n > "{0}"'


def every_second(tmp_path, *, test="tests/test_a.py::test_coin", steady="echo ok 1 steady"):
    """A check whose test fails each time that the count is even."""
    flip = f'if [ $((n % 2)) -eq 0 ]; then echo "not ok 2 {test}"; exit 1; fi; echo "ok 2 {test}"'
    return {"command": f"{COUNT.format(tmp_path / 'count')}; echo 1..2; {steady}; {flip}", "results": {"format": "tap"}, "timeout_s": 60}


def flaky(desk, *words):
    done = desk.autopack("tests", "flaky", *words, "--json")
    assert done.exit_code == 0, done.stderr
    return done.json["tests"]


def run(desk, script, run_id, *phases):
    desk.plan(*phases)
    with scripted_server(script) as server:
        done = desk.beside(server).with_env(AUTOPACK_SANDBOX="off").autopack("run", "--run-id", run_id, "--new", "--json")
        return done, server.calls


def test_one_that_fails_every_second_time_costs_no_model_call_and_is_known_afterwards(tmp_path):
    desk = Desk.make(tmp_path, APP)
    phases = [phase_of(f"p{number}", ci=every_second(tmp_path)) for number in range(3)]
    script = oracle_of({f"p{number}": {"app.txt": f"{number}\n"} for number in range(3)}, APP)
    done, calls = run(desk, script, "r", *phases)
    assert done.exit_code == 0, done.stdout + done.stderr
    assert [(call.phase, call.role) for call in calls] == [(f"p{n}", role) for n in range(3) for role in ("builder", "auditor")]
    (found,) = flaky(desk)
    assert found["test"] == "tests/test_a.py::test_coin"
    assert (found["times"], found["runs"]) == (len(done.told("flaky")), 1)
    assert found["times"] >= 1
    assert "tests/test_a.py::test_coin" in desk.autopack("tests", "flaky").stdout
    assert flaky(desk, "--project", "elsewhere") == []
    assert desk.autopack("rules", "list", "--json").json["rules"] == []


def test_one_that_comes_and_goes_beside_a_red_one_is_not_told_to_the_builder(tmp_path):
    desk = Desk.make(tmp_path, APP)
    steady = "grep -q two app.txt && echo ok 1 steady || { echo not ok 1 steady; bad=1; }"
    ci = every_second(tmp_path, steady=steady)
    ci["command"] = ci["command"].replace("; fi; echo", "; fi; [ -z $bad ] || exit 1; echo")
    ci["command"] += "; [ -z $bad ]"
    first, right = oracle_of({"one": {"app.txt": "three\n"}}, APP), oracle_of({"one": {"app.txt": "two\n"}}, APP)
    done, calls = run(
        desk, lambda request: (first if request.headers["x-autopack-attempt"] == "1" else right)(request), "r", phase_of("one", ci=ci)
    )
    assert done.exit_code == 0, done.stdout + done.stderr
    second = next(call.text for call in calls if (call.role, call.attempt) == ("builder", 2))
    assert "steady" in second
    failure = second[second.index("Your last edits were applied") :]
    assert "not ok 1 steady" in failure or "steady" in failure
    assert done.told("phase_recovering")[0]["message"].count("test_coin") == 0


def test_a_known_one_is_run_some_times_more_before_it_counts(tmp_path):
    desk = Desk.make(tmp_path, APP)
    script = oracle_of({"one": {"app.txt": "two\n"}, "two": {"app.txt": "three\n"}}, APP)
    run(desk, script, "r", phase_of("one", ci=every_second(tmp_path)), phase_of("two", ci=every_second(tmp_path)))
    assert [one["test"] for one in flaky(desk)] == ["tests/test_a.py::test_coin"]
    often = {**every_second(tmp_path)}
    flip = 'if [ $n -lt 12 ]; then echo "not ok 2 tests/test_a.py::test_coin"; exit 1; fi; echo "ok 2 tests/test_a.py::test_coin"'
    often["command"] = f"{COUNT.format(tmp_path / 'other')}; grep -q new app.txt || n=99; echo 1..2; echo ok 1 steady; {flip}"
    (tmp_path / "other").write_text("8\n")
    done, calls = run(desk, oracle_of({"three": {"app.txt": "new\n"}}, {**APP, "app.txt": "one\n"}), "s", phase_of("three", ci=often))
    assert done.exit_code == 0, done.stdout + done.stderr
    assert [call.role for call in calls] == ["builder", "auditor"]


def test_one_that_the_builder_edited_is_tampering(tmp_path):
    desk = Desk.make(tmp_path, APP)
    edited = {"tests/test_a.py": APP["tests/test_a.py"].replace("def test_coin():\n    pass", "def test_coin():\n    assert coin()")}
    script = oracle_of({"one": {"app.txt": "two\n", **edited}}, APP)
    done, _ = run(desk, script, "r", phase_of("one", "app.txt", "tests/test_a.py", max_attempts=1, ci=every_second(tmp_path)))
    assert done.exit_code == 1, done.stdout + done.stderr
    (failed,) = done.told("phase_recovering")
    assert failed["kind"] == "tests_weakened"
    assert "tests/test_a.py::test_coin" in failed["message"]
    assert flaky(desk) == []
