"""Shows who is asked for what with these settings and keys, and of each model its key, its size and its price."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from pydantic import SecretStr

from autopack.core.call import Role, Usage
from autopack.core.errors import ProviderBlockedError
from autopack.core.models_settings import Complexity, ModelsSettings
from autopack.core.models_shown import AssignedModel, EscalationShown, ModelShown, ModelsShown, PriceShown, RoleShown, RoutingShown
from autopack.core.settings import ApiKey
from autopack.llm.calls.pricing import price
from autopack.llm.calls.routing import Asked, chain
from autopack.llm.calls.routing_table import Line, table

ROLES: Final[tuple[tuple[str, Complexity | None], ...]] = (
    ("builder", "low"),
    ("builder", "medium"),
    ("builder", "high"),
    ("auditor", None),
)


def models_shown(settings: ModelsSettings, keys: tuple[ApiKey, ...], chosen: Sequence[AssignedModel] = ()) -> ModelsShown:
    """``chosen`` are the models that a person chose for single phases."""
    roles = tuple(_role(settings, keys, role, complexity) for role, complexity in ROLES)
    routing = tuple(map(_routing, table(settings, keys)))
    return ModelsShown(
        roles=roles,
        routing=routing,
        models=tuple(_models(settings, keys, roles)),
        assigned=(*map(_assigned, routing), *chosen),
    )


def _role(settings: ModelsSettings, keys: tuple[ApiKey, ...], role: str, complexity: Complexity | None) -> RoleShown:
    asked = Asked(Role(role), complexity or "medium")
    try:
        first = chain(settings, keys, asked)[0].name
    except ProviderBlockedError:
        first = None
    names = tuple(route.name for route in chain(settings, _keys_of_all(settings), asked))
    return RoleShown(role=role, complexity=complexity, asked_first=first, chain=names)


def _models(settings: ModelsSettings, keys: tuple[ApiKey, ...], roles: Sequence[RoleShown]) -> Iterator[ModelShown]:
    every, with_key = _keys_of_all(settings), {key.provider for key in keys}
    targets: dict[str, list[str]] = {}
    for alias in settings.aliases:
        for route in chain(settings, every, Asked(Role.BUILDER, "low"), override=alias):
            targets.setdefault(route.name, []).append(alias)
    names = [f"{provider.name}/{model}" for provider in settings.providers for model in provider.models]
    for name in dict.fromkeys([*names, *targets, *(name for role in roles for name in role.chain)]):
        (route,) = chain(settings, every, Asked(Role.BUILDER, "low"), override=name)
        costs = [price(route, Usage(input_tokens=1_000_000)), price(route, Usage(output_tokens=1_000_000))]
        yield ModelShown(
            model=name,
            aliases=tuple(targets.get(name, ())),
            context=route.limits.context,
            max_output=route.limits.max_output,
            usd_per_mtok=_price(*costs),
            has_key=route.provider.name in with_key,
        )


def _price(read: Any, written: Any) -> PriceShown | None:  # noqa: ANN401 - decimals, or None where no price is known
    return PriceShown(input=float(read), output=float(written)) if read is not None and written is not None else None


def _keys_of_all(settings: ModelsSettings) -> tuple[ApiKey, ...]:
    """Made-up keys for every provider, so that chains are shown whole; nobody is asked with them."""
    return tuple(ApiKey(provider=one.name, variable=one.api_key_env, value=SecretStr(""), source="none") for one in settings.providers)


def _routing(line: Line) -> RoutingShown:
    return RoutingShown(
        role=line.role.value,
        complexity=line.tier,
        category=line.category or None,
        asked_first=line.first,
        second_auditor=line.beside,
        escalates=tuple(EscalationShown(model=step.model, after=step.after) for step in line.escalates),
        stands_in=line.stands_in,
    )


def _assigned(line: RoutingShown) -> AssignedModel:
    return AssignedModel(role=line.role, category=line.category, complexity=line.complexity, model=line.asked_first, scope="global")
