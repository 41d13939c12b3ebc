"""Estimates what the calls of a phase may cost, before any of them is made."""

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from autopack.context.builder_prompt import builder_prompt
from autopack.context.gather import Rules, gather
from autopack.core.budget import Ceiling
from autopack.core.call import Prompt, PromptBlock, Role, Usage
from autopack.core.checking import CheckReport, CheckStatus
from autopack.core.context import PhaseContext
from autopack.core.errors import UserError
from autopack.core.models_settings import ModelsSettings
from autopack.core.plan import PhaseSpec, Plan
from autopack.core.redaction import Redactor
from autopack.core.routing_settings import policy_of
from autopack.core.settings import ApiKey, ContextSettings, ExploreSettings, Settings
from autopack.core.token_count import CHARACTERS_PER_TOKEN
from autopack.llm.calls.pricing import ceiling, ceiling_of, price, prompt_tokens
from autopack.llm.calls.routing import Asked, Route, chain, second_auditor
from autopack.llm.calls.stored_request import schema_text
from autopack.llm.service import counts_prompts
from autopack.review.audit_prompt import Change, audit_prompt
from autopack.store.digests import Digests
from autopack.worktree.base_tree import BaseTree

OUTPUT_TOKENS: Final = 32_000
"""A first reply may have so many tokens; after a reply that was cut off, as many as the model allows."""

NO_PROMPT: Final = Prompt(system="", blocks=(), reply_name="", reply_schema={})
_EDIT_TOKENS: Final = 1_500
_VERDICT_TOKENS: Final = 800
TRIES: Final = 2


@dataclass(frozen=True)
class CallCost:
    """The most and the least that one call to a model costs; the least is its prompt with hardly any reply.

    ``counted`` is the least that may be held for it, where its provider counts prompts that do not fit by the generous estimate.
    """

    model: str
    most: Ceiling
    least: Ceiling
    counted: Ceiling | None = None

    @property
    def held(self) -> Ceiling:
        """Under a cap that leaves less room it can never be made."""
        return self.counted or self.most


def call_cost(route: Route, prompt: Prompt, factor: float = 1.0) -> CallCost:
    """The cost of a call to the route's model, asked as in a first attempt; ``factor``: as its replies report."""
    output = min(OUTPUT_TOKENS, route.limits.max_output)
    most = ceiling(route, prompt, schema_text(prompt), output, factor)
    tokens = 0 if prompt is NO_PROMPT else prompt_tokens(prompt) // 2  # the estimate is generous: no model takes less than half of it
    counted = ceiling_of(route, tokens, output) if counts_prompts(route.provider) else None
    return CallCost(route.name, most, Ceiling(tokens=tokens, usd=price(route, Usage(input_tokens=tokens))), counted)


def rounds_cost(route: Route, prompt: Prompt, limits: ExploreSettings, rounds: int, factor: float = 1.0) -> Ceiling:
    """The most that a question and its rounds of calls cost: each as dear as the last, which holds what all before it found."""
    found = PromptBlock(text="x" * (rounds * limits.characters))
    most = call_cost(route, prompt.model_copy(update={"blocks": (*prompt.blocks, found)}) if rounds else prompt, factor).most
    return Ceiling(tokens=most.tokens * (rounds + 1), usd=None if most.usd is None else most.usd * (rounds + 1))


@dataclass(frozen=True)
class Fitting:
    """What a builder's prompt is fitted by."""

    settings: Settings
    redactor: Redactor
    characters_per_token: float = CHARACTERS_PER_TOKEN
    digests: Digests | None = None


def first_prompt(phase: PhaseSpec, plan: Plan, tree: BaseTree, fitting: Fitting) -> tuple[PhaseContext, Prompt]:
    """The builder's prompt in a first attempt on that tree."""
    tokens = fitting.settings.context_tokens(phase.complexity)
    given = Rules(tree.commit, tokens, fitting.redactor, plan.instructions)
    rules = replace(given, characters_per_token=fitting.characters_per_token, digests=fitting.digests)
    context = gather(phase, tree, (), rules)
    return context, builder_prompt(phase, context, plan.goal)


def first_audit(phase: PhaseSpec, goal: str, settings: ContextSettings) -> Prompt:
    """The auditor's prompt without the change: the least that it is asked."""
    return audit_prompt(phase, Change("", CheckReport(status=CheckStatus.SKIPPED)), goal, (), settings)


def likely_usage(
    prompt: Prompt, context: PhaseContext, characters_per_token: float = CHARACTERS_PER_TOKEN, audits: int = 1
) -> tuple[Usage, ...]:
    """What builder and auditors are likely to use in an attempt that lands. It is no bound."""
    asked = int(sum(map(len, (prompt.system, *(block.text for block in prompt.blocks)))) / characters_per_token)
    whole = sum(len(text) for file in context.editable if file.mode == "full_file" for _, text in file.stretches)
    written = _EDIT_TOKENS + int(whole / characters_per_token)
    builder = Usage(input_tokens=asked, output_tokens=written)
    return builder, *[Usage(input_tokens=asked // 2 + written, output_tokens=_VERDICT_TOKENS)] * audits


def first_auditors(models: ModelsSettings, keys: tuple[ApiKey, ...], phase: PhaseSpec) -> tuple[Route, ...]:
    """Who is asked to audit a first attempt: one, or two. Raises ProviderBlockedError where nobody has a key."""
    first = chain(models, keys, Asked(Role.AUDITOR, phase.complexity, phase.task_category))[0]
    return (first, *second_auditor_of(models, keys, phase, first.name))


def second_auditor_of(models: ModelsSettings, keys: tuple[ApiKey, ...], phase: PhaseSpec, first: str) -> tuple[Route, ...]:
    """Who audits beside the first auditor; nobody where one is enough, or nobody else has a key."""
    policy = policy_of(models.llm_routing_policies, phase.task_category)
    if policy is None or not policy.dual_audit:
        return ()
    return second_auditor(models, keys, Asked(Role.AUDITOR, phase.complexity, phase.task_category), first)[:1]


def likely_usd(routes: tuple[Route, ...], used: tuple[Usage, ...]) -> Decimal | None:
    """The likely cost of an attempt that lands, with its audits; None where a price is not known. It is no bound."""
    prices = [price(route, usage) for route, usage in zip(routes, used, strict=True)]
    known = [one for one in prices if one is not None]
    return sum(known, Decimal(0)) if len(known) == len(prices) else None


def rounded_up(usd: Decimal) -> Decimal:
    """Rounds up to the cent."""
    return Decimal(math.ceil(usd * 100)) / 100


def suggested_cap(plan: Plan, tree: BaseTree, settings: Settings, keys: tuple[ApiKey, ...], redactor: Redactor) -> int | None:
    """Whole dollars; None where no key or no price is known."""
    total = Decimal(0)
    try:
        for phase in plan.phases:
            _, asked = first_prompt(phase, plan, tree, Fitting(settings, redactor))
            told = first_audit(phase, plan.goal, settings.context)
            builder = chain(settings.models, keys, Asked(Role.BUILDER, phase.complexity, phase.task_category))[0]
            for route, prompt in ((builder, asked), *((one, told) for one in first_auditors(settings.models, keys, phase))):
                most = call_cost(route, prompt).most
                if most.usd is None:
                    return None
                total += most.usd
    except UserError:
        return None
    return max(1, math.ceil(total * TRIES))
