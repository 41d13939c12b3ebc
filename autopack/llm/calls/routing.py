"""Chooses the models to ask, and their order: names from ``models.yaml`` whose providers have a key."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from autopack.core.call import Role
from autopack.core.errors import InvalidInputError, ProviderBlockedError, UsageError
from autopack.core.models_settings import TIERS, Complexity, ModelSettings, ModelsSettings, ProviderSettings
from autopack.core.names import nearest
from autopack.core.remedy import Rung
from autopack.core.routing_settings import ProviderQuota, RoutingPolicy, policy_of
from autopack.core.settings import ApiKey


@dataclass(frozen=True)
class Route:
    """A model at a provider that has a key."""

    provider: ProviderSettings
    model: str
    limits: ModelSettings
    key: ApiKey

    @property
    def name(self) -> str:
        return f"{self.provider.name}/{self.model}"


@dataclass(frozen=True)
class _Named:
    provider: ProviderSettings
    model: str


_ALIAS_DEPTH: Final = 5


@dataclass(frozen=True)
class Asked:
    """What a chain is for. ``category`` is the phase's; ``failed``: how many attempts of it have failed."""

    role: Role
    complexity: Complexity
    category: str = ""
    failed: int = 0


def chain(settings: ModelsSettings, keys: tuple[ApiKey, ...], asked: Asked, override: str | None = None) -> tuple[Route, ...]:
    """The routes to try for a role, in order; never empty.

    The category's policy says who comes first, else the lists do; the auditor's begins with a model that the builder does not use, where
    it has one. ``override`` (``--model``) is an alias, a model's id or ``provider/model``, and leaves one route.

    Raises:
        UsageError: ``override`` names no model.
        InvalidInputError: a chain names no model.
        ProviderBlockedError: no provider of the chain has a key.
    """
    if override is not None:
        return _with_keys((_overridden(settings, override),), keys)
    policy = policy_of(settings.llm_routing_policies, asked.category)
    if asked.role is not Role.AUDITOR or not _auditors(settings, asked.complexity):
        return chain_from(settings, keys, asked, policy.builder_primary if policy else None)
    first = _first_auditor(policy, asked.failed)
    if first is not None:
        return _in_order(settings, keys, _auditors(settings, asked.complexity), asked.category, first)
    routes = _with_keys(tuple(_configured(settings, name) for name in _auditors(settings, asked.complexity)), keys)
    builder = _first_builder(settings, keys, asked, policy)
    routes = tuple(sorted(routes, key=lambda route: route.name == builder))
    return _in_order(settings, keys, tuple(route.name for route in routes), asked.category, None)


def chain_from(settings: ModelsSettings, keys: tuple[ApiKey, ...], asked: Asked, first: str | None) -> tuple[Route, ...]:
    """The builder's chain, begun with ``first`` (an alias or ``provider/model``), where that is still known. Raises as ``chain``."""
    known = first if first is not None and _find(settings, first, _ALIAS_DEPTH) else None
    return _in_order(settings, keys, _builders(settings, asked.complexity), asked.category, known)


def embedding_route(settings: ModelsSettings, keys: tuple[ApiKey, ...]) -> Route:
    """The model that a provider's ``embeddings`` names, at the first one with a key; which that is is never guessed.

    Raises ProviderBlockedError where there is none.
    """
    named = [_Named(provider, provider.embeddings) for provider in settings.providers if provider.embeddings and provider.api in _EMBEDDING]
    if not named:
        raise ProviderBlockedError("no provider in models.yaml that speaks an API of OpenAI's names a model as its `embeddings`")
    routes = _with_keys(tuple(named), keys)
    return replace(routes[0], provider=routes[0].provider.model_copy(update={"api": "openai-embeddings", "structured": "json"}))


_EMBEDDING: Final = ("openai-responses", "openai-chat")


