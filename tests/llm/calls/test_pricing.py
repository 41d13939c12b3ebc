from decimal import Decimal

import pytest

from autopack.core.call import Usage
from autopack.core.models_settings import ModelSettings
from autopack.llm.calls.pricing import ceiling, price, prompt_tokens
from tests.support.asking import prompt, provider, route

USAGE = Usage(input_tokens=1_000_000, output_tokens=1_000_000, cache_read_tokens=1_000_000, cache_write_tokens=1_000_000)


def priced(rates):
    return route(provider("corp", "openai-chat", models={"m-1": ModelSettings(usd_per_mtok=rates)}))


def test_own_prices_count_every_kind_of_token():
    assert price(priced({"input": 1, "output": 2, "cache_read": 0.1, "cache_write": 1.25}), USAGE) == Decimal("4.35")


def test_missing_cache_prices_are_those_of_input_and_zero_is_a_price():
    assert price(priced({"input": 1, "output": 2}), USAGE) == Decimal(5)
    assert price(priced({"input": 0, "output": 0}), USAGE) == 0


def test_half_a_price_is_none():
    assert price(priced({"input": 1}), USAGE) is None


def test_the_vendors_models_are_priced_from_the_list_in_the_package():
    sonnet = route(provider("anthropic", "anthropic", models={}), model="claude-sonnet-5-5")
    only_input, only_output = Usage(input_tokens=1_000_000), Usage(output_tokens=1_000_000)
    assert price(sonnet, only_input) == Decimal(2)
    assert price(sonnet, only_output) == Decimal(10)
    assert (
        price(sonnet, Usage(cache_read_tokens=1_000_000)) < price(sonnet, only_input) < price(sonnet, Usage(cache_write_tokens=1_000_000))
    )


@pytest.mark.parametrize(("name", "model"), [("anthropic", "claude-of-tomorrow"), ("corp", "claude-sonnet-5-5")])
def test_an_unknown_price_is_none(name, model):
    assert price(route(provider(name, "anthropic", models={}), model=model), USAGE) is None


def test_a_model_that_reports_more_tokens_is_counted_higher_and_one_that_reports_fewer_no_lower():
    asked = prompt("x" * 30_000)
    assert prompt_tokens(asked, factor=2.0) > 2 * 30_000 / 4
    assert prompt_tokens(asked, factor=0.5) == prompt_tokens(asked)
    assert ceiling(priced({"input": 1, "output": 2}), asked, "", 1_000, 2.0).tokens == prompt_tokens(asked, factor=2.0) + 1_000


def test_a_ceiling_takes_the_dearest_rate_for_the_prompt():
    of, asked = priced({"input": 1, "output": 2, "cache_write": 3}), prompt("x" * 30_000)
    tokens = prompt_tokens(asked)
    assert ceiling(of, asked, "", 1_000).usd == (Decimal(tokens) * 3 + 2_000) / 1_000_000
    assert ceiling(of, asked, "", 1_000).tokens == tokens + 1_000


def test_the_estimate_of_a_prompt_is_an_upper_one():
    assert prompt_tokens(prompt("x" * 3_000)) >= 1_000
    assert prompt_tokens(prompt("漢" * 1_000)) >= 1_000
    assert prompt_tokens(prompt("a"), schema_text="s" * 900) - prompt_tokens(prompt("a")) == 300
