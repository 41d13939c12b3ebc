"""The one sum of what calls cost: for status, usage, budgets, the list of runs and the story of a phase.

A call that was answered, or that failed after tokens were counted, costs what its price says. One on its way, or whose end nobody knows,
is held at its ceiling. A replayed one costs nothing and fills no budget: only its tokens are told.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from autopack.core.budget import Spent
from autopack.core.call import CallState, Usage
from autopack.core.model import Frozen
from autopack.core.status import UsageStatus


class CallCost(NamedTuple):
    """What is known of the cost of one call, or of several in one state that all count tokens or none: theirs are added up.

    Dollars stand singly, for as many of the calls as a price is known of.
    """

    state: CallState
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    usd: tuple[Decimal, ...]
    ceiling_tokens: int
    ceiling_usd: tuple[Decimal, ...]
    is_replayed: bool
    calls: int = 1

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens + self.cache_read_tokens + self.cache_write_tokens


class Cost(Frozen):
    """``usage`` is that of all calls, ``spent`` only of those that were bought. ``unpriced`` of these have ended without a known price."""

    calls: int
    usage: Usage
    spent: Spent
    unpriced: int
    is_dark: bool
    """Whether something was bought and no price of it is known."""

    @property
    def status(self) -> UsageStatus:
        return UsageStatus.of(self.usage, self.calls, None if self.is_dark else float(self.spent.usd))


def cost_of(calls: Iterable[CallCost]) -> Cost:
    every = tuple(calls)
    bought = [call for call in every if not call.is_replayed]
    known = [call for call in bought if _is_known(call)]
    held = [call for call in bought if call.state in _HELD]
    priced = [usd for call in known for usd in call.usd]
    ceilings = [usd for call in held for usd in call.ceiling_usd]
    unpriced = _number(known) - len(priced)
    return Cost(
        calls=_number(every),
        usage=_usage(every),
        spent=Spent(
            usd=sum(priced, Decimal(0)),
            tokens=_usage(known).total,
            reserved_usd=sum(ceilings, Decimal(0)),
            reserved_tokens=sum(call.ceiling_tokens for call in held),
            unknown_prices=unpriced + _number(held) - len(ceilings),
        ),
        unpriced=unpriced,
        is_dark=bool(known) and not priced,
    )


_HELD: Final = (CallState.INTENT, CallState.UNKNOWN)


def _is_known(call: CallCost) -> bool:
    return call.state == CallState.REPLIED or (call.state == CallState.FAILED and call.tokens > 0)


def _number(calls: Sequence[CallCost]) -> int:
    return sum([call.calls for call in calls])


def _usage(calls: Sequence[CallCost]) -> Usage:
    return Usage(
        input_tokens=sum([call.input_tokens for call in calls]),
        output_tokens=sum([call.output_tokens for call in calls]),
        cache_read_tokens=sum([call.cache_read_tokens for call in calls]),
        cache_write_tokens=sum([call.cache_write_tokens for call in calls]),
    )
