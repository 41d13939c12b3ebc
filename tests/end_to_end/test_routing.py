"""Who is asked, by the phase's category: policies, two auditors, who stands in, and how much of a provider may be used."""

import json
import shutil

import pytest

from tests.support.command import ONE, Desk, ending, oracle_of, phase_of
from tests.support.repos import git
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

SONNET, OPUS, HAIKU = (f"claude-{name}-5-5" for name in ("sonnet", "opus", "haiku"))
RED = {"command": "grep -q two app.txt", "tests": "none", "timeout_s": 30}
QUIET = "replan: {max_replans_per_phase: 0}\ndoctor: {max_calls_per_phase: 0}\n"
BOTH = ("anthropic", "openai")


def keyed(desk, *servers):
    found = desk
    for api, server in zip(BOTH, servers, strict=False):
        found = found.beside(server, api)
    return found


def stubborn(request):
    edit = {"path": "app.txt", "action": "replace", "content": f"wrong {request.call}\n"}
    return {"text": json.dumps({"summary": "s", "files": [edit], "blocked": None})}


def rejecting(model):
    """The oracle, whose auditor of that name is against it."""

    def answer(request):
        said = oracle_of(ONE)(request)
        if request.headers.get("x-autopack-role") != "auditor" or request.model != model:
            return said
        return {"text": json.dumps({"verdict": "reject", "confidence": 0.8, "summary": "No door is locked.", "issues": [], "criteria": []})}

    return answer


@pytest.mark.parametrize(
    ("category", "models"),
    [
        ("docs", [HAIKU] * 3 + [SONNET] * 2),
        ("core_backend_high", [SONNET] * 2 + [OPUS] * 3),
        ("schema_contract_change", [OPUS] * 5),
        ("feature", [SONNET] * 2 + [OPUS] * 3),
    ],
)
def test_a_category_s_policy_says_who_builds_and_who_after_it(desk, category, models):
    desk.configured(QUIET).plan(phase_of("one", ci=RED, task_category=category))
    with scripted_server(stubborn) as server:
        desk.beside(server).autopack("run", "--run-id", "r")
        assert [call.model for call in server.asked("builder")] == models


def test_either_of_two_auditors_blocks_and_both_are_shown(desk, tmp_path):
    desk.plan(phase_of("one", task_category="security_auth_change", max_attempts=1))
    with scripted_server(rejecting("gpt-6-sol")) as server:
        at = keyed(desk, server, server)
        done = at.autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 4, done.stderr
        assert [(call.role, call.model) for call in server.calls] == [("builder", OPUS), ("auditor", OPUS), ("auditor", "gpt-6-sol")]
        assert server.calls[1].text.count("app.txt") == server.calls[2].text.count("app.txt"), "both are shown the same"
        shown = " ".join(at.autopack("show", "r", "one").stdout.split())
        assert f"anthropic/{OPUS}: approve" in shown
        assert "openai/gpt-6-sol: reject, confidence 0.80: No door is locked." in shown
        assert desk.git("for-each-ref", "refs/heads/autopack/r", "--format=%(objectname)") in ("", desk.git("rev-parse", "main"))
    journal = tmp_path / "journal.jsonl"
    assert at.autopack("journal", "export", "r", "-o", journal).exit_code == 0
    clone = Desk(tmp_path / "clone", desk.environment)
    git(tmp_path, "clone", "-q", str(desk.repo), str(clone.repo))
    shutil.copy(desk.repo / "autopack.yaml", clone.repo)
    played = clone.autopack("run", "--run-id", "again", "--replay", journal, "--json")
    assert played.exit_code == 4, played.stdout + played.stderr


def test_two_auditors_that_agree_let_it_land_and_each_is_asked_once(desk):
    desk.plan(phase_of("one", task_category="external_feature_reuse"))
    with scripted_server(oracle_of(ONE)) as server:
        done = keyed(desk, server, server).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stdout
        assert [call.role for call in server.calls] == ["builder", "auditor", "auditor"]
        assert server.calls[1].model != server.calls[2].model


