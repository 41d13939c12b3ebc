"""Looks at every model that a run could ask: who has a key, which is being retired, whose price is known, and, asked to, who answers."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from autopack.core.budget import Caps
from autopack.core.call import Asking, Prompt, PromptBlock, Role, Usage
from autopack.core.clock import Clock
from autopack.core.errors import InvalidInputError, ProviderBlockedError, UserError
from autopack.core.models_settings import TIERS, ModelsSettings, WireRetries
from autopack.core.plan import Plan
from autopack.core.readiness import Finding
from autopack.core.redaction import Redactor
from autopack.core.routing_settings import policy_of
from autopack.core.settings import ApiKey, Settings
from autopack.executor.caps import of_configuration
from autopack.executor.project_state import ProjectState
from autopack.executor.spending import passing_journal
from autopack.executor.start.run_inputs import access_of
from autopack.llm.calls.options import AskOptions
from autopack.llm.calls.pricing import price
from autopack.llm.calls.routing import Asked, Route, chain, chain_from, ladder, second_auditor
from autopack.llm.service import LlmService, Surroundings, retirement
from autopack.settings.keys import find_keys
from autopack.store.database import Database

_NO_RUN: Final = "doctor"
_OUTPUT: Final = 1_000


@dataclass(frozen=True)
class Chain:
    """Who may be asked for what, in order. ``is_needed``: a run ends where none of them answers."""

    name: str
    routes: tuple[Route, ...]
    is_needed: bool = True


def models_ready(project: ProjectState, settings: Settings, clock: Clock, plan: Plan, *, is_online: bool) -> Iterator[Finding]:
    """The tiers and categories of the plan's phases are those that a run needs; of no plan all tiers."""
    keys = find_keys(settings, project.environment, project.repository.top)
    try:
        chains = tuple(_chains(settings.models, keys, plan))
    except InvalidInputError as error:
        yield Finding.stopping("models", error, "correct models.yaml")
        return
    except ProviderBlockedError as error:
        yield Finding.stopping("keys", error, "set one, or ask `autopack models` who is asked for what")
        return
    for route in _each(route for one in chains for route in one.routes):
        yield _model(route)
    if is_online:
        yield from _asked(project, settings, clock, chains)


def _chains(models: ModelsSettings, keys: tuple[ApiKey, ...], plan: Plan) -> Iterator[Chain]:
    """Raises InvalidInputError for a name that is no model's, ProviderBlockedError where a role has nobody with a key."""
    tiers = [(tier, "") for tier in TIERS]
    needed = [(phase.complexity, _category(models, phase.task_category)) for phase in plan.phases]
    of_policies = [(tier, category) for category in models.llm_routing_policies for tier in TIERS]
    for tier, category in dict.fromkeys((*tiers, *(needed or of_policies))):
        yield from _of_kind(models, keys, Asked(Role.BUILDER, tier, category), is_needed=(tier, category) in (needed or tiers))
    for doctor in (models.doctor_models.cheap, models.doctor_models.strong):
        yield Chain("doctor", chain_from(models, keys, Asked(Role.DOCTOR, "medium"), doctor), is_needed=False)


def _category(models: ModelsSettings, category: str) -> str:
    """Empty where models.yaml says nothing of it."""
    is_named = policy_of(models.llm_routing_policies, category) or models.fallback_strategy.of_category(category) is not None
    return category if is_named else ""


def _of_kind(models: ModelsSettings, keys: tuple[ApiKey, ...], asked: Asked, *, is_needed: bool) -> Iterator[Chain]:
    kind = f"{asked.complexity}, {asked.category}" if asked.category else asked.complexity
    yield Chain(f"builder, {kind}", chain(models, keys, asked), is_needed)
    for rung in ladder(models, keys, asked.complexity, asked.category):
        yield Chain(f"builder, {kind}, after failures", chain_from(models, keys, asked, rung.model), is_needed=False)
    auditors = chain(models, keys, replace(asked, role=Role.AUDITOR))
    yield Chain(f"auditor, {kind}", auditors, is_needed)
    policy = policy_of(models.llm_routing_policies, asked.category)
    if policy is not None and policy.dual_audit:
        yield Chain(f"second auditor, {kind}", second_auditor(models, keys, asked, auditors[0].name), is_needed=False)
    if policy is not None and policy.escalate_to is not None:
        later = replace(asked, role=Role.AUDITOR, failed=policy.escalate_to.after_attempts)
        yield Chain(f"auditor, {kind}, after failures", chain(models, keys, later), is_needed=False)


def _each(routes: Iterable[Route]) -> tuple[Route, ...]:
    """Each once."""
    return tuple({route.name: route for route in routes}.values())


def _model(route: Route) -> Finding:
    retires = retirement(route.provider, route.model)
    rates = [price(route, usage) for usage in (Usage(input_tokens=1_000_000), Usage(output_tokens=1_000_000))]
    known = [float(rate) for rate in rates if rate is not None]
    said = f"{route.name}: {f'${known[0]:g} in, ${known[1]:g} out a million tokens' if len(known) == len(rates) else 'price unknown'}"
    if retires is not None:
        return Finding.of("models", f"{said}; its vendor retires it on {retires}", "name another one in models.yaml")
    if len(known) < len(rates):
        return Finding.of("models", said, "a cap in dollars cannot hold for it: give usd_per_mtok in models.yaml, or cap tokens")
    return Finding.of("models", said)


def _asked(project: ProjectState, settings: Settings, clock: Clock, chains: tuple[Chain, ...]) -> Iterator[Finding]:
    """One request a model. A chain of which nobody answers would stop a run."""
    answered: dict[str, bool] = {}
    for route in _each(route for one in chains for route in one.routes):
        try:
            took, model = _ask(project, settings, clock, route)
        except UserError as error:
            answered[route.name] = False
            yield Finding.of("online", f"{route.name}: {error.message}", "see to its key, its name in models.yaml, or its provider")
        else:
            answered[route.name] = True
            yield Finding.of("online", f"{route.name}: {model} answered in {took:.1f} s")
    for one in chains:
        if one.is_needed and not any(answered[route.name] for route in one.routes):
            message = f"{one.name}: none of {', '.join(route.name for route in one.routes)} answers."
            yield Finding.stopping("online", ProviderBlockedError(message), "see to one of them")


def _ask(project: ProjectState, settings: Settings, clock: Clock, route: Route) -> tuple[float, str]:
    """Seconds and the model that answered. Nothing of it is kept, since it belongs to no run; it counts on its day."""
    database = Database.copy_of(Path(":memory:"))
    models = settings.models.model_copy(update={"retries": WireRetries(times=0)})
    surroundings = Surroundings(clock, random.Random().random, Redactor((route.key.value.get_secret_value(),)))  # noqa: S311 - spreads retries
    journal = passing_journal(project, settings, clock, database)
    llm = LlmService(journal, models, access_of(settings, project.environment), surroundings)
    schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"], "additionalProperties": False}
    blocks = (PromptBlock(text="Are you there?"),)
    prompt = Prompt(system='Reply with {"ok": true} and nothing else.', blocks=blocks, reply_name="answer", reply_schema=schema)
    asking = Asking(run=_NO_RUN, phase="-", attempt=1, role=Role.BUILDER)
    began = clock.monotonic()
    try:
        reply = llm.ask(asking, 1, lambda: prompt, AskOptions(chain=(route,), caps=Caps(**of_configuration(settings)), max_output=_OUTPUT))
    finally:
        llm.close()
        database.close()
    return clock.monotonic() - began, reply.answering_model
