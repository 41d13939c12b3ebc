"""What a call costs: by the prices in ``models.yaml``, else by those that genai-prices ships. An unknown price is None, never 0."""

import math
from decimal import Decimal
from typing import Final

from autopack.core.budget import Ceiling
from autopack.core.call import Prompt, Usage
from autopack.core.folding import Rates
from autopack.core.token_count import estimated_tokens
from autopack.llm.calls.routing import Route

_MILLION: Final = Decimal(1_000_000)
_CHARACTERS_PER_TOKEN: Final = 3
_TOKENS_PER_RARE_CHARACTER: Final = 2
_MARGIN: Final = 1.2
_OVERHEAD_TOKENS: Final = 100
"""What a provider adds to the prompt: marks of roles, blocks and tools."""


def ceiling(route: Route, prompt: Prompt, schema_text: str, max_output: int, factor: float = 1.0) -> Ceiling:
    """The most a call can cost: its whole prompt at the dearest input rate and all the output it may ask for.

    ``factor``: as ``Counted`` of the model has it.
    """
    return ceiling_of(route, prompt_tokens(prompt, schema_text, factor), max_output)


def counted_ceiling(route: Route, counted: int, max_output: int) -> Ceiling:
    """The same of a prompt that its provider has counted, which it calls an estimate."""
    return ceiling_of(route, counted + _OVERHEAD_TOKENS, max_output)


def ceiling_of(route: Route, tokens: int, max_output: int) -> Ceiling:
    """Of a prompt of so many tokens."""
    read_anew = price(route, Usage(input_tokens=tokens, output_tokens=max_output))
    written = price(route, Usage(cache_write_tokens=tokens, output_tokens=max_output))
    usd = None if read_anew is None or written is None else max(read_anew, written)
    return Ceiling(tokens=tokens + max_output, usd=usd)


def prompt_tokens(prompt: Prompt, schema_text: str = "", factor: float = 1.0) -> int:
    """An upper estimate: three characters a token, two tokens for each character outside ASCII.

    It is more where the model's replies report more, and never less: a text of figures takes more tokens than the prose before it.
    """
    texts = (schema_text, *prompt.texts)
    plain = sum(len(text.encode("ascii", "ignore")) for text in texts)
    rare = sum(map(len, texts)) - plain
    generous = math.ceil(plain / _CHARACTERS_PER_TOKEN) + rare * _TOKENS_PER_RARE_CHARACTER
    return max(generous, math.ceil(estimated_tokens(texts) * factor * _MARGIN)) + _OVERHEAD_TOKENS


def price(route: Route, usage: Usage) -> Decimal | None:
    rates = route.limits.usd_per_mtok
    if rates is None:
        return _listed_price(route.provider.name, route.model, usage)
    if "input" not in rates or "output" not in rates:
        return None
    costs = {
        "input": usage.input_tokens,
        "output": usage.output_tokens,
        "cache_read": usage.cache_read_tokens,
        "cache_write": usage.cache_write_tokens,
    }
    fallback = Decimal(str(rates["input"]))
    return sum((_rate(rates.get(kind), fallback) * tokens / _MILLION for kind, tokens in costs.items()), Decimal(0))  # type: ignore[call-overload]


def prompt_rates(route: Route) -> Rates | None:
    """Of a million tokens; None where the price is not known."""
    kept, sent, written = (
        price(route, Usage(**{kind: int(_MILLION)})) for kind in ("cache_read_tokens", "input_tokens", "cache_write_tokens")
    )
    return None if kept is None or sent is None or written is None else Rates(kept=float(kept), sent=float(max(sent, written)))


def _rate(rate: float | None, fallback: Decimal) -> Decimal:
    return fallback if rate is None else Decimal(str(rate))


def _listed_price(provider: str, model: str, usage: Usage) -> Decimal | None:
    """The price in the list that genai-prices ships; nothing is fetched."""
    import genai_prices  # 0.2 s: only when a price is needed

    counted = genai_prices.Usage(
        input_tokens=usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
    )
    try:
        return genai_prices.calc_price(counted, model, provider_id=provider).total_price
    except (LookupError, ValueError):
        return None