def test_each_of_two_auditors_looks_for_itself_from_the_start(desk):
    desk.plan(phase_of("one", task_category="security_auth_change", explore="on"))

    def looks_first(request):
        is_first = request.headers.get("x-autopack-role") == "auditor" and all(kind != "result" for kind, _ in request.turns())
        return {"text": "", "tools": [{"name": "read", "args": {"path": "app.txt"}}]} if is_first else oracle_of(ONE)(request)

    with scripted_server(looks_first) as server:
        at = keyed(desk, server, server)
        done = at.autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stdout
        assert [call.model for call in server.asked("auditor")] == [OPUS, OPUS, "gpt-6-sol", "gpt-6-sol"]
        assert at.autopack("show", "r", "one", "--json").json["attempts"][0]["looked"][-1]["rounds"] == [["read app.txt:1-1"]] * 2


def test_a_dry_run_counts_both_audits(desk):
    desk.plan(phase_of("one", task_category="security_auth_change"))
    with scripted_server(oracle_of(ONE)) as server:
        at = keyed(desk, server, server)
        both = at.autopack("run", "--dry-run", "--json").json["usd"]["most"]
        desk.configured("llm_routing_policies: {security_auth_change: {dual_audit: false}}\n")
        assert at.autopack("run", "--dry-run", "--json").json["usd"]["most"] < both
        assert server.calls == []


def test_with_one_model_it_says_that_it_was_audited_once(desk):
    desk.plan(phase_of("one", task_category="security_auth_change"))
    with scripted_server(oracle_of(ONE)) as server:
        at = desk.beside(server)
        done = at.autopack("run", "--run-id", "r", "--model", "opus", "--json")
        assert done.exit_code == 0, done.stdout
        assert [call.role for call in server.calls] == ["builder", "auditor"]
        assert any("only one model can be asked" in line["message"] for line in done.told("note"))
        assert "only one model can be asked" in " ".join(at.autopack("show", "r", "one").stdout.split())


def test_a_category_may_forbid_that_anybody_stands_in(desk):
    desk.configured("retries: {times: 1, first_wait_s: 0.01}\nfallback_strategy: {by_category: {secret: []}}\n")
    desk.plan(phase_of("one", task_category="secret"))
    with scripted_server(lambda _: {"fault": {"kind": "status", "status": 529}}) as down, scripted_server(oracle_of(ONE)) as up:
        assert "529" in ending(keyed(desk, down, up).autopack("run", "--run-id", "r"), 6)
        assert up.calls == []


def test_above_its_soft_limit_a_provider_gives_way_in_every_repository(desk):
    desk.configured("provider_quotas: {anthropic: {weekly_token_cap: 40000, soft_limit_ratio: 0.5}}\n")
    desk.plan()

    def costly(request):
        return {**oracle_of(ONE)(request), "usage": {"input": 20_000, "output": 5_000}}

    with scripted_server(costly) as first, scripted_server(oracle_of(ONE)) as second:
        done = keyed(desk, first, second).autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
        assert [call.role for call in first.calls] == ["builder"]
        assert [call.role for call in second.calls] == ["auditor"]
        other = Desk.make(desk.repo.parent / "elsewhere").with_env(**dict(keyed(desk, first, second).environment))
        other.plan()
        assert other.autopack("run", "--run-id", "r").exit_code == 0
        assert len(first.calls) == 1, "the other repository knows it too"


def test_a_week_that_is_used_up_is_exit_6_where_nobody_stands_in(desk):
    desk.configured("provider_quotas: {anthropic: {weekly_token_cap: 20000}}\n")
    desk.plan()
    with scripted_server(lambda request: {**oracle_of(ONE)(request), "usage": {"input": 20_000, "output": 5_000}}) as server:
        assert "The week's tokens of anthropic are used up" in ending(desk.beside(server).autopack("run", "--run-id", "r"), 6)
        assert len(server.calls) == 1


def test_a_repository_may_set_no_quota(desk):
    folder = desk.repo / ".autopack"
    folder.mkdir()
    (folder / "models.yaml").write_text("provider_quotas: {anthropic: {weekly_token_cap: 1}}\n", "utf-8")
    desk.plan()
    refused = desk.autopack("run", "--run-id", "r")
    assert refused.exit_code == 3
    assert "may not set `models.provider_quotas`" in refused.stderr


def test_lists_of_one_s_own_are_read_as_before_and_told_which_keys_have_come_beside_them(desk):
    desk.configured("builder: {low: [haiku]}\n")
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        assert [call.model for call in server.calls] == [HAIKU, OPUS]
    assert any("fallback_strategy.default_fallbacks" in line["message"] for line in done.told("note"))
