"""What a user may spend on a day, over all repositories at once; on one call; in hours; and what a provider reports beyond its ceiling."""

import json
import re
import urllib.request

import pytest

from tests.end_to_end.test_memory_vectors import named
from tests.end_to_end.test_plan_new import GOAL, PLAN
from tests.support.command import FILES, ONE, Desk, ending, oracle_of, phase_of
from tests.support.repos import make_repo
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

CAP = 90_000


def costly(request):
    answer = oracle_of(ONE)(request)
    return {**answer, "usage": {"input": 20_000, "output": 5_000}}


def beside(desk, name):
    """Another repository of the same user."""
    other = Desk(make_repo(desk.repo.parent / name, {"app.txt": "one\n", "check.sh": "grep -q . app.txt\n"}), desk.environment)
    other.plan()
    return other


def test_a_day_s_cap_holds_over_all_repositories_also_at_once(desk):
    desk.plan()
    other = beside(desk, "shed")
    capped = {"AUTOPACK_MAX_TOKENS_PER_DAY": str(CAP)}
    with scripted_server(costly) as server:
        mine, theirs = (one.beside(server).with_env(**capped) for one in (desk, other))
        with mine.start("run", "--run-id", "r") as first, theirs.start("run", "--run-id", "r") as second:
            codes = {first.end().exit_code, second.end().exit_code}
        assert 5 in codes
        assert codes <= {0, 5}
        statuses = [mine.status("r"), theirs.status("r")]
        assert sum(one["budget"]["spent_tokens"] for one in statuses) <= CAP
        stopped = next(one for one in statuses if one["state"] == "stopped")
        assert stopped["reason"] == "tokens"
        assert "the day's cap of 90,000" in stopped["message"]
        assert stopped["next"] == ["AUTOPACK_MAX_TOKENS_PER_DAY=NUMBER autopack resume r"]
        for one in (mine, theirs):
            assert one.with_env(AUTOPACK_MAX_TOKENS_PER_DAY="900000").autopack("run", "--run-id", "r").exit_code == 0
        assert len(server.calls) == 4, "nothing was bought twice"


def test_a_cap_that_is_set_at_noon_knows_the_morning(desk):
    desk.plan()
    with scripted_server(costly) as server:
        assert desk.beside(server).autopack("run", "--run-id", "r").exit_code == 0
        other = beside(desk, "shed").beside(server).with_env(AUTOPACK_MAX_TOKENS_PER_DAY="60000")
        assert "50,000 spent" in ending(other.autopack("run", "--run-id", "r"), 5)
        assert len(server.calls) == 2
        assert other.autopack("usage", "r", "--json").json["today"]["spent_tokens"] == 50_000
        assert "50,000 tokens (all your repositories, UTC)" in other.autopack("usage", "r").stdout


def test_a_call_that_could_take_more_than_one_may_is_not_made(desk):
    desk.plan()
    with scripted_server(costly) as server:
        keyed = desk.beside(server).with_env(AUTOPACK_MAX_TOKENS_PER_CALL="1000")
        assert "the call's cap of 1,000" in ending(keyed.autopack("run", "--run-id", "r"), 5)
        assert server.calls == []
        assert desk.status("r")["next"] == ["AUTOPACK_MAX_TOKENS_PER_CALL=NUMBER autopack resume r"]


def test_hours_may_be_given_on_the_command_line_and_are_kept(desk):
    slow = {"command": "sleep 1", "tests": "none", "timeout_s": 30}
    desk.plan(phase_of("one", ci=slow), phase_of("two", depends_on=["one"]))
    with scripted_server(oracle_of({**ONE, "two": {"app.txt": "three\n"}})) as server:
        keyed = desk.beside(server)
        assert "--max-hours" in ending(keyed.autopack("run", "--run-id", "r", "--max-hours", "0.0001"), 5)
        assert desk.status("r")["reason"] == "hours"
        asked = len(server.calls)
        ending(keyed.autopack("resume", "r"), 5)
        assert len(server.calls) == asked
        assert keyed.autopack("resume", "r", "--max-hours", "2").exit_code == 0


