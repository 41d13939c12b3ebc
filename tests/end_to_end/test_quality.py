"""The quality gate: how risky a change is, what holds it, what refuses it, and where a person sees it."""

import json

import pytest

from autopack.core.failure import RULES, FailureKind
from tests.support.command import CHECK, Desk, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

FILES = {"app.txt": "one\n", "check.sh": "grep -q . app.txt\n", "package.json": "{}\n"}
ANY_MANIFEST = "package.js*"
"""A path that the plan names exactly counts for nothing."""
APPROVED = {"verdict": "approve", "confidence": 0.9, "issues": [], "criteria": [], "summary": "checked"}
MAJOR = {**APPROVED, "issues": [{"severity": "major", "path": None, "line": None, "message": "It is slow."}]}


def script(verdict=APPROVED):
    def answer(request):
        attempt = request.headers["x-autopack-attempt"]
        edit = {"path": "package.json", "action": "replace", "content": f'{{"name": "shop-{attempt}"}}\n'}
        said = {"summary": "s", "files": [edit], "blocked": None} if request.headers["x-autopack-role"] == "builder" else verdict
        choice = request.body.get("tool_choice")
        text = json.dumps(said)
        return {"tools": [{"name": choice["name"], "raw": text}]} if isinstance(choice, dict) and "name" in choice else {"text": text}

    return answer


@pytest.fixture
def shop(tmp_path):
    desk = Desk.make(tmp_path, FILES)
    desk.plan(phase_of("one", ANY_MANIFEST, max_attempts=2, ci=CHECK))
    return desk


def run(desk, verdict=APPROVED):
    with scripted_server(script(verdict)) as server:
        return desk.beside(server).autopack("run", "--run-id", "r", "--json"), server.calls


def of_phase(desk):
    phase = desk.status("r")["phases"][0]
    return phase["state"], phase["quality_level"], phase["risk"]


def test_an_ordinary_change_lands_and_its_risk_is_told(shop):
    done, _ = run(shop)
    assert done.exit_code == 0, done.stderr
    assert of_phase(shop) == ("complete", "ok", 10)
    assert "risk     10: dependencies: package.json (10)" in shop.autopack("show", "r", "one").stdout
    assert shop.autopack("show", "r", "one", "--json").json["attempts"][0]["decision"]["risk"]["parts"][0]["name"] == "dependencies"


def test_what_the_plan_names_exactly_is_no_surprise(shop):
    shop.configured("quality: {review_at: 1}\n", "settings.yaml").plan(phase_of("one", "package.json", ci=CHECK))
    done, _ = run(shop)
    assert done.exit_code == 0, done.stderr
    assert of_phase(shop) == ("complete", "ok", 0)


def test_at_the_first_threshold_it_waits_for_a_person_who_may_approve(shop):
    done, _ = run(shop.configured("quality: {review_at: 10}\n", "settings.yaml"))
    assert done.exit_code == 4, done.stderr
    assert of_phase(shop) == ("held", "needs_review", 10)
    held = shop.status("r")["phases"][0]["held_because"]
    assert "The risk of the change is 10: dependencies: package.json (10)" in held["message"]
    assert shop.autopack("approve", "r", "one").exit_code == 0
    with scripted_server(script()) as server:
        assert shop.beside(server).autopack("resume", "r").exit_code == 0
    assert of_phase(shop) == ("complete", "needs_review", 10)


def test_at_the_second_it_is_refused_by_a_failure_of_its_own_kind_which_the_builder_reads(shop):
    done, calls = run(shop.configured("quality: {refuse_at: 10}\n", "settings.yaml"))
    assert done.exit_code == 1, done.stderr
    state, level, _ = of_phase(shop)
    assert (state, level) == ("failed", "blocked")
    assert shop.status("r")["phases"][0]["failure"]["kind"] == "risk_too_high"
    second = next(call for call in calls if (call.role, call.attempt) == ("builder", 2))
    assert RULES[FailureKind.RISK_TOO_HIGH].lead in second.text
    assert "dependencies: package.json: 10" in second.text


def test_a_category_has_thresholds_of_its_own(shop):
    shop.configured("quality: {review_at: 10, by_category: {chore: {review_at: 50}}}\n", "settings.yaml")
    shop.plan(phase_of("one", ANY_MANIFEST, task_category="chore", ci=CHECK))
    done, _ = run(shop)
    assert done.exit_code == 0, done.stderr


@pytest.mark.parametrize(("categories", "code"), [("[baking]", 1), ("[]", 0)])
def test_a_major_issue_may_not_land_in_the_configured_categories(shop, categories, code):
    shop.configured(f"quality: {{high_risk_categories: {categories}}}\n", "settings.yaml")
    shop.plan(phase_of("one", ANY_MANIFEST, task_category="baking_bread", max_attempts=1, ci=CHECK))
    done, _ = run(shop, MAJOR)
    assert (done.exit_code == 0) == (code == 0), done.stderr


@pytest.mark.parametrize("key", ["review_at: 61", "by_category: {feature: {review_at: 101}}", "high_risk_categories: []"])
def test_a_file_of_the_repository_opens_nothing(shop, key):
    (shop.repo / ".autopack").mkdir()
    (shop.repo / ".autopack/settings.yaml").write_text(f"quality: {{{key}}}\n", "utf-8")
    refused = shop.autopack("run", "--run-id", "r")
    assert refused.exit_code == 3, refused.stderr
    assert f"quality.{key.partition(':')[0]}" in refused.stderr
