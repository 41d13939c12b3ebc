"""Caps: a call that does not fit is refused before it is sent, and a higher cap goes on from there."""

import pytest

from tests.support.command import ending, oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

TWO = {"one": {"app.txt": "two\n"}, "two": {"app.txt": "three\n"}}


@pytest.mark.parametrize(
    ("api", "flag", "caps"),
    [("anthropic", "--max-usd", ("0.01", "0.6", "50")), ("openai", "--max-tokens", ("10000", "34000", "1000000"))],
)
def test_a_cap_is_kept_before_each_call_and_a_higher_one_goes_on(desk, api, flag, caps):
    low, middle, high = caps
    desk.plan(phase_of("one"), phase_of("two"))

    def costly(request):
        answer = oracle_of(TWO)(request)
        return {**answer, "usage": {"input": 30_000, "output": 2_000}}

    with scripted_server(costly) as server:
        keyed = desk.beside(server, api)
        sentence = ending(keyed.autopack("run", "--run-id", "r", flag, low), 5)
        assert flag in sentence
        assert server.calls == []
        status = desk.autopack("status", "r", "--json")
        assert (status.exit_code, status.json["state"], status.json["reason"]) == (5, "stopped", flag.removeprefix("--max-"))
        assert flag in status.json["next"][0]
        ending(keyed.autopack("resume", "r"), 5)
        assert server.calls == [], "the cap of the last start still holds"
        ending(keyed.autopack("resume", "r", flag, middle), 5)
        bought = len(server.calls)
        assert 1 <= bought <= 3
        done = keyed.autopack("resume", "r", flag, high)
        assert done.exit_code == 0, done.stderr
        assert len(server.calls) == 4, "nothing was bought twice"
    budget = desk.status("r")["budget"]
    assert budget["spent_tokens"] == 4 * 32_000
    assert budget["reserved_usd"] == 0
    assert desk.at("autopack/r", "app.txt") == "three\n"


@pytest.mark.parametrize(("cap", "reason", "words"), [({"max_tokens": 5_000}, "tokens", "5,000"), ({"max_usd": 0.001}, "usd", "0.001")])
def test_a_phases_own_cap_stops_the_run_before_its_call(desk, cap, reason, words):
    desk.plan(phase_of("one", **cap))
    with scripted_server(oracle_of(TWO)) as server:
        sentence = ending(desk.beside(server).autopack("run", "--run-id", "r"), 5)
        assert server.calls == []
    assert "the phase's cap of " in sentence
    assert words in sentence
    assert desk.status("r")["reason"] == reason


@pytest.mark.parametrize(
    ("cap", "flag", "high"), [({"max_usd": 0.001}, "--max-usd", "50"), ({"max_tokens": 5_000}, "--max-tokens", "1000000")]
)
def test_the_plans_budget_holds_where_the_flag_is_higher(desk, cap, flag, high):
    desk.plan(budget=cap)
    with scripted_server(oracle_of(TWO)) as server:
        ending(desk.beside(server).autopack("run", "--run-id", "r", flag, high), 5)
        assert server.calls == []
    status = desk.status("r")
    assert status["reason"] == flag.removeprefix("--max-")
    assert {name: status["budget"][name] for name in cap} == cap


def test_a_model_without_a_known_price_refuses_a_cap_in_dollars(desk):
    desk.plan()
    user = desk.home / ".config" / "autopack"
    user.mkdir(parents=True)
    with scripted_server(oracle_of(TWO)) as server:
        (user / "models.yaml").write_text(
            f'providers: [{{name: corp, api: openai-chat, base_url: "{server.openai_url}", api_key_env: CORP_KEY, models: {{big-1: {{context: 128000, max_output: 16000}}}}}}]\n',
            "utf-8",
        )
        keyed = desk.with_env(CORP_KEY="k-corp")
        done = keyed.autopack("run", "--run-id", "r", "--model", "corp/big-1", "--max-usd", "5")
        assert done.exit_code == 3, done.stderr
        assert "no price is known for corp/big-1" in done.stderr
        assert server.calls == []
        done = keyed.autopack("run", "--run-id", "uncapped", "--model", "corp/big-1")
        assert done.exit_code == 0, done.stderr
        assert {call.provider for call in server.calls} == {"chat"}
        assert all(call.headers["x-autopack-run"] == "uncapped" for call in server.calls)
