import pytest

from tests.support.command import Desk
from tests.support.terminal import on_terminal


@pytest.fixture
def desk(tmp_path):
    return Desk.make(tmp_path, name="mein läden")


def test_without_keys_nobody_is_asked_and_the_variables_are_named(desk):
    done = desk.autopack("models")
    assert done.exit_code == 0
    assert done.stderr == "No provider has a key: set ANTHROPIC_API_KEY or OPENAI_API_KEY.\n"
    assert "nobody: no key" in done.stdout


def test_chains_models_and_keys_are_listed(desk):
    found = desk.with_env(OPENAI_API_KEY="k-test-0123").autopack("models", "--json").json
    roles = {(row["role"], row["complexity"]): row for row in found["roles"]}
    assert roles["builder", "low"]["chain"] == ["anthropic/claude-sonnet-5-5", "openai/gpt-6-sol"]
    assert roles["builder", "low"]["asked_first"] == "openai/gpt-6-sol"
    assert roles["auditor", None]["asked_first"] == "openai/gpt-6-luna"
    models = {row["model"]: row for row in found["models"]}
    assert models["openai/gpt-6-sol"]["has_key"]
    assert not models["anthropic/claude-opus-5-5"]["has_key"]
    assert models["anthropic/claude-opus-5-5"]["aliases"] == ["opus"]
    assert models["anthropic/claude-opus-5-5"]["context"] == 1_000_000
    assert models["anthropic/claude-opus-5-5"]["usd_per_mtok"]["input"] > 0


def test_a_model_of_ones_own_is_listed_with_its_prices(desk):
    user = desk.home / ".config" / "autopack"
    user.mkdir(parents=True)
    (user / "models.yaml").write_text(
        "providers:\n  - {name: corp, api: openai-chat, base_url: 'http://127.0.0.1:1', api_key_env: CORP_KEY,\n"
        "     models: {big-1: {context: 128000, max_output: 16000, usd_per_mtok: {input: 0.5, output: 1.5}}}}\n"
        "builder: {low: [corp/big-1, local]}\naliases: {local: corp/small}\n"
    )
    found = desk.with_env(CORP_KEY="k-test-0123").autopack("models", "--json").json
    models = {row["model"]: row for row in found["models"]}
    assert models["corp/big-1"]["usd_per_mtok"] == {"input": 0.5, "output": 1.5}
    assert models["corp/small"]["usd_per_mtok"] is None
    assert models["corp/small"]["aliases"] == ["local"]
    assert found["roles"][0]["asked_first"] == "corp/big-1"


def test_for_each_category_it_says_who_is_asked_when_another_one_and_who_stands_in(desk):
    keyed = desk.with_env(OPENAI_API_KEY="k-test-0123", ANTHROPIC_API_KEY="k-test-0123")
    lines = {(one["role"], one["complexity"], one["category"]): one for one in keyed.autopack("models", "--json").json["routing"]}
    sonnet, opus, haiku = (f"anthropic/claude-{name}-5-5" for name in ("sonnet", "opus", "haiku"))
    low = lines["builder", "low", None]
    assert (low["asked_first"], low["stands_in"], low["escalates"]) == (sonnet, ["openai/gpt-6-sol"], [{"model": opus, "after": 2}])
    docs = lines["builder", "medium", "docs"]
    assert (docs["asked_first"], docs["escalates"]) == (haiku, [{"model": sonnet, "after": 3}])
    assert docs["stands_in"][0] == "openai/gpt-6-luna"
    safe = lines["auditor", "high", "security_auth_change"]
    assert (safe["asked_first"], safe["second_auditor"], safe["escalates"]) == (opus, "openai/gpt-6-sol", [])
    core = lines["auditor", "low", "core_backend_high"]
    assert {"low", "medium", "high"} == {complexity for role, complexity, _ in lines if role == "doctor"}
    assert core["asked_first"] == opus
    assert lines["doctor", "low", None]["escalates"] == [{"model": opus, "after": 1}]
    text = " ".join(keyed.autopack("models").stdout.split())
    assert "builder docs (low, medium) haiku, sonnet after 3 luna" in text
    assert "auditor security_auth_change opus and sol sonnet, sol, luna" in text


@pytest.mark.parametrize("columns", [80, 120])
def test_chains_stand_whole_on_a_terminal(desk, columns):
    with on_terminal(desk, columns, "models") as seen:
        assert seen.end() == 0
    lines = seen.frame.splitlines()
    assert lines[0].split() == ["ROLE", "FOR", "ASKED", "STANDS", "IN"]
    assert max(map(len, lines)) <= columns
