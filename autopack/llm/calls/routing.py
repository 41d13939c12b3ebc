"""Chooses the models to ask, and their order: names from ``models.yaml`` whose providers have a key."""

from dataclasses import dataclass, replace
from typing import Final

from autopack.core.call import Role
from autopack.core.errors import InvalidInputError, ProviderBlockedError, UsageError
from autopack.core.names import nearest
from autopack.core.remedy import Rung
from autopack.core.settings import TIERS, ApiKey, Complexity, ModelSettings, ModelsSettings, ProviderSettings


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


def chain(
    settings: ModelsSettings, keys: tuple[ApiKey, ...], role: Role, complexity: Complexity, override: str | None = None
) -> tuple[Route, ...]:
    """The routes to try for a role, in order; never empty.

    The auditor's chain begins with a model that the builder does not use, where it has one. ``override`` (``--model``) is an alias, a
    model's id or ``provider/model``, and leaves one route.

    Raises:
        UsageError: ``override`` names no model.
        InvalidInputError: a chain names no model.
        ProviderBlockedError: no provider of the chain has a key.
    """
    if override is not None:
        return _with_keys((_overridden(settings, override),), keys)
    built_by = tuple(_configured(settings, name) for name in _builders(settings, complexity))
    auditors = _auditors(settings, complexity)
    if role is not Role.AUDITOR or not auditors:
        return _with_keys(built_by, keys)
    routes = _with_keys(tuple(_configured(settings, name) for name in auditors), keys)
    builder = next(iter(_with_keys(built_by, keys)), None) if built_by else None
    return tuple(sorted(routes, key=lambda route: builder is not None and route.name == builder.name))


def chain_from(settings: ModelsSettings, keys: tuple[ApiKey, ...], complexity: Complexity, first: str) -> tuple[Route, ...]:
    """The builder's chain, begun with ``first`` (an alias or ``provider/model``), where that is still known. Raises as ``chain``."""
    known = _find(settings, first, _ALIAS_DEPTH)
    others = tuple(_configured(settings, name) for name in _builders(settings, complexity))
    return _with_keys((known, *others) if known else others, keys)


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


def ladder(settings: ModelsSettings, keys: tuple[ApiKey, ...], complexity: Complexity) -> tuple[Rung, ...]:
    """Who builds a phase, and who after it when it fails at the task: the chain of its tier, then those of the tiers above.

    A tier without an escalation chain has the model that is asked there first. Only models with a key.
    """
    rungs: dict[str, Rung] = {}
    for tier in TIERS[TIERS.index(complexity) :]:
        named = settings.escalation_chains.builder.get(tier)
        names = named.models if named else settings.builder.get(tier, ())
        routes = _keyed(tuple(_configured(settings, name) for name in names), keys)
        for route in routes if named else routes[:1]:
            rungs.setdefault(route.name, Rung(route.name, tier))
    return tuple(rungs.values())


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
