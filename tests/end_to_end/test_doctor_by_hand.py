"""`autopack doctor ID PHASE`: what a model advises about a phase that failed or waits; with `--apply` it is done."""

import json

import pytest

from tests.end_to_end.test_recovery import FIX, HINT, script, stubborn
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

SETTINGS = (
    "replan: {max_replans_per_phase: 0}\ncomplexity_escalation: {max_attempts_per_phase: 1}\ndoctor: {allow_execute_fix_global: true}\n"
)


@pytest.fixture
def failed(desk):
    """A run whose one phase has failed."""
    stubborn(desk.configured(SETTINGS), allow_mass_deletion=True)
    with scripted_server(script()) as server:
        assert desk.beside(server).autopack("run", "--run-id", "r").exit_code == 1
    return desk


def doctor(desk, answer, *words):
    with scripted_server(script(doctor=answer)) as server:
        return desk.beside(server).autopack("doctor", "r", *words), server.calls


def state(desk):
    return desk.status("r")["phases"][0]["state"]


def test_the_advice_is_told_and_nothing_changes(failed):
    done, calls = doctor(failed, FIX)
    assert done.exit_code == 0, done.stderr
    assert [call.role for call in calls] == ["doctor"]
    assert "wrong 1" in calls[0].text
    assert "Left: 0 of 1 attempts" in calls[0].text
    assert "mkdir" in calls[0].text, "commands are allowed here"
    for part in ("retry with fix, confidence 0.90", "It writes the wrong word.", HINT):
        assert part in done.stdout
    assert "autopack doctor r one --apply" in done.stderr
    assert (state(failed), failed.status("r")["state"]) == ("failed", "failed")
    assert failed.autopack("usage", "r", "--json").json["total"]["calls"] == 2


def test_applied_a_hint_gives_fresh_attempts_that_read_it(failed):
    done, _ = doctor(failed, FIX, "one", "--apply", "--json")
    assert done.exit_code == 0, done.stderr
    assert (done.json["applied"], done.json["diagnosis"]["hint"], state(failed)) == ("queued: one.", HINT, "queued")
    with scripted_server(script(right_at=2)) as server:
        assert failed.beside(server).autopack("resume", "r").exit_code == 0
        assert HINT in server.asked("builder")[0].text


def test_applied_commands_are_run_and_the_next_attempt_starts_from_what_they_left(failed):
    answer = {**FIX, "action": "execute_fix", "hint": "Say two.", "fix_type": "file", "fix_commands": [["cp", "docs/notes.txt", "app.txt"]]}
    done, _ = doctor(failed, answer, "--apply", "--json")
    assert done.exit_code == 0, done.stderr
    assert done.json["fix"]["candidate"]["paths"] == ["app.txt"]
    with scripted_server(script(right_at=2)) as server:
        assert failed.beside(server).autopack("resume", "r").exit_code == 0
        assert "Commands were run: cp docs/notes.txt app.txt" in server.asked("builder")[0].text
    assert failed.git("log", "-1", "--format=%(trailers:key=Autopack-Fix,valueonly)", "autopack/r") == "cp docs/notes.txt app.txt"


@pytest.mark.parametrize(
    "answer",
    [
        {"action": "mark_fatal"},
        {"action": "rollback_run"},
        {"action": "skip_phase"},
        {"action": "execute_fix"},
        {"criteria": [{"criterion": "1", "wrong": "It cannot be."}]},
    ],
)
def test_what_is_not_a_commands_to_decide_is_left_with_the_reason(failed, answer):
    done, _ = doctor(failed, {**FIX, **answer}, "--apply", "--json")
    assert done.json["applied"].startswith("nothing: ")
    assert state(failed) == "failed"


def test_a_phase_that_waits_for_a_person_may_be_asked_about_too(desk):
    """Its builder was blocked; a hint gives it fresh attempts."""
    stubborn(desk)
    blocked = {"kind": "question", "message": "Which number?", "paths": []}
    with scripted_server(lambda _: {"text": json.dumps({"summary": "s", "files": [], "blocked": blocked})}) as server:
        assert desk.beside(server).autopack("run", "--run-id", "r").exit_code == 4
    done, calls = doctor(desk, FIX, "one", "--apply", "--json")
    assert done.exit_code == 0, done.stderr
    assert "Which number?" in calls[0].text
    assert (done.json["applied"], state(desk)) == ("queued: one.", "queued")
    with scripted_server(script(right_at=1)) as server:
        assert desk.beside(server).autopack("resume", "r").exit_code == 0
        assert HINT in server.asked("builder")[0].text


def test_an_answer_that_cannot_be_read_is_told(failed):
    done, _ = doctor(failed, "I would rather not.", "--apply")
    assert "not used: " in done.stdout
    assert state(failed) == "failed"


def test_a_phase_that_has_not_failed_is_none_for_a_doctor(desk):
    stubborn(desk)
    with scripted_server(script(right_at=1)) as server:
        assert desk.beside(server).autopack("run", "--run-id", "r").exit_code == 0
    done, calls = doctor(desk, FIX, "one")
    assert (done.exit_code, calls) == (2, [])
    assert "one that has failed or is held" in done.stderr
    assert json.loads(desk.autopack("doctor", "--json").stdout)["schema"] == 1, "without a run it looks at the machine"
