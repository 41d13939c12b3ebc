"""A change that does not serve the plan's goal: told, or the end of its attempt; never an alarm where nothing can compare."""

import json

import pytest

from tests.end_to_end.test_memory_vectors import named
from tests.support.command import Desk, oracle_of, phase_of
from tests.support.extras import with_extras
from tests.support.repos import git
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

GOAL = "Customers log in with a password."
TASK = "Add the login of customers, with their password."
SERVES = {"one": {"app.txt": "customers log in with a password\nthe login of customers\n"}}
DRIFTS = {"one": {"app.txt": "rain and snow over Finland tomorrow\nwind from the sea\n"}}


def configured(desk, drift, embeddings="openai"):
    return desk.configured(f"embeddings: {embeddings}\ngoal_drift: {drift}\n", "memory.yaml")


def run(desk, changes, *words, plan=True):
    if plan:
        desk.plan(phase_of("one", description=TASK), goal=GOAL)
    with scripted_server(oracle_of(changes)) as server:
        env = {**server.environment("openai"), **server.environment("anthropic")}
        beside = desk.with_env(**env)
        done = beside.autopack(*(words or ("run", "--run-id", "r")), "--json")
        return beside, done, server.asked("builder", "one")


def test_a_far_change_is_an_event_and_a_line_and_lands(desk):
    desk, done, _ = run(configured(named(desk), "{threshold: 0.3}"), DRIFTS)
    assert done.exit_code == 0, done.stderr
    (told,) = done.told("step_drift")
    assert told["alike"] < told["threshold"] == 0.3
    assert "is it what was asked for?" in desk.autopack("show", "r", "one").stdout
    (attempt,) = desk.autopack("show", "r", "one", "--json").json["attempts"]
    assert attempt["drift"]["alike"] == told["alike"]


def test_a_change_that_serves_the_goal_is_no_event(desk):
    desk, done, _ = run(configured(named(desk), "{threshold: 0.3, mode: blocking}"), SERVES)
    assert done.exit_code == 0, done.stderr
    assert done.told("step_drift") == []
    assert "0.30 is asked for" in desk.autopack("show", "r", "one").stdout


def test_blocking_holds_the_phase_with_both_texts_until_a_person_has_looked(desk):
    desk, done, _ = run(configured(named(desk), "{threshold: 0.3, mode: blocking}"), DRIFTS)
    assert done.exit_code == 4, done.stderr
    (phase,) = desk.autopack("status", "r", "--json").json["phases"]
    assert (phase["held"], phase["held_because"]["reason"], phase["failure"]["kind"]) == ("question", "goal_drift", "goal_drift")
    assert git(desk.repo, "show", "autopack/r:app.txt") == "one\n"
    assert desk.autopack("retry", "r", "one", "--note", "the weather is wanted").exit_code == 0
    desk, again, asked = run(desk, DRIFTS, "resume", "r", plan=False)
    assert again.exit_code == 0, again.stderr
    assert GOAL in asked[0].text
    assert "+rain and snow over Finland tomorrow" in asked[0].text
    assert git(desk.repo, "show", "autopack/r:app.txt").startswith("rain")


def test_a_replay_judges_as_the_run_did(desk, tmp_path):
    desk, done, _ = run(configured(named(desk), "{threshold: 0.3, mode: blocking}"), DRIFTS)
    assert done.exit_code == 4
    journal = tmp_path / "journal.jsonl"
    assert desk.autopack("journal", "export", "r", "-o", journal).exit_code == 0
    (line,) = [json.loads(text) for text in journal.read_text("utf-8").splitlines() if '"drift"' in text]
    assert (line["phase"], line["attempt"], line["drift"]["mode"]) == ("one", 1, "blocking")
    clone = Desk(tmp_path / "clone", desk.environment)
    git(tmp_path, "clone", "-q", str(desk.repo), str(clone.repo))
    (clone.repo / "autopack.yaml").write_bytes((desk.repo / "autopack.yaml").read_bytes())
    configured(clone, "{enabled: false}", "off")
    played = clone.autopack("run", "--run-id", "played", "--replay", journal, "--json")
    assert played.exit_code == 4, played.stdout
    assert played.told("step_drift")[0]["alike"] == line["drift"]["alike"]


def test_without_a_model_it_is_unavailable_said_once_and_no_alarm(desk):
    desk, done, _ = run(desk, DRIFTS)
    assert done.exit_code == 0
    (told,) = done.told("goal_drift_unavailable")
    assert told["message"].startswith("Goal drift is not judged, it is unavailable: ")
    assert done.told("step_drift") == []
    desk.configured("goal_drift: {mode: blocking}\n", "memory.yaml")
    _, blocking, _ = run(desk, SERVES, "run", "--run-id", "s")
    assert blocking.exit_code == 0
    assert any("Goal drift is not judged" in note["message"] for note in blocking.told("note"))


def test_a_model_that_was_not_measured_needs_a_threshold_of_its_own(desk):
    _, done, _ = run(configured(named(desk), "{mode: advisory}"), DRIFTS)
    assert "no line was measured for openai/fake-embed" in done.told("goal_drift_unavailable")[0]["message"]
    assert done.told("step_drift") == []


@pytest.mark.extras
def test_a_local_model_tells_the_weather_from_a_login(desk):
    desk = with_extras(desk.configured("goal_drift: {mode: blocking}\n", "memory.yaml"))
    desk.plan(phase_of("near", "near.txt", description=TASK), phase_of("far", "far.txt", description=TASK), goal=GOAL)
    changes = {"near": {"near.txt": SERVES["one"]["app.txt"]}, "far": {"far.txt": DRIFTS["one"]["app.txt"]}}
    with scripted_server(oracle_of(changes)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
    assert done.exit_code == 4, done.stdout + done.stderr
    assert {line["phase"] for line in done.events if line["event"] == "step_drift"} == {"far"}
    assert [phase["state"] for phase in desk.status("r")["phases"]] == ["complete", "held"]
