"""Caps: a call that does not fit is refused before it is sent, and a higher cap goes on from there."""

import re

import pytest

from tests.support.command import ending, oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

TWO = {"one": {"app.txt": "two\n"}, "two": {"app.txt": "three\n"}}


@pytest.mark.parametrize(
    ("api", "flag", "caps"),
    [("anthropic", "--max-usd", ("0.01", "0.8", "50")), ("openai", "--max-tokens", ("10000", "70000", "1000000"))],
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


FIGURE = re.compile(r"(?:--max-\w+|to) ([\d.]+) or more")


@pytest.mark.parametrize(
    ("words", "keys", "said"),
    [
        (("--max-usd", "0.6"), {}, "Phase 'one' can never be done under the run's cap of $0.60: its first call may cost up to $"),
        (("--max-tokens", "33000"), {}, "Phase 'one' can never be done under the run's cap of 33,000: its first call may take up to "),
        ((), {"max_usd": 0.6}, "Phase 'one' can never be done under the phase's cap of $0.60"),
    ],
    ids=["dollars", "tokens", "phase"],
)
def test_a_cap_that_can_never_be_enough_is_said_before_anything_is_bought_with_one_that_does(desk, words, keys, said):
    """The builder's first call alone would fit; its audit, by a dearer model, never."""
    desk.plan(phase_of("one", **keys))
    with scripted_server(oracle_of(TWO)) as server:
        keyed = desk.beside(server)
        sentence = ending(keyed.autopack("run", "--run-id", "r", *words), 5)
        assert said in sentence
        assert server.calls == []
        figure = FIGURE.search(sentence)[1]
        assert said in desk.with_env(ANTHROPIC_API_KEY="k").autopack("resume", "r", "--dry-run").stdout
        desk.plan(phase_of("one", **({"max_usd": float(figure)} if keys else {})))
        done = keyed.autopack("resume", "r", "--accept-plan-change", *((words[0], figure) if words else ()))
        assert done.exit_code == 0, done.stderr
        assert len(server.calls) == 2


def test_an_auditor_without_a_known_price_refuses_a_cap_before_its_builder_is_paid(desk):
    desk.plan()
    desk.configured("aliases: {nobody: anthropic/claude-of-nobody-9}\nauditor: [nobody]\n")
    with scripted_server(oracle_of(TWO)) as server:
        sentence = ending(desk.beside(server).autopack("run", "--run-id", "r", "--max-usd", "5"), 3)
        assert "no price is known for anthropic/claude-of-nobody-9" in sentence
        assert server.calls == []


def test_the_cap_that_init_names_does(desk):
    with scripted_server(oracle_of({"say-how-to-check": {"README.md": "Run the checks: sh check.sh\n"}})) as server:
        keyed = desk.beside(server)
        told = keyed.autopack("init", "--json").json["next"][-1]
        assert re.fullmatch(r"autopack run --max-usd \d+", told)
        plan = desk.repo / "autopack.yaml"
        plan.write_text(plan.read_text("utf-8").replace("README.md]", "README.md]\n      may_add: []"), "utf-8")
        done = keyed.autopack(*told.split()[1:])
        assert done.exit_code == 0, done.stderr


PHASE, BUDGET = "phases", "budget"


@pytest.mark.parametrize(
    ("reason", "variables", "plans", "said"),
    [
        ("tokens", {}, ({PHASE: [phase_of("one", max_tokens=5_000)]}, {PHASE: [phase_of("one")]}), "the phase's cap of 5,000"),
        ("usd", {}, ({PHASE: [phase_of("one", max_usd=0.001)]}, {PHASE: [phase_of("one", max_usd=9)]}), "the phase's cap of $0.001"),
        ("usd", {}, ({BUDGET: {"max_usd": 0.001}}, {BUDGET: {"max_usd": 9}}), "Raise budget.max_usd in the plan"),
        ("tokens", {}, ({BUDGET: {"max_tokens": 5_000}}, {BUDGET: {}}), "Raise budget.max_tokens in the plan"),
        ("hours", {}, ({BUDGET: {"max_hours": 1e-7}}, {BUDGET: {"max_hours": 9}}), "Raise budget.max_hours in the plan"),
        ("hours", {"AUTOPACK_MAX_HOURS": "0.0000001"}, ({BUDGET: {"max_hours": 9}}, {}), "Raise max_hours in the configuration"),
        ("usd", {"AUTOPACK_MAX_USD": "0.001"}, ({}, {}), "Raise max_usd in the configuration"),
    ],
    ids=[
        "phase, tokens",
        "phase, dollars",
        "plan, dollars",
        "plan, tokens",
        "plan, hours",
        "configuration, hours",
        "configuration, dollars",
    ],
)
def test_whoever_set_the_cap_the_next_command_leads_on_once_it_is_raised_there(desk, reason, variables, plans, said):
    """Also where the flag is higher: the lowest of plan, configuration and flag holds."""
    narrow, wide = plans
    desk.plan(**narrow)
    with scripted_server(oracle_of(TWO)) as server:
        keyed = desk.beside(server).with_env(**variables)
        first = keyed.autopack("run", "--run-id", "r", "--max-usd", "50", "--json")
        assert first.exit_code == 5, first.stderr
        assert server.calls == []
        last = first.events[-1]
        assert (last["state"], last["reason"]) == ("stopped", reason)
        assert said in last["message"]
        desk.plan(**{**narrow, **wide})
        words = last["next"][0].replace("=AMOUNT", "=9").replace("=HOURS", "=9").split()
        raised = dict(word.split("=") for word in words if "=" in word)
        done = keyed.with_env(**raised).autopack(*words[words.index("autopack") + 1 :])
        assert done.exit_code == 0, done.stderr
        assert len(server.calls) == 2
        assert ("Settings that have changed since the run's last start: max_" in done.stderr) is bool(raised)
    of_plan = wide.get(BUDGET, {}).get("max_usd", 50)
    assert desk.status("r")["budget"]["max_usd"] == min(50, of_plan, float(raised.get("AUTOPACK_MAX_USD", 50)))


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
