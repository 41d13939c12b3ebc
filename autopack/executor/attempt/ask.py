"""Asks a model for an attempt: chooses the routes, keeps every cap, tells whoever watches."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from autopack.core.budget import Caps
from autopack.core.call import Asking, Prompt, Reply, Role
from autopack.core.context import Feedback
from autopack.core.events import EventName
from autopack.core.failure import FailureKind
from autopack.core.models_settings import ModelsSettings
from autopack.core.plan import PhaseSpec
from autopack.core.remedy import escalated
from autopack.core.routing_settings import policy_of
from autopack.core.step_names import StepName
from autopack.executor.attempt.came_before import fault_of
from autopack.executor.attempt.error_reports import of_provider, write_files
from autopack.executor.attempt.estimate import OUTPUT_TOKENS
from autopack.executor.health import is_nearly_unhealthy
from autopack.executor.run_context import ModelAccess, RunContext, RunLog, State
from autopack.llm.calls.options import AskOptions, Notice
from autopack.llm.calls.routing import Asked, Route, chain, chain_from, second_auditor
from autopack.recovery.edit_mode_fallback import wants_higher_cap
from autopack.store.attempts import AttemptKey

_HALVINGS: Final = 3
"""The room for a reply is halved at most so often after prompts that were too long."""


def ask(ctx: RunContext, key: AttemptKey, role: Role, render: Callable[[], Prompt], question: int = 1) -> Reply:
    """The stored reply of that question, or a new one. Raises what ends the run: a spent budget, no provider, a stop."""
    phase = ctx.plan.phase(key.phase)
    models, state = ctx.models, ctx.state
    chain = auditors(state, models, phase, key) if role is Role.AUDITOR else routes(state, models, phase, role)
    return ask_one_of(ctx, key, Whom(role, chain), render, question)


@dataclass(frozen=True)
class Whom:
    """A role, and the models that may answer for it, in order."""

    role: Role
    chain: tuple[Route, ...]


def auditors(state: State, models: ModelAccess, phase: PhaseSpec, key: AttemptKey) -> tuple[Route, ...]:
    """Who audits an attempt, in order: as its policy says; else the model that built it, which a fallback may have chosen, comes last."""
    found = routes(state, models, phase, Role.AUDITOR)
    policy = policy_of(models.settings.llm_routing_policies, phase.task_category)
    is_named = models.model is None and policy is not None and policy.auditor_primary is not None
    return found if is_named else _others_first(state, key, found)


def second_auditors(state: State, models: ModelAccess, phase: PhaseSpec, first: str) -> tuple[Route, ...]:
    """Who may audit beside ``first`` (``provider/model``); nobody in a replay, or where a person chose one model for all."""
    if models.replay or models.model:
        return ()
    return second_auditor(models.settings, models.keys, _asked(state, phase, Role.AUDITOR), first)


def ask_one_of(ctx: RunContext, key: AttemptKey, whom: Whom, render: Callable[[], Prompt], question: int) -> Reply:
    """As ``ask``, of these."""
    models, asking = ctx.models, key.asking(whom.role)
    most = _most_output(ctx.state.phases.feedback(key.phase))
    options = options_of(ctx.state, ctx.log, asking, whom.chain, models.caps_of(ctx.plan.phase(key.phase)))
    options = replace(options, max_output=most, patience=models.waits.patience)
    reply = models.llm.ask(asking, question, render, options)
    models.waits.answered()
    return reply


def options_of(state: State, log: RunLog, asking: Asking, chain: tuple[Route, ...], caps: Caps) -> AskOptions:
    """Told to whoever watches."""
    return AskOptions(
        chain=chain,
        caps=caps,
        on_progress=_progress(log, asking),
        on_sent=_sent(log, asking),
        on_reply=_replied(log, asking),
        on_notice=_notice(state, log, asking),
    )


def routes(state: State, models: ModelAccess, phase: PhaseSpec, role: Role) -> tuple[Route, ...]:
    """The models to ask; none in a replay. A person chooses the model of a phase's builder; the auditor's stays as it is."""
    if models.replay:
        return ()
    asked = _asked(state, phase, role)
    chosen = state.phases.get(phase.id).model if role is Role.BUILDER else None
    first = None if models.model or chosen else _first(state, models.settings, phase, role)
    if first is not None:
        return chain_from(models.settings, models.keys, asked, first)
    return chain(models.settings, models.keys, asked, chosen or models.model)


def _asked(state: State, phase: PhaseSpec, role: Role) -> Asked:
    return Asked(role, phase.complexity, phase.task_category, len(state.phases.feedback(phase.id)))


def _first(state: State, settings: ModelsSettings, phase: PhaseSpec, role: Role) -> str | None:
    """The model that recovery has come to; None where the role's own chain says it."""
    phases, doctors = state.phases, settings.doctor_models
    match role:
        case Role.BUILDER:
            return escalated(phases.decisions(phase.id))
        case Role.DOCTOR:
            return doctors.strong if wants_strong_doctor(state, settings, phase) else doctors.cheap
        case Role.REPLANNER:
            return doctors.strong
        case _:
            return None


def wants_strong_doctor(state: State, settings: ModelsSettings, phase: PhaseSpec) -> bool:
    """From the phase's second call on, for what fails with a high risk, and where little of the health budget is left."""
    phases = state.phases
    failed = phases.feedback(phase.id)[-1:]
    is_high_risk = any(fault_of(state, phase.id, one) in settings.doctor_models.high_risk_categories for one in failed)
    return is_high_risk or phases.count_steps(StepName.DOCTOR, phase.id) > 0 or is_nearly_unhealthy(state, settings)


def _most_output(history: tuple[Feedback, ...]) -> int | None:
    """Less room for the reply after prompts that were too long: servers count it as part of their context."""
    too_long = sum(lesson.kind is FailureKind.CONTEXT_EXCEEDED for lesson in history)
    return None if wants_higher_cap(history) else OUTPUT_TOKENS >> min(too_long, _HALVINGS)


def _others_first(state: State, key: AttemptKey, found: tuple[Route, ...]) -> tuple[Route, ...]:
    if len(found) <= 1:
        return found
    builders = state.calls.models(key.asking(Role.BUILDER), 1)
    return tuple(sorted(found, key=lambda route: route.name in builders))


def _progress(log: RunLog, asking: Asking) -> Callable[[int], None]:
    def progress(characters: int) -> None:
        log.show(EventName.CALL_PROGRESS, asking.phase, asking.attempt, role=asking.role.value, characters=characters)

    return progress


def _sent(log: RunLog, asking: Asking) -> Callable[[Route], None]:
    def sent(route: Route) -> None:
        data = {"role": asking.role.value, "provider": route.provider.name, "model": route.model}
        log.show(EventName.CALL_SENT, asking.phase, asking.attempt, **data)

    return sent


def _replied(log: RunLog, asking: Asking) -> Callable[[Reply], None]:
    def replied(reply: Reply) -> None:
        usd = float(reply.usd) if reply.usd is not None else None
        data = {"role": asking.role.value, "model": reply.answering_model, "stop": reply.stop.value, "usd": usd}
        log.show(EventName.CALL_REPLIED, asking.phase, asking.attempt, **data, **reply.usage.model_dump())

    return replied


def _notice(state: State, log: RunLog, asking: Asking) -> Callable[[Notice], None]:
    def told(notice: Notice) -> None:
        error = of_provider(state, log, asking, notice)
        log.tell(notice.event, asking.phase, asking.attempt, error=error, **{"role": asking.role.value, **notice.data})
        if error is not None:
            write_files(state)

    return told
