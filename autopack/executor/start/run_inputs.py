"""Reads what a start gets from outside: settings, keys, addresses, and the redactor that knows the keys."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from autopack.core.call import Role
from autopack.core.errors import ProviderBlockedError, UserError
from autopack.core.plan import Plan
from autopack.core.redaction import Redactor
from autopack.core.settings import ApiKey, Origin, ProviderAccess, Settings
from autopack.executor.project_state import ProjectState, plan_if_known
from autopack.llm.calls.journal_file import ReplayJournal
from autopack.llm.calls.routing import Asked, chain, judge_override
from autopack.memory.rule_file import read_rules, rules_path
from autopack.settings.key_variables import key_variables, suspected_values
from autopack.settings.keys import base_urls, custom_headers, env_file_notes, find_keys, secret_values
from autopack.store.tables import RunRow

_NEW: Final = "{}"
_LISTS: Final = ("models.builder.", "models.auditor")
_BESIDE_LISTS: Final = (
    "the lists `builder` and `auditor` are read as before; who is asked when a provider fails may be said by "
    "fallback_strategy.default_fallbacks, who when a model fails at the task by escalation_chains."
)


@dataclass(frozen=True)
class RunInputs:
    """``secrets`` are values that no text may show; ``notes`` are sentences about what was left unused."""

    settings: Settings
    origins: tuple[Origin, ...]
    keys: tuple[ApiKey, ...]
    access: ProviderAccess
    secrets: tuple[str, ...]
    notes: tuple[str, ...] = ()
    replay: ReplayJournal | None = None

    @cached_property
    def redactor(self) -> Redactor:
        return Redactor(self.secrets)


def run_inputs_of(project: ProjectState, plan: Plan | None, replay: Path | None = None) -> RunInputs:
    """``plan`` is None before there is one. Raises InvalidInputError with each fault of the configuration, or of the repository's rules."""
    environment, top = project.environment, project.repository.top
    effective = project.effective
    read_rules(rules_path(top))
    settings = effective.settings
    keys = find_keys(settings, environment, top)
    named, custom = _named_headers(settings, environment), _custom_headers(settings, environment)
    sent = (
        *(key.value.get_secret_value() for key in keys),
        *(value for of_one in named.values() for value in of_one.values()),
        *(value for of_one in custom.values() for value in secret_values(of_one)),
    )
    secrets = (*sent, *(environment[name] for name in sorted(key_variables(settings) | _handed(plan)) if name in environment))
    journal = ReplayJournal.read(replay) if replay else None
    notes = (*env_file_notes(settings, environment, top), *_list_notes(effective.origins))
    return RunInputs(settings, effective.origins, keys, access_of(settings, environment), secrets, notes, journal)


def _list_notes(origins: tuple[Origin, ...]) -> tuple[str, ...]:
    """Says of a user's own lists which keys have come beside them."""
    own = [one.source for one in origins if one.key.startswith(_LISTS) and not one.source.startswith("shipped")]
    return (f"{own[0]}: {_BESIDE_LISTS}",) if own else ()


def access_of(settings: Settings, environment: Mapping[str, str]) -> ProviderAccess:
    """What the environment adds to the providers."""
    named, custom = _named_headers(settings, environment), _custom_headers(settings, environment)
    return ProviderAccess(base_urls=base_urls(settings, environment), headers={name: {**custom[name], **named[name]} for name in named})


def _named_headers(settings: Settings, environment: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {
        provider.name: {name: environment[variable] for name, variable in provider.headers_env.items() if environment.get(variable)}
        for provider in settings.models.providers
    }


def _custom_headers(settings: Settings, environment: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {provider.name: custom_headers(provider, environment) for provider in settings.models.providers}


def judge_model(inputs: RunInputs, model: str | None) -> None:
    """Raises UsageError where ``--model`` names no model."""
    if model is not None:
        judge_override(inputs.settings.models, model)


def _handed(plan: Plan | None) -> set[str]:
    """The variables that the plan hands to commands; their values are redacted everywhere."""
    if plan is None:
        return set()
    names = {name for step in plan.workspace.setup for name in step.env_from}
    for phase in plan.phases:
        names.update(phase.ci.env_from, *(step.env_from for step in phase.derive))
    return names


def require_routes(inputs: RunInputs, plan: Plan, model: str | None) -> None:
    """Raises ProviderBlockedError where a role of a phase has no model to ask, since no provider has a key."""
    if not inputs.keys:
        variables = " or ".join(provider.api_key_env for provider in inputs.settings.models.providers)
        raise ProviderBlockedError(
            f"No provider has a key: set {variables} in the environment; the demonstration needs none.", next_command="autopack demo"
        )
    for complexity, category in {(phase.complexity, phase.task_category) for phase in plan.phases}:
        for role in (Role.BUILDER, Role.AUDITOR):
            chain(inputs.settings.models, inputs.keys, Asked(role, complexity, category), model)


def changed_settings(before_json: str, now: Settings) -> tuple[str, ...]:
    """The dotted names of the settings that differ, lists by their whole name; none for a run that never started."""
    if before_json == _NEW:
        return ()
    return tuple(sorted(_differences(json.loads(before_json), json.loads(now.model_dump_json()), "")))


def _differences(before: Any, after: Any, name: str) -> Iterator[str]:  # noqa: ANN401 - JSON
    if before == after:
        return
    if not (isinstance(before, dict) and isinstance(after, dict)):
        yield name
        return
    for key in before.keys() | after.keys():
        yield from _differences(before.get(key), after.get(key), f"{name}.{key}" if name else key)


def redactor_of_run(project: ProjectState, run: RunRow) -> Redactor:
    """A redactor with what the run's own redactor knew, as far as the variables are set here."""
    return redactor_of_plan(project, plan_if_known(project, run))


def redactor_of_plan(project: ProjectState, plan: Plan | None) -> Redactor:
    """As ``redactor_of_run``, for whoever has read the run's plan already; None where this version does not read it.

    It works without that, and without a sound configuration: then variables count whose names speak of a secret.
    """
    if plan is not None:
        with suppress(UserError):
            return run_inputs_of(project, plan).redactor
    return Redactor(suspected_values(project.environment, project.repository.top))


def redactor_of_calls(project: ProjectState, run_id: str) -> Redactor:
    """As ``redactor_of_run``, also of an id under which calls were made without a run."""
    row = project.runs.find(run_id)
    return redactor_of_run(project, row) if row is not None else run_inputs_of(project, None).redactor
