"""Refuses, before anything is bought, a cap under which a phase can never be paid, and says which cap would do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from autopack.context.builder_prompt import builder_prompt
from autopack.core.budget import Caps, Setter, advice, dollars
from autopack.core.call import Prompt, Role
from autopack.core.errors import BudgetSpentError, InvalidInputError
from autopack.core.plan import PhaseSpec
from autopack.core.states import PhaseState
from autopack.executor.attempt.ask import routes
from autopack.executor.attempt.estimate import NO_PROMPT, CallCost, call_cost, first_audit, rounded_up
from autopack.executor.attempt.phase_context import context_of
from autopack.executor.attempt.scope_grants import widened
from autopack.executor.run_context import ModelAccess, State, WorkSite
from autopack.executor.start.schedule import is_anything_to_buy
from autopack.llm.calls.routing import Route
from autopack.store.tables import PhaseRow
from autopack.store.token_counts import counted

_UNPRICED: Final = "Give the model's usd_per_mtok in models.yaml, or cap tokens (--max-tokens) instead."


@dataclass(frozen=True)
class First:
    """What the first builder call of a phase and the first audit after it cost."""

    builder: CallCost
    auditor: CallCost


def judge_caps(site: WorkSite, models: ModelAccess, rows: Sequence[PhaseRow]) -> None:
    """Judges every phase that has not begun by its row, each as if nothing else were bought.

    Raises:
        BudgetSpentError: a cap can never be enough.
        InvalidInputError: a cap in dollars cannot be kept, since a model has no known price.
    """
    if models.replay is not None or not is_anything_to_buy(site.plan, {row.phase_id: PhaseState(row.state) for row in rows}):
        return
    complete = {row.phase_id for row in rows if row.state == PhaseState.COMPLETE}
    waiting = {row.phase_id: row for row in rows if row.state == PhaseState.QUEUED}
    for phase in site.plan.phases:
        caps = models.caps_of(phase)
        if phase.id in waiting and caps != Caps():
            is_ready = complete.issuperset(phase.depends_on)
            judge_phase(phase, caps, _first(site, models, widened(phase, waiting[phase.id]), is_ready=is_ready))


def _first(site: WorkSite, models: ModelAccess, phase: PhaseSpec, *, is_ready: bool) -> First:
    """The prompt of a phase that waits for others is not known yet: then only the room for the replies counts."""
    asked = told = NO_PROMPT
    head = site.branch.head()
    if is_ready and head is not None:
        asked = builder_prompt(phase, context_of(site, phase, head, None), site.plan.goal)
        told = first_audit(phase, site.plan.goal, site.settings.context)
    return First(
        _cost(site.state, routes(site.state, models, phase, Role.BUILDER)[0], asked),
        _cost(site.state, routes(site.state, models, phase, Role.AUDITOR)[0], told),
    )


def _cost(state: State, route: Route, prompt: Prompt) -> CallCost:
    return call_cost(route, prompt, counted(state.database, route.provider.name, route.model).factor)


def judge_phase(phase: PhaseSpec, caps: Caps, first: First) -> None:
    """Raises what ``judge_caps`` raises, for one phase."""
    builder, auditor = first.builder, first.auditor
    unpriced = next((cost.model for cost in (builder, auditor) if cost.most.usd is None), None)
    if caps.has_usd and unpriced is not None:
        raise InvalidInputError(f"A cap in dollars cannot be kept: no price is known for {unpriced}. {_UNPRICED}")
    for usd, by in _dollars(caps):
        least = max(builder.held.usd or Decimal(0), (builder.least.usd or Decimal(0)) + (auditor.most.usd or Decimal(0)))
        if least > usd:
            enough = rounded_up((builder.most.usd or Decimal(0)) + (auditor.most.usd or Decimal(0)))
            costs = f"its first call may cost up to {dollars(builder.most.usd)} and its audit up to {dollars(auditor.most.usd)}"
            raise BudgetSpentError("usd", _sentence(phase, dollars(usd), costs, by) + advice(by, "usd", f"{enough:.2f}"), by)
    for tokens, by in _tokens(caps):
        if max(builder.held.tokens, builder.least.tokens + auditor.most.tokens) > tokens:
            enough_tokens = builder.most.tokens + auditor.most.tokens
            costs = f"its first call may take up to {builder.most.tokens:,} tokens and its audit up to {auditor.most.tokens:,}"
            raise BudgetSpentError("tokens", _sentence(phase, f"{tokens:,}", costs, by) + advice(by, "tokens", str(enough_tokens)), by)


def _sentence(phase: PhaseSpec, cap: str, costs: str, by: Setter) -> str:
    whose = "phase" if by == "phase" else "run"
    return f"Phase '{phase.id}' can never be done under the {whose}'s cap of {cap}: {costs}; nothing was sent. "


def _dollars(caps: Caps) -> Iterator[tuple[Decimal, Setter]]:
    if caps.run_usd is not None:
        yield caps.run_usd, caps.run_usd_by
    if caps.phase_usd is not None:
        yield caps.phase_usd, "phase"


def _tokens(caps: Caps) -> Iterator[tuple[int, Setter]]:
    if caps.run_tokens is not None:
        yield caps.run_tokens, caps.run_tokens_by
    if caps.phase_tokens is not None:
        yield caps.phase_tokens, "phase"
