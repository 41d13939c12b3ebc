"""The table of who is asked: for each role, tier and category who comes first, when another one does, who stands in. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from autopack.core.call import Role
from autopack.core.errors import ProviderBlockedError
from autopack.core.models_settings import TIERS, Complexity, ModelsSettings
from autopack.core.routing_settings import policy_of
from autopack.core.settings import ApiKey
from autopack.llm.calls.routing import Asked, Route, chain, chain_from, ladder, second_auditor


@dataclass(frozen=True)
class Step:
    """The next model of a role, ``after`` so many failed attempts; for the doctor: calls."""

    model: str
    after: int


@dataclass(frozen=True)
class Line:
    """``category`` is empty for every one without a policy of its own. ``first`` is None where nobody who may be asked has a key."""

    role: Role
    tier: Complexity
    category: str
    first: str | None
    escalates: tuple[Step, ...] = ()
    stands_in: tuple[str, ...] = ()
    beside: str | None = None
    """The second auditor."""


def table(settings: ModelsSettings, keys: tuple[ApiKey, ...]) -> tuple[Line, ...]:
    """With these keys, each role, category and tier in turn."""
    categories = ("", *settings.llm_routing_policies)
    return tuple(
        line for role, of in _LINES for category in categories for tier in TIERS for line in of(settings, keys, Asked(role, tier, category))
    )


def _builder(settings: ModelsSettings, keys: tuple[ApiKey, ...], asked: Asked) -> Iterator[Line]:
    rungs = ladder(settings, keys, asked.complexity, asked.category)
    limits = settings.complexity_escalation
    steps = tuple(
        Step(later.model, before.after or limits.thresholds.of(before.tier))
        for before, later in pairwise(rungs)
        if before.after or limits.enabled
    )
    yield replace(_line(asked, _chain(settings, keys, asked)), escalates=steps)


def _auditor(settings: ModelsSettings, keys: tuple[ApiKey, ...], asked: Asked) -> Iterator[Line]:
    policy = policy_of(settings.llm_routing_policies, asked.category)
    line = _line(asked, _chain(settings, keys, asked))
    further = policy.escalate_to if policy else None
    if further is not None and further.auditor is not None:
        later = _chain(settings, keys, replace(asked, failed=further.after_attempts))
        line = replace(line, escalates=(Step(later[0].name, further.after_attempts),) if later and later[0].name != line.first else ())
    if policy is not None and policy.dual_audit and line.first is not None:
        second = second_auditor(settings, keys, asked, line.first)
        line = replace(line, beside=second[0].name if second else None)
    yield line


def _doctor(settings: ModelsSettings, keys: tuple[ApiKey, ...], asked: Asked) -> Iterator[Line]:
    models = settings.doctor_models
    cheap, strong = (_from(settings, keys, asked, name) for name in (models.cheap, models.strong))
    steps = (Step(strong[0].name, 1),) if cheap and strong and strong[0].name != cheap[0].name else ()
    yield replace(_line(asked, cheap), escalates=steps)


def _replanner(settings: ModelsSettings, keys: tuple[ApiKey, ...], asked: Asked) -> Iterator[Line]:
    yield _line(asked, _from(settings, keys, asked, settings.doctor_models.strong))


_LINES = ((Role.BUILDER, _builder), (Role.AUDITOR, _auditor), (Role.DOCTOR, _doctor), (Role.REPLANNER, _replanner))


def _line(asked: Asked, routes: tuple[Route, ...]) -> Line:
    names = tuple(route.name for route in routes)
    return Line(asked.role, asked.complexity, asked.category, names[0] if names else None, stands_in=names[1:])


def _chain(settings: ModelsSettings, keys: tuple[ApiKey, ...], asked: Asked) -> tuple[Route, ...]:
    try:
        return chain(settings, keys, asked)
    except ProviderBlockedError:
        return ()


def _from(settings: ModelsSettings, keys: tuple[ApiKey, ...], asked: Asked, first: str) -> tuple[Route, ...]:
    try:
        return chain_from(settings, keys, asked, first)
    except ProviderBlockedError:
        return ()
