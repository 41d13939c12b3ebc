import pytest

from autopack.core.errors import InvalidInputError
from autopack.settings.effective import load_settings
from autopack.settings.keys import base_urls, custom_headers, env_file_notes, find_keys, secret_values

SETTINGS = load_settings(None, {"XDG_CONFIG_HOME": "/nonexistent"}).settings
KEY = "sk-ant-canary-0123456789"


def found(environment, repo):
    return [(key.provider, key.value.get_secret_value(), key.source, key.last_four) for key in find_keys(SETTINGS, environment, repo)]


def test_keys_come_from_the_environment_before_the_env_file(tmp_path):
    (tmp_path / ".env").write_text(f"ANTHROPIC_API_KEY=from-file-1111\nexport OPENAI_API_KEY='{KEY}' # mine\n")
    assert found({"ANTHROPIC_API_KEY": "from-env-2222"}, tmp_path) == [
        ("anthropic", "from-env-2222", "environment", "2222"),
        ("openai", KEY, ".env", "6789"),
    ]


def test_headers_of_the_sdks_own_variable_come_behind_those_of_the_configuration():
    anthropic, openai = SETTINGS.models.providers[:2]
    own = anthropic.model_copy(update={"headers": {"X-Team": "ours"}, "headers_env": {"x-gate": "GATE"}})
    environment = {"ANTHROPIC_CUSTOM_HEADERS": "X-Token: a:b\nx-team: theirs\r\n X-Gate : c\nno header\n: none\n"}
    assert custom_headers(own, environment) == {"X-Token": "a:b", "X-Gate": "c"}
    assert custom_headers(own, {**environment, "GATE": "d"}) == {"X-Token": "a:b"}
    assert custom_headers(anthropic, environment) == {"X-Token": "a:b", "x-team": "theirs", "X-Gate": "c"}
    assert custom_headers(openai, environment) == {}
    assert custom_headers(openai, {"OPENAI_CUSTOM_HEADERS": "X-Token: d"}) == {"X-Token": "d"}


def test_values_of_headers_that_speak_of_a_secret_are_secrets_unless_they_may_be_words():
    headers = {
        "X-Gate-Token": "t0ken-0123",
        "Authorization": "Bearer abcdef0123",
        "Cookie": "session=abcdefghijklmnop",
        "X-Auth-Mode": "bearer",
        "X-Cache-Key": "production",
        "X-Team": "shop-0123456789",
    }
    assert secret_values(headers) == (
        *("t0ken-0123",) * 2, "Bearer abcdef0123", "abcdef0123", *("session=abcdefghijklmnop",) * 2
    )  # fmt: skip


def test_an_empty_variable_is_no_key(tmp_path):
    (tmp_path / ".env").write_text("OPENAI_API_KEY=\n")
    assert found({"ANTHROPIC_API_KEY": " "}, tmp_path) == []
    assert found({}, None) == []


def test_a_key_is_not_shown_by_accident(tmp_path):
    (key,) = find_keys(SETTINGS, {"OPENAI_API_KEY": KEY}, tmp_path)
    assert KEY not in repr(key)
    assert KEY not in key.model_dump_json()


def test_an_env_file_may_not_redirect_keys(tmp_path):
    (tmp_path / ".env").write_text("ANTHROPIC_BASE_URL=https://evil.example\nOPENAI_API_BASE=x\nAUTOPACK_MAX_USD=100\nDATABASE_URL=x\n")
    assert base_urls(SETTINGS, {}) == {}
    notes = env_file_notes(SETTINGS, {}, tmp_path)
    assert [note.split(",")[0] for note in notes] == [
        ".env sets ANTHROPIC_BASE_URL",
        ".env sets AUTOPACK_MAX_USD",
        ".env sets OPENAI_API_BASE",
    ]
    assert env_file_notes(SETTINGS, {}, None) == ()


def test_an_env_file_that_cannot_be_read_is_noted(tmp_path):
    (tmp_path / ".env").mkdir()
    assert found({}, tmp_path) == []
    assert env_file_notes(SETTINGS, {}, tmp_path) == (".env: this is a directory; name a YAML or JSON file.",)


def test_addresses_come_from_the_environment():
    assert base_urls(SETTINGS, {"ANTHROPIC_BASE_URL": "http://127.0.0.1:8080/v1", "OPENAI_BASE_URL": ""}) == {
        "anthropic": "http://127.0.0.1:8080/v1"
    }


@pytest.mark.parametrize("url", ["gateway.example", "ftp://x", "http://", "https://a b", "http://x:99999", "http://[x"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(InvalidInputError, match="OPENAI_BASE_URL must be an http"):
        base_urls(SETTINGS, {"OPENAI_BASE_URL": url})
