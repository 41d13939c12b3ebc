"""``autopack models`` shows who is asked for what, and of each model its key, its size and its price."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from autopack.cli.options import AsJson, Repo
from autopack.cli.output import note, print_json
from autopack.cli.screens.columns import Column, in_columns
from autopack.cli.screens.config_view import ConfigView, config_at
from autopack.cli.screens.routing_screen import routing_lines
from autopack.cli.screens.screen import stdout_screen

if TYPE_CHECKING:
    from autopack.core.models_settings import Complexity
    from autopack.llm.calls.routing_table import Line

ROLES: Final[tuple[tuple[str, "Complexity | None"], ...]] = (
    ("builder", "low"),
    ("builder", "medium"),
    ("builder", "high"),
    ("auditor", None),
)


@dataclass(frozen=True)
class Chain:
    """A role's chain in order; ``first`` is None where no provider of it has a key."""

    role: str
    complexity: str | None
    chain: tuple[str, ...]
    first: str | None


@dataclass(frozen=True)
class Model:
    """``usd_per_mtok`` is (input, output); None where no price is known."""

    name: str
    aliases: tuple[str, ...]
    context: int
    max_output: int
    usd_per_mtok: tuple[float, float] | None
    has_key: bool


def models(*, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Show which models are asked for what, and which of them have a key."""
    view = config_at(repo)
    asked, known = tuple(_asked(view)), tuple(_models(view))
    with_key = {model.name for model in known if model.has_key}
    from autopack.llm.calls.routing_table import table

    routing = table(view.effective.settings.models, view.keys)
    if as_json:
        print_json(_record(asked, known, routing))
        return
    for text in view.notes:
        note(f"note: {text}")
    screen = stdout_screen()
    screen.show(_lines(routing, known, screen.width))
    if not with_key:
        variables = dict.fromkeys(provider.api_key_env for provider in view.effective.settings.models.providers)
        note(f"No provider has a key: set {' or '.join(variables)}.")


def _asked(view: ConfigView) -> Iterator[Chain]:
    from autopack.core.call import Role
    from autopack.core.errors import ProviderBlockedError
    from autopack.llm.calls.routing import Asked, chain

    settings = view.effective.settings.models
    for role, complexity in ROLES:
        what = Asked(Role(role), complexity or "medium")
        routes = chain(settings, _keys_of_all(view), what)
        try:
            first = chain(settings, view.keys, what)[0].name
        except ProviderBlockedError:
            first = None
        yield Chain(role, complexity, tuple(route.name for route in routes), first)


def _models(view: ConfigView) -> Iterator[Model]:
    from autopack.core.call import Role, Usage
    from autopack.llm.calls.pricing import price
    from autopack.llm.calls.routing import Asked, chain

    settings, keys = view.effective.settings.models, _keys_of_all(view)
    with_key = {key.provider for key in view.keys}
    targets: dict[str, list[str]] = {}
    for alias in settings.aliases:
        for route in chain(settings, keys, Asked(Role.BUILDER, "low"), override=alias):
            targets.setdefault(route.name, []).append(alias)
    names = [f"{provider.name}/{model}" for provider in settings.providers for model in provider.models]
    for name in dict.fromkeys([*names, *targets, *(name for asked in _asked(view) for name in asked.chain)]):
        (route,) = chain(settings, keys, Asked(Role.BUILDER, "low"), override=name)
        costs = [price(route, Usage(input_tokens=1_000_000)), price(route, Usage(output_tokens=1_000_000))]
        usd = (float(costs[0]), float(costs[1])) if costs[0] is not None and costs[1] is not None else None
        has_key = route.provider.name in with_key
        yield Model(name, tuple(targets.get(name, ())), route.limits.context, route.limits.max_output, usd, has_key)


def _keys_of_all(view: ConfigView) -> tuple[Any, ...]:
    """Made-up keys for every provider, so that chains are shown whole; nobody is asked with them."""
    from pydantic import SecretStr

    from autopack.core.settings import ApiKey

    providers = view.effective.settings.models.providers
    return tuple(ApiKey(provider=one.name, variable=one.api_key_env, value=SecretStr(""), source="none") for one in providers)


def _lines(routing: "tuple[Line, ...]", known: tuple[Model, ...], width: int | None) -> Iterator[Text]:
    yield from routing_lines(routing, {model.name: model.aliases[0] for model in known if model.aliases}, width)
    yield Text()
    columns = (
        Column("MODEL"),
        Column("ALIAS", rank=3),
        Column("CONTEXT", rank=2, is_right=True),
        Column("OUTPUT", rank=2, is_right=True),
        Column("$/MTOK IN", rank=1, is_right=True),
        Column("OUT", rank=1, is_right=True),
        Column("KEY"),
    )
    yield from in_columns(columns, [_row(model) for model in known], width)


def _row(model: Model) -> list[Text]:
    costs = [f"{usd:g}" for usd in model.usd_per_mtok] if model.usd_per_mtok else ["unknown", "unknown"]
    cells = [model.name, ", ".join(model.aliases), f"{model.context:,}", f"{model.max_output:,}", *costs, "yes" if model.has_key else "no"]
    return [Text(cell) for cell in cells]


def _record(asked: tuple[Chain, ...], known: tuple[Model, ...], routing: "tuple[Line, ...]") -> dict[str, Any]:
    return {
        "schema": 1,
        "roles": [
            {
                "role": one.role,
                "complexity": one.complexity,
                "asked_first": one.first,
                "chain": list(one.chain),
            }
            for one in asked
        ],
        "routing": [_routing_record(line) for line in routing],
        "models": [
            {
                "model": model.name,
                "aliases": list(model.aliases),
                "context": model.context,
                "max_output": model.max_output,
                "usd_per_mtok": {"input": model.usd_per_mtok[0], "output": model.usd_per_mtok[1]} if model.usd_per_mtok else None,
                "has_key": model.has_key,
            }
            for model in known
        ],
    }


def _routing_record(line: "Line") -> dict[str, Any]:
    return {
        "role": line.role.value,
        "complexity": line.tier,
        "category": line.category or None,
        "asked_first": line.first,
        "second_auditor": line.beside,
        "escalates": [{"model": step.model, "after": step.after} for step in line.escalates],
        "stands_in": list(line.stands_in),
    }
