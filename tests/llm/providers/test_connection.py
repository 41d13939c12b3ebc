import pytest

from autopack.core.errors import InvalidInputError, ProviderBlockedError
from autopack.core.settings import ProviderAccess
from autopack.llm.providers.connection import connection
from tests.support.asking import key, provider


def test_the_environments_base_url_wins_over_the_files_and_both_over_the_vendors():
    of = provider("corp", "anthropic", base_url="https://file.example")
    assert connection(of, key("corp"), ProviderAccess(base_urls={"corp": "https://env.example"})).base_url == "https://env.example"
    assert connection(of, key("corp"), ProviderAccess()).base_url == "https://file.example"
    assert connection(provider("corp", "openai-responses"), key("corp"), ProviderAccess()).base_url == "https://api.openai.com/v1"


@pytest.mark.parametrize(
    ("url", "is_vendor"),
    [
        ("https://api.anthropic.com", True),
        ("https://eu.api.anthropic.com/x", True),
        ("https://anthropic.com.evil.example", False),
        ("https://notanthropic.com", False),
        ("http://127.0.0.1:8080", False),
    ],
)
def test_a_gateway_is_told_from_the_vendor_by_its_domain(url, is_vendor):
    assert connection(provider("corp", "anthropic", base_url=url), key("corp"), ProviderAccess()).is_vendor is is_vendor


@pytest.mark.parametrize("url", ["api.example.com", "ftp://x", "http://", "http://[::1"])
def test_a_base_url_that_is_none_is_refused_with_the_variable_it_came_from(url):
    of = provider("corp", "anthropic", base_url_env="CORP_URL")
    with pytest.raises(InvalidInputError, match="'corp'.*CORP_URL"):
        connection(of, key("corp"), ProviderAccess(base_urls={"corp": url}))


@pytest.mark.parametrize("value", ["sk-…", "sk-1\n", " sk-1", "sk-1\x00"])
def test_a_key_that_no_header_carries_is_refused_without_showing_it(value):
    with pytest.raises(ProviderBlockedError, match="CORP_KEY") as blocked:
        connection(provider("corp", "anthropic"), key("corp", value), ProviderAccess())
    assert value not in blocked.value.message


def test_a_certificate_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InvalidInputError, match="ca_file"):
        connection(provider("corp", "anthropic", ca_file=str(tmp_path / "none.pem")), key("corp"), ProviderAccess())


def test_headers_from_the_environment_join_those_of_the_file():
    of = provider("corp", "anthropic", headers={"X-A": "1", "X-B": "1"})
    made = connection(of, key("corp"), ProviderAccess(headers={"corp": {"X-B": "2"}}))
    assert made.headers == {"X-A": "1", "X-B": "2"}
