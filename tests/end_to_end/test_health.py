"""The health budget: a run that is ill stops with 5, stays stopped over starts, and goes on once a person says so."""

import pytest

from tests.end_to_end.test_recovery import GREAT, asked, run, script, stubborn
from tests.support.command import ONE, ending, oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end


def test_a_run_with_too_many_failures_stops_until_its_health_is_reset(desk):
    desk.configured("health_budget: {max_total_failures_per_run: 2}\n")
    with scripted_server(script(right_at=3)) as server:
        at = stubborn(desk).beside(server)
        sentence = ending(at.autopack("run", "--run-id", "r"), 5)
        assert "2 failures, of 2 that models.yaml allows (health_budget)" in sentence
        assert [call.role for call in server.calls] == ["builder", "builder"], "nobody is asked for a replan any more"
        status = at.autopack("status", "r", "--json")
        assert (status.exit_code, status.json["state"], status.json["reason"]) == (5, "stopped", "health")
        assert status.json["next"] == ["autopack resume r --reset-health"]
        assert (status.json["health"]["total_failures"], status.json["health"]["max_total_failures"]) == (2, 2)
        assert "2 of 2 failures in all" in at.autopack("status", "r").stdout
        ending(at.autopack("resume", "r"), 5)
        assert len(server.calls) == 2, "it is counted over restarts"
        shown = " ".join(at.autopack("show", "r", "one").stdout.split())
        assert shown.count("stop: The run's health budget is spent") == 1
        done = at.autopack("resume", "r", "--reset-health", "--json")
        assert done.exit_code == 0, done.stderr
        assert [line["remedy"] for line in done.told("recovery_decided")] == ["replan", "retry"]
    assert desk.status("r")["health"]["total_failures"] == 0


def test_edits_that_cannot_be_used_have_a_limit_of_their_own(desk):
    desk.configured("health_budget: {max_patch_failures_per_run: 1}\n").plan()
    with scripted_server(lambda _: {"text": "no"}) as server:
        sentence = ending(desk.beside(server).autopack("run", "--run-id", "r"), 5)
        assert "1 attempts whose edits could not be used" in sentence
        assert len(server.calls) == 1


def test_a_question_that_a_provider_lets_down_counts_once_whatever_its_tries(desk):
    desk.configured("retries: {times: 2, first_wait_s: 0.01}\nhealth_budget: {max_http_500_per_run: 1}\n")
    desk.plan(phase_of("one"), phase_of("two", "docs/"))
    with scripted_server(lambda _: {"fault": {"kind": "status", "status": 500}}) as down, scripted_server(oracle_of(ONE)) as up:
        keyed = desk.with_env(**down.environment("anthropic"), **up.environment("openai"))
        done = keyed.autopack("run", "--run-id", "r", "--json")
    assert done.exit_code == 5, done.stdout
    assert "questions that a provider let down" in done.events[-1]["message"]
    status = desk.status("r")
    assert [phase["state"] for phase in status["phases"]] == ["complete", "queued"], "an attempt that has begun is ended"


def test_near_a_limit_the_strong_doctor_is_asked_at_once(desk):
    desk.configured(
        "replan: {max_replans_per_phase: 0}\nhealth_budget: {max_total_failures_per_run: 3}\n"
        "doctor_models: {health_budget_near_limit_ratio: 0.6}\n"
    )
    _, calls = run(stubborn(desk))
    assert [call for call in asked(calls) if call[0] == "doctor"] == [("doctor", 2, GREAT)]


def test_a_repository_may_lower_the_budget_and_not_raise_it(desk):
    folder = desk.repo / ".autopack"
    folder.mkdir()
    (folder / "models.yaml").write_text("health_budget: {max_http_500_per_run: 11, max_total_failures_per_run: 2}\n", "utf-8")
    refused = stubborn(desk).autopack("run", "--run-id", "r")
    assert refused.exit_code == 3, refused.stderr
    assert "may not raise `models.health_budget.max_http_500_per_run` above your 10" in refused.stderr
    assert "max_total_failures" not in refused.stderr
