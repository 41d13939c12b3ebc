from decimal import Decimal

from autopack.core.call import CallState, Usage
from autopack.core.cost import CallCost, cost_of


def call(usd: str | None = None, state: CallState = CallState.REPLIED, ceiling: str | None = "1", **more: bool) -> CallCost:
    amounts = (() if text is None else (Decimal(text),) for text in (usd, ceiling))
    tokens = (0, 0, 0, 0) if state in (CallState.INTENT, CallState.UNKNOWN) else (10, 2, 3, 4)
    usd_known, ceiling_usd = amounts
    return CallCost(state, *tokens, usd_known, 100, ceiling_usd, more.get("is_replayed", False))


def test_the_total_is_the_sum_of_what_is_known():
    cost = cost_of([call("0.5"), call(None), call("0.25")])
    assert (cost.calls, cost.spent.usd, cost.spent.tokens, cost.unpriced) == (3, Decimal("0.75"), 57, 1)
    assert cost.usage == Usage(input_tokens=30, output_tokens=6, cache_read_tokens=9, cache_write_tokens=12)
    assert cost.status.usd == 0.75


def test_a_total_of_nothing_known_is_unknown_and_of_nothing_at_all_is_nothing():
    assert cost_of([call(None)]).status.usd is None
    assert cost_of([]).status.usd == 0
    assert cost_of([call(state=CallState.INTENT)]).status.usd == 0


def test_a_call_whose_end_nobody_knows_is_held_at_its_ceiling():
    cost = cost_of([call(state=CallState.UNKNOWN), call(state=CallState.INTENT, ceiling=None)])
    assert (cost.spent.reserved_usd, cost.spent.reserved_tokens, cost.spent.unknown_prices, cost.unpriced) == (Decimal(1), 200, 1, 0)


def test_a_failed_call_costs_what_was_counted_of_it():
    nothing = CallCost(CallState.FAILED, 0, 0, 0, 0, (), 100, (Decimal(1),), False)
    cost = cost_of([nothing, call("0.1", CallState.FAILED), call(None, CallState.FAILED)])
    assert (cost.spent.usd, cost.spent.tokens, cost.unpriced) == (Decimal("0.1"), 38, 1)


def test_a_replayed_call_costs_nothing_and_its_tokens_are_told():
    cost = cost_of([call(None, is_replayed=True)])
    assert (cost.calls, cost.usage.total, cost.spent.held_tokens, cost.unpriced, cost.status.usd) == (1, 19, 0, 0, 0)


def test_calls_that_are_alike_count_as_if_each_stood_alone():
    alone = [call("0.1"), call("0.2"), call(None), call(state=CallState.UNKNOWN), call(state=CallState.UNKNOWN, ceiling=None)]
    replied = CallCost(CallState.REPLIED, 30, 6, 9, 12, (Decimal("0.1"), Decimal("0.2")), 300, (Decimal(1),) * 3, False, calls=3)
    unknown = CallCost(CallState.UNKNOWN, 0, 0, 0, 0, (), 200, (Decimal(1),), False, calls=2)
    assert cost_of([replied, unknown]) == cost_of(alone)