def second_auditor(settings: ModelsSettings, keys: tuple[ApiKey, ...], asked: Asked, first: str) -> tuple[Route, ...]:
    """Who audits beside ``first`` (``provider/model``): the policy's second auditor, else any other one; nobody where there is none."""
    policy = policy_of(settings.llm_routing_policies, asked.category)
    named = (policy.secondary_auditor,) if policy and policy.secondary_auditor else ()
    names = (*named, *_auditors(settings, asked.complexity), *_builders(settings, asked.complexity))
    return tuple(route for route in _keyed(tuple(_configured(settings, name) for name in names), keys) if route.name != first)


def ladder(settings: ModelsSettings, keys: tuple[ApiKey, ...], complexity: Complexity, category: str = "") -> tuple[Rung, ...]:
    """Who builds a phase, and who after it when it fails at the task: the chain of its tier, then those of the tiers above.

    A tier without an escalation chain has the model that is asked there first. A policy's own models come before, and may be all. Only
    models with a key.
    """
    rungs: dict[str, Rung] = {}
    policy = policy_of(settings.llm_routing_policies, category)
    for rung in _rungs_of(policy, complexity) if policy else ():
        for route in _keyed((_configured(settings, rung.model),), keys):
            rungs.setdefault(route.name, Rung(route.name, rung.tier, rung.after))
    if rungs and policy and policy.strategy != "progressive":
        return tuple(rungs.values())
    for tier in TIERS[TIERS.index(complexity) :]:
        named = settings.escalation_chains.builder.get(tier)
        names = named.models if named else settings.builder.get(tier, ())
        routes = _keyed(tuple(_configured(settings, name) for name in names), keys)
        for route in routes if named else routes[:1]:
            rungs.setdefault(route.name, Rung(route.name, tier))
    return tuple(rungs.values())


def _rungs_of(policy: RoutingPolicy, tier: Complexity) -> tuple[Rung, ...]:
    further = policy.escalate_to
    after = further.after_attempts if further and further.builder else None
    first = (Rung(policy.builder_primary, tier, after),) if policy.builder_primary else ()
    return (*first, *((Rung(further.builder, tier),) if further and further.builder else ()))


def _first_auditor(policy: RoutingPolicy | None, failed: int) -> str | None:
    if policy is None:
        return None
    further = policy.escalate_to
    is_escalated = further is not None and further.auditor is not None and failed >= further.after_attempts
    return further.auditor if further and is_escalated else policy.auditor_primary


def _first_builder(settings: ModelsSettings, keys: tuple[ApiKey, ...], asked: Asked, policy: RoutingPolicy | None) -> str | None:
    primary = (policy.builder_primary,) if policy and policy.builder_primary else ()
    names = (*primary, *_builders(settings, asked.complexity))
    return next((route.name for route in _keyed(tuple(_configured(settings, name) for name in names), keys)), None)


def _in_order(
    settings: ModelsSettings, keys: tuple[ApiKey, ...], listed: tuple[str, ...], category: str, first: str | None
) -> tuple[Route, ...]:
    """``first``, who stands in for it, and the others of a list, which is an outage order behind its own first model."""
    of_category = settings.fallback_strategy.of_category(category)
    names = (first, *listed) if first is not None else listed
    if of_category is not None:
        head = _with_keys(tuple(_configured(settings, name) for name in names), keys)[:1]
        return tuple({route.name: route for route in (*head, *_keyed(_all(settings, of_category), keys))}.values())
    is_listed = first is None or (bool(listed) and _configured(settings, first) == _configured(settings, listed[0]))
    stand_ins = _stand_ins(settings, names[0]) if names else ()
    ordered = (*listed, *stand_ins) if is_listed else (names[0], *stand_ins, *listed)
    return _with_keys(_all(settings, ordered), keys)


def _stand_ins(settings: ModelsSettings, name: str) -> tuple[str, ...]:
    asked = _find(settings, name, _ALIAS_DEPTH)
    found = settings.fallback_strategy.default_fallbacks
    return next((names for of, names in found.items() if asked is not None and _find(settings, of, _ALIAS_DEPTH) == asked), ())


def _all(settings: ModelsSettings, names: tuple[str, ...]) -> tuple[_Named, ...]:
    return tuple(_configured(settings, name) for name in names)


