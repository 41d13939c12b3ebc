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


@pytest.mark.parametrize("columns", [80, 120])
def test_chains_stand_whole_on_a_terminal(desk, columns):
    with on_terminal(desk, columns, "models") as seen:
        assert seen.end() == 0
    lines = seen.frame.splitlines()
    assert lines[0].split() == ["ROLE", "ASKED", "FIRST", "CHAIN"]
    assert max(map(len, lines)) <= columns
    told = lines[: lines.index("")]
    assert "".join(line[lines[0].index("CHAIN") :] for line in told).count("anthropic/") == 5
