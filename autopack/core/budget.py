"""What a call may cost at most, what is spent already, and whether the one fits on top of the other."""

from decimal import Decimal
from typing import Final, Literal

from autopack.core.model import Frozen

Reason = Literal["usd", "tokens", "price"]
Setter = Literal["phase", "plan", "configuration", "option", "day", "call"]
"""Where a cap was set, and so where it can be raised; those of a day and of a call stand in the configuration."""


class Ceiling(Frozen):
    """The most a call can cost: its prompt, generously counted, and all the output it may ask for. ``usd``: None without a known price."""

    tokens: int
    usd: Decimal | None


class DayCaps(Frozen):
    """What all of a user's repositories may cost on one day (UTC)."""

    usd: Decimal | None = None
    tokens: int | None = None


class Caps(Frozen):
    """What a run, its current phase, each call and a day may cost in all; None: no cap. ``run_*_by``: who set the run's."""

    run_usd: Decimal | None = None
    run_tokens: int | None = None
    run_usd_by: Setter = "option"
    run_tokens_by: Setter = "option"
    phase_usd: Decimal | None = None
    phase_tokens: int | None = None
    call_usd: Decimal | None = None
    call_tokens: int | None = None
    day: DayCaps = DayCaps()

    @property
    def has_usd(self) -> bool:
        return any(cap is not None for cap in (self.run_usd, self.phase_usd, self.call_usd, self.day.usd))

    @property
    def has_tokens(self) -> bool:
        return any(cap is not None for cap in (self.run_tokens, self.phase_tokens, self.call_tokens, self.day.tokens))


class HoursCap(Frozen):
    """How long a run may be worked on in all."""

    hours: float
    by: Setter


class Spent(Frozen):
    """What calls cost so far.

    ``reserved_*`` is held at the ceiling: calls on their way, and calls whose end nobody knows (for good). ``unknown_prices`` counts
    the calls that cost something nobody can put a figure on.
    """

    usd: Decimal = Decimal(0)
    tokens: int = 0
    reserved_usd: Decimal = Decimal(0)
    reserved_tokens: int = 0
    unknown_prices: int = 0

    @property
    def held_usd(self) -> Decimal:
        return self.usd + self.reserved_usd

    @property
    def held_tokens(self) -> int:
        return self.tokens + self.reserved_tokens


class Misfit(Frozen):
    """Why a call may not be made, as a sentence; ``by``: who set the cap that it does not fit under."""

    reason: Reason
    message: str
    by: Setter | None = None


def misfit(ceiling: Ceiling, caps: Caps, run: Spent, phase: Spent) -> Misfit | None:
    """None where the call fits under every cap, even if it costs all it can."""
    if caps.has_usd and (unpriced := _unpriced(ceiling, run, "of this run")) is not None:
        return unpriced
    over = (
        _over_usd(ceiling.usd, caps.call_usd, Spent(), "call"),
        _over_tokens(ceiling.tokens, caps.call_tokens, Spent(), "call"),
        _over_usd(ceiling.usd, caps.run_usd, run, caps.run_usd_by),
        _over_usd(ceiling.usd, caps.phase_usd, phase, "phase"),
        _over_tokens(ceiling.tokens, caps.run_tokens, run, caps.run_tokens_by),
        _over_tokens(ceiling.tokens, caps.phase_tokens, phase, "phase"),
    )
    return next((one for one in over if one is not None), None)


def day_misfit(ceiling: Ceiling, caps: DayCaps, today: Spent) -> Misfit | None:
    """None where the call fits under the day's caps, on top of what all repositories have spent today."""
    if caps.usd is not None and (unpriced := _unpriced(ceiling, today, "of today")) is not None:
        return unpriced
    return _over_usd(ceiling.usd, caps.usd, today, "day") or _over_tokens(ceiling.tokens, caps.tokens, today, "day")