def by_quota(routes: tuple[Route, ...], quotas: Mapping[str, ProviderQuota], used: Mapping[str, int]) -> tuple[Route, ...]:
    """Without the providers whose week is used up, and with those above their soft limit last. ``used``: provider -> tokens of the week."""
    shares = {name: used.get(name, 0) / quota.weekly_token_cap for name, quota in quotas.items()}
    soft = {name for name, quota in quotas.items() if shares[name] >= quota.soft_limit_ratio}
    left = (route for route in routes if shares.get(route.provider.name, 0) < 1)
    return tuple(sorted(left, key=lambda route: route.provider.name in soft))


def judge_override(settings: ModelsSettings, name: str) -> None:
    """Raises UsageError for a ``--model`` that is no alias, no model's id and no ``provider/model``."""
    _overridden(settings, name)


def model_names(settings: ModelsSettings, complexity: Complexity, override: str | None = None) -> tuple[str, ...]:
    """``provider/model`` of every model that a phase's builder or auditor may be asked, with a key or without."""
    names = (override,) if override is not None else (*_builders(settings, complexity), *_auditors(settings, complexity))
    found = (_overridden(settings, name) if override is not None else _configured(settings, name) for name in names)
    return tuple(dict.fromkeys(f"{one.provider.name}/{one.model}" for one in found))


def _builders(settings: ModelsSettings, complexity: Complexity) -> tuple[str, ...]:
    named = settings.escalation_chains.builder.get(complexity)
    return (*(named.models if named else ()), *settings.builder.get(complexity, ()))


def _auditors(settings: ModelsSettings, complexity: Complexity) -> tuple[str, ...]:
    named = settings.escalation_chains.auditor.get(complexity)
    return (*(named.models if named else ()), *settings.auditor)


def _with_keys(named: tuple[_Named, ...], keys: tuple[ApiKey, ...]) -> tuple[Route, ...]:
    routes = _keyed(named, keys)
    if not routes:
        raise ProviderBlockedError(_no_key(named))
    return routes


def _keyed(named: tuple[_Named, ...], keys: tuple[ApiKey, ...]) -> tuple[Route, ...]:
    by_provider = {key.provider: key for key in reversed(keys)}
    routes: dict[str, Route] = {}
    for one in named:
        if one.provider.name in by_provider:
            limits = one.provider.models.get(one.model, ModelSettings())
            route = Route(one.provider, one.model, limits, by_provider[one.provider.name])
            routes.setdefault(route.name, route)
    return tuple(routes.values())


def _no_key(named: tuple[_Named, ...]) -> str:
    if not named:
        return "models.yaml names no model for this role: give builder chains for low, medium and high, and an auditor chain."
    wanted = dict.fromkeys(f"{one.provider.api_key_env} (for {one.provider.name})" for one in named)
    return f"No provider has a key: set {' or '.join(wanted)}, in the environment or in the repository's .env."


def _overridden(settings: ModelsSettings, name: str) -> _Named:
    found = _find(settings, name, _ALIAS_DEPTH)
    if found is not None:
        return found
    known = [*settings.aliases, *(f"{provider.name}/{model}" for provider in settings.providers for model in provider.models)]
    guess = nearest(name, known)
    hint = f"did you mean '{guess}'? " if guess else ""
    raise UsageError(
        f"--model {name}: no such model; {hint}Give an alias ({', '.join(settings.aliases) or 'none are defined'}) or provider/model."
    )


def _configured(settings: ModelsSettings, name: str) -> _Named:
    found = _find(settings, name, _ALIAS_DEPTH)
    if found is None:
        raise InvalidInputError(f"models.yaml: a chain names '{name}', which is neither an alias nor provider/model of a known provider.")
    return found


def _find(settings: ModelsSettings, name: str, depth: int) -> _Named | None:
    """An alias may name another one; a model's id may itself hold slashes."""
    if depth and name in settings.aliases:
        return _find(settings, settings.aliases[name], depth - 1)
    head, slash, model = name.partition("/")
    owner = next((provider for provider in settings.providers if provider.name == head), None)
    if slash and model and owner is not None:
        return _Named(owner, model)
    offering = [provider for provider in settings.providers if name in provider.models]
    return _Named(offering[0], name) if len(offering) == 1 else None