def test_more_reported_than_was_possible_stops_under_a_cap_and_the_reply_is_kept(desk):
    desk.plan()

    def boasting(request):
        answer = oracle_of(ONE)(request)
        return {**answer, "usage": {"output": 5_000_000}} if request.call == 1 else answer

    with scripted_server(boasting) as server:
        keyed = desk.beside(server)
        done = keyed.autopack("run", "--run-id", "r", "--json", "--max-tokens", "90000000")
        assert done.exit_code == 5, done.stderr
        assert "5,0" in done.told("overrun")[0]["message"]
        assert (done.events[-1]["reason"], done.events[-1]["next"]) == ("overrun", ["autopack resume r"])
        assert keyed.autopack("resume", "r").exit_code == 0
        assert [call.role for call in server.calls] == ["builder", "auditor"], "nothing was bought twice"


def test_without_a_cap_a_boast_stops_nobody(desk):
    desk.plan()
    with scripted_server(lambda request: {**oracle_of(ONE)(request), "usage": {"output": 5_000_000}}) as server:
        assert desk.beside(server).autopack("run", "--run-id", "r").exit_code == 0


def test_a_repository_may_not_raise_a_day(desk):
    desk.plan()
    desk.configured("max_usd_per_day: 5\n", "settings.yaml")
    folder = desk.repo / ".autopack"
    folder.mkdir()
    (folder / "settings.yaml").write_text("max_usd_per_day: 6\n", "utf-8")
    refused = desk.autopack("run", "--run-id", "r")
    assert refused.exit_code == 3
    assert "may not raise `max_usd_per_day` above your 5" in refused.stderr


def spent_today(desk, server):
    """What another repository of the same user, under a cap that leaves nothing, is told."""
    refused = desk.beside(server).with_env(AUTOPACK_MAX_TOKENS_PER_DAY="1").autopack("plan", "new", GOAL, "-o", "made.yaml")
    assert refused.exit_code == 5, refused.stderr
    return int(re.search(r"\(([\d,]+) spent", refused.stderr).group(1).replace(",", ""))


def test_what_a_planner_and_vectors_cost_counts_on_the_day_and_is_held_under_its_cap(desk):
    planned = {"text": json.dumps(PLAN), "usage": {"input": 20_000, "output": 5_000}}
    with scripted_server(lambda _: planned) as server:
        at, other = named(desk.beside(server).with_env(**server.environment("openai"))), beside(desk, "shed")
        assert spent_today(other, server) == 0
        made = at.autopack("plan", "new", GOAL, "-o", "made.yaml")
        assert made.exit_code == 0, made.stderr
        assert spent_today(other, server) == 25_000
        capped = at.with_env(AUTOPACK_MAX_TOKENS_PER_DAY="25000").autopack("memory", "index")
        assert "the day's cap of 25,000" in capped.stderr
        indexed = at.autopack("memory", "index", "--json")
        assert indexed.json["embedded"] > 0, indexed.stderr
        assert spent_today(other, server) > 25_000


LONG = {**FILES, "app.txt": "one\n" + "a line of many words\n" * 1_000}


MODELS = {"anthropic": ("claude-sonnet-5-5", "claude-opus-5-5"), "openai": ("gpt-6-luna", "gpt-6-sol")}


@pytest.mark.parametrize(("api", "path"), [("anthropic", "/v1/messages/count_tokens"), ("openai", "/v1/responses/input_tokens")])
def test_a_prompt_that_only_its_provider_s_count_lets_fit_is_asked(tmp_path, api, path):
    """The prompt is some 9,500 tokens by the estimate, and some 7,700 by the provider's count."""
    desk = Desk.make(tmp_path, LONG)
    limits = ", ".join(f"{model}: {{max_output: 8000}}" for model in MODELS[api])
    desk.configured(f"providers: [{{name: {api}, models: {{{limits}}}}}]\n")
    desk.plan(phase_of("one", "app.txt", allow_mass_deletion=True))
    with scripted_server(oracle_of(ONE, LONG)) as server:
        done = desk.beside(server, api).with_env(AUTOPACK_MAX_TOKENS_PER_CALL="16500").autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
        assert [call.role for call in server.calls] == ["builder", "auditor"]
        with urllib.request.urlopen(f"{server.base_url}/__log") as answer:  # noqa: S310 - the loopback server started here
            assert path in {record["path"] for record in json.load(answer)}