def overrun(ceiling: Ceiling, used: Ceiling, caps: Caps) -> str | None:
    """The sentence of a call that was reported dearer than all that it could cost, under a cap that this may break; None: it was not."""
    if caps.has_tokens and used.tokens > ceiling.tokens:
        return f"A call was reported with {used.tokens:,} tokens, of which at most {ceiling.tokens:,} were possible. {_OVERRUN}"
    if caps.has_usd and used.usd is not None and ceiling.usd is not None and used.usd > ceiling.usd:
        return f"A call was reported to cost {dollars(used.usd)}, where at most {dollars(ceiling.usd)} was possible. {_OVERRUN}"
    return None


_OVERRUN: Final = "What was reported counts, the reply is kept; look at the provider's bill before you resume."


def fits(ceiling: Ceiling, caps: Caps, run: Spent, phase: Spent) -> bool:
    return misfit(ceiling, caps, run, phase) is None


def _unpriced(ceiling: Ceiling, spent: Spent, which_calls: str) -> Misfit | None:
    if ceiling.usd is None:
        which = "the price of this model is not known"
    elif spent.unknown_prices:
        which = f"the price of {spent.unknown_prices} earlier call(s) {which_calls} is not known"
    else:
        return None
    advice = "give the model's usd_per_mtok in models.yaml, or cap tokens (--max-tokens) instead"
    return Misfit(reason="price", message=f"A cap in dollars cannot be kept, since {which}: {advice}.")


def _over_usd(usd: Decimal | None, cap: Decimal | None, spent: Spent, by: Setter) -> Misfit | None:
    if cap is None or usd is None or spent.held_usd + usd <= cap:
        return None
    figures = f"{dollars(spent.usd)} spent and {dollars(spent.reserved_usd)} held for calls whose end is not known"
    sentence = f"The next call may cost up to {dollars(usd)}, more than the {_whose(by)}'s cap of {dollars(cap)} leaves ({figures})"
    return Misfit(reason="usd", message=f"{sentence}; nothing was sent. {advice(by, 'usd')}", by=by)


def _over_tokens(tokens: int, cap: int | None, spent: Spent, by: Setter) -> Misfit | None:
    if cap is None or spent.held_tokens + tokens <= cap:
        return None
    figures = f"{spent.tokens:,} spent and {spent.reserved_tokens:,} held for calls whose end is not known"
    sentence = f"The next call may take up to {tokens:,} tokens, more than the {_whose(by)}'s cap of {cap:,} leaves ({figures})"
    return Misfit(reason="tokens", message=f"{sentence}; nothing was sent. {advice(by, 'tokens')}", by=by)


def advice(by: Setter, unit: Literal["usd", "tokens", "hours"], enough: str | None = None) -> str:
    """Where the cap is raised, and to what at least where that is known."""
    to = f" to {enough} or more" if enough else ""
    match by:
        case "phase":
            return f"Raise max_{unit} of the phase in the plan{to} and go on with --accept-plan-change."
        case "plan":
            return f"Raise budget.max_{unit} in the plan{to} and go on with --accept-plan-change."
        case "configuration":
            return f"Raise max_{unit} in the configuration{to} (AUTOPACK_MAX_{unit.upper()} comes before its files) and go on."
        case "day" | "call":
            return f"Raise max_{unit}_per_{by} in your configuration{to}" + (", or go on after midnight UTC." if by == "day" else ".")
        case "option":
            return f"Go on with --max-{unit} {enough} or more." if enough else f"Go on with a higher --max-{unit}."


def _whose(by: Setter) -> str:
    return _WHOSE.get(by, "run")


_WHOSE: Final[dict[Setter, str]] = {"phase": "phase", "call": "call", "day": "day"}


def dollars(amount: Decimal | None) -> str:
    if amount is None:
        return "an unknown amount"
    return f"${amount:.4f}".rstrip("0").ljust(len(f"${amount:.2f}"), "0")
