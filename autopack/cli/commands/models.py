"""``autopack models`` shows who is asked for what, and of each model its key, its size and its price."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from autopack.cli.options import AsJson, Repo, system_clock
from autopack.cli.output import note, print_model
from autopack.cli.screens.columns import Column, in_columns
from autopack.cli.screens.routing_screen import routing_lines
from autopack.cli.screens.screen import stdout_screen
from autopack.executor.look.config_view import ConfigView, config_at

if TYPE_CHECKING:
    from autopack.core.models_shown import AssignedModel, ModelShown, ModelsShown


def models(*, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Show which models are asked for what, and which of them have a key."""
    from autopack.executor.look.models_shown import models_shown

    view = config_at(repo)
    settings = view.effective.settings.models
    shown = models_shown(settings, view.keys, _chosen(view))
    if as_json:
        print_model(shown)
        return
    for text in view.notes:
        note(f"note: {text}")
    screen = stdout_screen()
    screen.show(_lines(shown, screen.width))
    if not any(model.has_key for model in shown.models):
        variables = dict.fromkeys(provider.api_key_env for provider in settings.providers)
        note(f"No provider has a key: set {' or '.join(variables)}.")


def _chosen(view: ConfigView) -> "tuple[AssignedModel, ...]":
    """The models that a person chose for phases; none where there is no state to look into."""
    from autopack.cli.open_state import opened
    from autopack.core.errors import EnvironmentBlockedError
    from autopack.executor.look.chosen_models import chosen_models

    if view.top is None:
        return ()
    try:
        with opened(view.top, system_clock()) as project:
            return chosen_models(project)
    except EnvironmentBlockedError:
        return ()


def _lines(shown: "ModelsShown", width: int | None) -> Iterator[Text]:
    yield from routing_lines(shown.routing, {model.model: model.aliases[0] for model in shown.models if model.aliases}, width)
    yield from (Text(f"{one.scope}: {one.role} {one.model}") for one in shown.assigned if one.scope != "global")
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
    yield from in_columns(columns, [_row(model) for model in shown.models], width)


def _row(model: "ModelShown") -> list[Text]:
    costs = [f"{usd:g}" for usd in (model.usd_per_mtok.input, model.usd_per_mtok.output)] if model.usd_per_mtok else ["unknown", "unknown"]
    cells = [model.model, ", ".join(model.aliases), f"{model.context:,}", f"{model.max_output:,}", *costs, "yes" if model.has_key else "no"]
    return [Text(cell) for cell in cells]
