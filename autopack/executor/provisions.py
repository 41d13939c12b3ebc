"""What a start is provided with from outside: settings, keys, addresses, the redactor that knows the keys."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autopack.core.call import Role
from autopack.core.errors import ProviderBlockedError
from autopack.core.plan import Plan
from autopack.core.redaction import Redactor
from autopack.core.settings import ApiKey, Origin, ProviderAccess, Settings
from autopack.executor.place import Place
from autopack.llm.calls.journal_file import ReplayJournal
from autopack.llm.calls.routing import chain, judge_override
from autopack.settings.key_variables import key_variables
from autopack.settings.keys import base_urls, custom_headers, env_file_notes, find_keys, secret_values


@dataclass(frozen=True)
class Provisions:
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


def provisions_of(place: Place, plan: Plan, replay: Path | None = None) -> Provisions:
    """Raises InvalidInputError with every fault of the configuration."""
    environment, top = place.environment, place.repository.top
    effective = place.effective
    settings = effective.settings
    keys = find_keys(settings, environment, top)
    named = {
        provider.name: {name: environment[variable] for name, variable in provider.headers_env.items() if environment.get(variable)}
        for provider in settings.models.providers
    }
    custom = {provider.name: custom_headers(provider, environment) for provider in settings.models.providers}
    headers = {name: {**custom[name], **named[name]} for name in named}
    sent = (
        *(key.value.get_secret_value() for key in keys),
        *(value for of_one in named.values() for value in of_one.values()),
        *(value for of_one in custom.values() for value in secret_values(of_one)),
    )
    secrets = (*sent, *(environment[name] for name in sorted(key_variables(settings) | _handed(plan)) if name in environment))
    access = ProviderAccess(base_urls=base_urls(settings, environment), headers=headers)
    journal = ReplayJournal.read(replay) if replay else None
    return Provisions(settings, effective.origins, keys, access, secrets, env_file_notes(settings, environment, top), journal)


def judge_model(provisions: Provisions, model: str | None) -> None:
    """Raises UsageError where ``--model`` names no model."""
    if model is not None:
        judge_override(provisions.settings.models, model)


def _handed(plan: Plan) -> set[str]:
    """Names of variables that the plan hands to commands: no text that leaves the process shows their values."""
    names = {name for step in plan.workspace.setup for name in step.env_from}
    for phase in plan.phases:
        names.update(phase.ci.env_from, *(step.env_from for step in phase.derive))
    return names


def require_routes(provisions: Provisions, plan: Plan, model: str | None) -> None:
    """Every role of every phase has a model to ask; raises ProviderBlockedError where no provider has a key."""
    if not provisions.keys:
        variables = " or ".join(provider.api_key_env for provider in provisions.settings.models.providers)
        raise ProviderBlockedError(
            f"No provider has a key: set {variables} in the environment; the demonstration needs none.", next_command="autopack demo"
        )
    for complexity in {phase.complexity for phase in plan.phases}:
        for role in (Role.BUILDER, Role.AUDITOR):
            chain(provisions.settings.models, provisions.keys, role, complexity, model)
