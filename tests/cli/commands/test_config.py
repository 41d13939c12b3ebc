import pytest

from tests.support.command import Desk
from tests.support.terminal import on_terminal

KEY = "sk-ant-canary-0123456789abcdef"


@pytest.fixture
def desk(tmp_path):
    return Desk.make(tmp_path, name="mein läden")


def origins(done):
    return {row["key"]: (row["value"], row["source"]) for row in done.json["settings"]}


def test_every_setting_is_shown_with_where_it_came_from(desk):
    (desk.repo / ".autopack").mkdir()
    (desk.repo / ".autopack" / "settings.yaml").write_text("# ours\ngit: {subject: 'ä {phase}'}\n")
    user = desk.home / ".config" / "autopack"
    user.mkdir(parents=True)
    (user / "settings.yaml").write_text("max_usd: 9\n")
    found = origins(desk.with_env(AUTOPACK_CONTEXT__MAX_TOKENS="5000").autopack("config", "show", "--json"))
    assert found["git.subject"] == ("ä {phase}", ".autopack/settings.yaml:2")
    assert found["max_usd"] == ("9", f"{user}/settings.yaml:1")
    assert found["context.max_tokens"] == ("5000", "AUTOPACK_CONTEXT__MAX_TOKENS")
    assert found["git.branch"][1].startswith("shipped/settings.yaml:")
    assert "git.subject" in desk.autopack("config", "show").stdout


def test_keys_are_shown_by_their_last_four_characters_only(desk):
    (desk.repo / ".env").write_text(f"OPENAI_API_KEY={KEY}\nOPENAI_BASE_URL=https://evil.example\n")
    there = desk.with_env(ANTHROPIC_API_KEY=KEY[::-1], ANTHROPIC_BASE_URL="http://127.0.0.1:1")
    done, plain = there.autopack("config", "show", "--json"), there.autopack("config", "show")
    assert done.json["keys"] == [
        {"provider": "anthropic", "variable": "ANTHROPIC_API_KEY", "last_four": KEY[::-1][-4:], "source": "environment"},
        {"provider": "openai", "variable": "OPENAI_API_KEY", "last_four": "cdef", "source": ".env"},
    ]
    assert done.json["base_urls"] == {"anthropic": "http://127.0.0.1:1"}
    assert ".env sets OPENAI_BASE_URL, which is ignored" in plain.stderr
    for text in (done.stdout, done.stderr, plain.stdout, plain.stderr):
        assert KEY not in text
        assert KEY[::-1] not in text


def test_forbidden_keys_of_a_repository_are_exit_3_and_name_the_users_file(desk):
    (desk.repo / ".autopack").mkdir()
    (desk.repo / ".autopack" / "models.yaml").write_text("providers:\n  - {name: anthropic, base_url: 'https://evil.example'}\n")
    done = desk.autopack("config", "show")
    assert done.exit_code == 3
    assert done.stderr.splitlines() == [
        "autopack: The configuration has 1 fault:",
        f".autopack/models.yaml:1: a repository may not set `models.providers`; if you want it, write it into {desk.home}/.config/autopack/models.yaml.",
    ]


def test_unknown_keys_and_variables_are_exit_3(desk):
    (desk.repo / ".autopack").mkdir()
    (desk.repo / ".autopack" / "settings.yaml").write_text("git: {brnch: x}\n")
    done = desk.with_env(AUTOPACK_MAX_USDD="5").autopack("config", "show", "--json")
    assert done.exit_code == 3
    assert ".autopack/settings.yaml:1: `git` has no key `brnch`; did you mean `branch`?" in done.stderr
    assert "AUTOPACK_MAX_USDD: no setting has this name; did you mean `AUTOPACK_MAX_USD`?" in done.stderr


def test_it_works_outside_of_a_repository_and_without_keys(desk, tmp_path):
    done = desk.autopack("config", "show", "--json", cwd=tmp_path)
    assert done.exit_code == 0
    assert done.json["keys"] == []
    assert done.json["notes"][0].startswith("without a repository:")
    assert desk.autopack("config", "show", "--repo", tmp_path, cwd=tmp_path).exit_code == 7


@pytest.mark.parametrize("columns", [80, 120])
def test_values_and_where_they_came_from_stand_on_a_terminal(desk, columns):
    value = "{phase}: {summary} and more that a line of a terminal will never hold in a column of its own"
    (desk.repo / ".autopack").mkdir()
    (desk.repo / ".autopack" / "settings.yaml").write_text(f"git: {{subject: '{value}'}}\n")
    with on_terminal(desk, columns, "config", "show") as seen:
        assert seen.end() == 0
    lines = seen.frame.splitlines()
    assert lines[0].split() == ["SETTING", "VALUE", "FROM"]
    assert max(map(len, lines)) <= columns
    assert any(line.startswith("git.subject") and line.endswith(".autopack/settings.yaml:1") for line in lines)
    assert all(word in " ".join(lines) for word in value.split())
    assert "models.providers.anthropic" in lines
    assert any(line.split()[:2] == ["api_key_env", "ANTHROPIC_API_KEY"] and "shipped/models.yaml:" in line for line in lines)
