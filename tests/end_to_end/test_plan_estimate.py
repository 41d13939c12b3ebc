"""`plan check --estimate`: what a plan is likely to take, calibrated on what this project's phases took."""

import pytest

from tests.support.command import ONE, ending, oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end


def test_best_likely_and_worst_are_told_by_phase_and_of_the_night_and_learn_from_runs(desk):
    desk.plan(phase_of("one", max_attempts=3), phase_of("two", max_tokens=50_000))
    shell = desk.with_env(ANTHROPIC_API_KEY="k-test")
    before = shell.autopack("plan", "check", "--estimate", "--json")
    assert before.exit_code == 0, before.stderr
    found = before.json["estimate"]
    assert found["calibration"] == {"phases": 0, "attempts": 1.0, "factor": 1.0, "error": None}
    one, two = found["phases"]
    assert 0 < one["best"]["tokens"] == one["likely"]["tokens"] < one["worst"]["tokens"]
    assert 0 < one["best"]["usd"] <= one["likely"]["usd"] < one["worst"]["usd"]
    assert two["worst"]["tokens"] == 50_000
    assert found["total"]["worst"]["tokens"] == one["worst"]["tokens"] + 50_000
    shown = shell.autopack("plan", "check", "--estimate")
    assert "not calibrated: no finished phase of this project is recorded" in shown.stdout
    desk.plan(phase_of("one"))
    with scripted_server(oracle_of(ONE)) as server:
        ending(desk.beside(server).autopack("run", "--run-id", "r"), 0)
    desk.plan(phase_of("next"))
    after = shell.autopack("plan", "check", "--estimate", "--json").json["estimate"]
    assert after["calibration"]["phases"] == 1
    assert after["calibration"]["error"] == 0.0
    told = desk.status("r")["usage"]
    took = sum(told[key] for key in ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"))
    assert after["phases"][0]["likely"]["tokens"] == pytest.approx(took, rel=0.2)
    assert "calibrated on one finished phase" in " ".join(shell.autopack("plan", "check", "--estimate").stdout.split())


def test_without_a_key_all_is_unknown_and_never_nothing_and_the_plan_is_still_judged(desk):
    desk.plan()
    told = desk.autopack("plan", "check", "--estimate", "--json")
    assert told.exit_code == 0
    unknown = {"tokens": None, "usd": None}
    assert told.json["estimate"]["phases"] == [{"id": "one", "best": unknown, "likely": unknown, "worst": unknown}]
    assert told.json["estimate"]["total"]["worst"] == unknown
    shown = desk.autopack("plan", "check", "--estimate").stdout
    assert shown.count("unknown") == 12
    assert "no provider has a key, so no model can be estimated: set one" in shown
    assert "$0" not in shown


def test_two_auditors_are_estimated_as_two_audits(desk):
    both = desk.with_env(ANTHROPIC_API_KEY="k-test", OPENAI_API_KEY="k-test")
    desk.plan(phase_of("one"))
    one = both.autopack("plan", "check", "--estimate", "--json").json["estimate"]["phases"][0]
    desk.plan(phase_of("one", task_category="security_auth_change", complexity="low"))
    desk.configured(
        "llm_routing_policies: {security_auth_change: {strategy: best_first, builder_primary: sonnet, auditor_primary: opus, "
        "secondary_auditor: sol, dual_audit: true}}\n"
    )
    two = both.autopack("plan", "check", "--estimate", "--json").json["estimate"]["phases"][0]
    for kind in ("best", "likely"):
        assert 1_000 < two[kind]["tokens"] - one[kind]["tokens"] < one[kind]["tokens"], (
            "a second audit costs, and less than all of an attempt"
        )
        assert two[kind]["usd"] > one[kind]["usd"]


def test_a_plan_of_one_phase_is_said_to_have_one(desk):
    desk.plan()
    keyed = desk.with_env(ANTHROPIC_API_KEY="k-test")
    assert ", 1 phase, " in keyed.autopack("run", "--dry-run").stdout
    assert "autopack.yaml: 1 phase (" in keyed.autopack("doctor").stdout
