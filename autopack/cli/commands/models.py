"""``autopack models`` shows which models are asked for what, which have a key, how large they are and what they cost."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from autopack.cli.options import AsJson, Repo
from autopack.cli.output import note, print_json
from autopack.cli.screens.columns import Column, in_columns
from autopack.cli.screens.config_view import ConfigView, config_at
from autopack.cli.screens.screen import stdout_screen

if TYPE_CHECKING:
    from autopack.core.settings import Complexity

ROLES: Final[tuple[tuple[str, "Complexity | None"], ...]] = (
    ("builder", "low"),
    ("builder", "medium"),
    ("builder", "high"),
    ("auditor", None),
)


@dataclass(frozen=True)
class Asked:
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
    if as_json:
        print_json(_record(asked, known))
        return
    for text in view.notes:
        note(f"note: {text}")
    screen = stdout_screen()
    screen.show(_lines(asked, known, with_key, screen.width))
    if not with_key:
        variables = dict.fromkeys(provider.api_key_env for provider in view.effective.settings.models.providers)
        note(f"No provider has a key: set {' or '.join(variables)}.")


def _asked(view: ConfigView) -> Iterator[Asked]:
    from autopack.core.call import Role
    from autopack.core.errors import ProviderBlockedError
    from autopack.llm.calls.routing import chain

    settings = view.effective.settings.models
    for role, complexity in ROLES:
        routes = chain(settings, _keys_of_all(view), Role(role), complexity or "medium")
        try:
            first = chain(settings, view.keys, Role(role), complexity or "medium")[0].name
        except ProviderBlockedError:
            first = None
        yield Asked(role, complexity, tuple(route.name for route in routes), first)


def _models(view: ConfigView) -> Iterator[Model]:
    from autopack.core.call import Role, Usage
    from autopack.llm.calls.pricing import price
    from autopack.llm.calls.routing import chain

    settings, keys = view.effective.settings.models, _keys_of_all(view)
    with_key = {key.provider for key in view.keys}
    targets: dict[str, list[str]] = {}
    for alias in settings.aliases:
        for route in chain(settings, keys, Role.BUILDER, "low", override=alias):
            targets.setdefault(route.name, []).append(alias)
    names = [f"{provider.name}/{model}" for provider in settings.providers for model in provider.models]
    for name in dict.fromkeys([*names, *targets, *(name for asked in _asked(view) for name in asked.chain)]):
        (route,) = chain(settings, keys, Role.BUILDER, "low", override=name)
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


def _lines(asked: tuple[Asked, ...], known: tuple[Model, ...], with_key: set[str], width: int | None) -> Iterator[Text]:
    rows = []
    for one in asked:
        chain = Text(", ").join(Text(name, style="" if name in with_key else "dim") for name in one.chain)
        rows.append([Text(" ".join(filter(None, (one.role, one.complexity)))), Text(one.first or "nobody: no key", style="bold"), chain])
    yield from in_columns((Column("ROLE"), Column("ASKED FIRST"), Column("CHAIN", wraps=True)), rows, width)
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


def _record(asked: tuple[Asked, ...], known: tuple[Model, ...]) -> dict[str, Any]:
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
