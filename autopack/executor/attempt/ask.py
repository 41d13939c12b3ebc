"""Asks a model for an attempt: chooses the routes, keeps every cap, tells whoever watches."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from autopack.core.call import Prompt, Reply, Role
from autopack.core.clock import Clock
from autopack.core.context import Feedback
from autopack.core.events import Event, EventName
from autopack.core.failure import FailureKind
from autopack.core.plan import PhaseSpec
from autopack.core.remedy import escalated
from autopack.core.routing_settings import policy_of
from autopack.core.step_names import StepName
from autopack.executor.attempt.came_before import fault_of
from autopack.executor.attempt.error_reports import of_provider, write_files
from autopack.executor.attempt.estimate import OUTPUT_TOKENS
from autopack.executor.health import is_nearly_unhealthy
from autopack.executor.run_context import RunContext
from autopack.llm.calls.options import AskOptions, Notice
from autopack.llm.calls.routing import Asked, Route, chain, chain_from, second_auditor
from autopack.recovery.edit_mode_fallback import wants_higher_cap
from autopack.store.attempts import AttemptKey
from autopack.store.calls import CallJournal

_HALVINGS: Final = 3
"""The room for a reply is halved at most so often after prompts that were too long."""


def ask(ctx: RunContext, key: AttemptKey, role: Role, render: Callable[[], Prompt], question: int = 1) -> Reply:
    """The stored reply of that question, or a new one. Raises what ends the run: a spent budget, no provider, a stop."""
    phase = ctx.plan.phase(key.phase)
    chain = auditors(ctx, key) if role is Role.AUDITOR else routes(ctx, phase, role)
    return ask_one_of(ctx, key, Whom(role, chain), render, question)


@dataclass(frozen=True)
class Whom:
    """A role, and the models that may answer for it, in order."""

    role: Role
    chain: tuple[Route, ...]


def auditors(ctx: RunContext, key: AttemptKey) -> tuple[Route, ...]:
    """Who audits an attempt, in order: as its policy says; else the model that built it, which a fallback may have chosen, comes last."""
    phase = ctx.plan.phase(key.phase)
    found = routes(ctx, phase, Role.AUDITOR)
    policy = policy_of(ctx.settings.models.llm_routing_policies, phase.task_category)
    is_named = ctx.model is None and policy is not None and policy.auditor_primary is not None
    return found if is_named else _others_first(ctx, key, found)


def second_auditors(ctx: RunContext, phase: PhaseSpec, first: str) -> tuple[Route, ...]:
    """Who may audit beside ``first`` (``provider/model``); nobody in a replay, or where a person chose one model for all."""
    if ctx.replay or ctx.model:
        return ()
    return second_auditor(ctx.settings.models, ctx.keys, _asked(ctx, phase, Role.AUDITOR), first)


def ask_one_of(ctx: RunContext, key: AttemptKey, whom: Whom, render: Callable[[], Prompt], question: int) -> Reply:
    """As ``ask``, of these."""
    role, phase = whom.role, ctx.plan.phase(key.phase)
    most = _most_output(ctx.state.phases.feedback(phase.id))
    options = replace(options_of(ctx, phase, key, role, whom.chain), max_output=most, patience=ctx.waits.patience)
    reply = ctx.llm.ask(ctx.asking(key, role), question, render, options)
    ctx.waits.answered()
    return reply


def options_of(ctx: RunContext, phase: PhaseSpec, key: AttemptKey, role: Role, chain: tuple[Route, ...]) -> AskOptions:
    """Under every cap of the phase, told to whoever watches."""
    return AskOptions(
        chain=chain,
        caps=ctx.caps_of(phase),
        on_progress=_progress(ctx, key, role),
        on_sent=_sent(ctx, key, role),
        on_reply=_replied(ctx, key, role),
        on_notice=_notice(ctx, phase, key, role),
    )


def routes(ctx: RunContext, phase: PhaseSpec, role: Role) -> tuple[Route, ...]:
    """The models to ask; none in a replay. A person chooses the model of a phase's builder; the auditor's stays as it is."""
    if ctx.replay:
        return ()
    models = ctx.settings.models
    asked = _asked(ctx, phase, role)
    chosen = ctx.state.phases.get(phase.id).model if role is Role.BUILDER else None
    first = None if ctx.model or chosen else _first(ctx, phase, role)
    if first is not None:
        return chain_from(models, ctx.keys, asked, first)
    return chain(models, ctx.keys, asked, chosen or ctx.model)


def _asked(ctx: RunContext, phase: PhaseSpec, role: Role) -> Asked:
    return Asked(role, phase.complexity, phase.task_category, len(ctx.state.phases.feedback(phase.id)))


def _first(ctx: RunContext, phase: PhaseSpec, role: Role) -> str | None:
    """The model that recovery has come to; None where the role's own chain says it."""
    phases, doctors = ctx.state.phases, ctx.settings.models.doctor_models
    match role:
        case Role.BUILDER:
            return escalated(phases.decisions(phase.id))
        case Role.DOCTOR:
            return doctors.strong if wants_strong_doctor(ctx, phase) else doctors.cheap
        case Role.REPLANNER:
            return doctors.strong
        case _:
            return None


def wants_strong_doctor(ctx: RunContext, phase: PhaseSpec) -> bool:
    """From the phase's second call on, for what fails with a high risk, and where little of the health budget is left."""
    phases = ctx.state.phases
    failed = phases.feedback(phase.id)[-1:]
    is_high_risk = any(fault_of(ctx, phase.id, one) in ctx.settings.models.doctor_models.high_risk_categories for one in failed)
    return is_high_risk or phases.count_steps(StepName.DOCTOR, phase.id) > 0 or is_nearly_unhealthy(ctx)


def _most_output(history: tuple[Feedback, ...]) -> int | None:
    """Less room for the reply after prompts that were too long: servers count it as part of their context."""
    too_long = sum(lesson.kind is FailureKind.CONTEXT_EXCEEDED for lesson in history)
    return None if wants_higher_cap(history) else OUTPUT_TOKENS >> min(too_long, _HALVINGS)


def _others_first(ctx: RunContext, key: AttemptKey, found: tuple[Route, ...]) -> tuple[Route, ...]:
    if len(found) <= 1:
        return found
    builders = CallJournal(ctx.state.database, ctx.clock.now).models(ctx.asking(key, Role.BUILDER), 1)
    return tuple(sorted(found, key=lambda route: route.name in builders))


def _progress(ctx: RunContext, key: AttemptKey, role: Role) -> Callable[[int], None]:
    def progress(characters: int) -> None:
        ctx.observe(_event(ctx.clock, key, EventName.CALL_PROGRESS, role=role.value, characters=characters))

    return progress


def _sent(ctx: RunContext, key: AttemptKey, role: Role) -> Callable[[Route], None]:
    def sent(route: Route) -> None:
        ctx.observe(_event(ctx.clock, key, EventName.CALL_SENT, role=role.value, provider=route.provider.name, model=route.model))

    return sent


def _replied(ctx: RunContext, key: AttemptKey, role: Role) -> Callable[[Reply], None]:
    def replied(reply: Reply) -> None:
        usd = float(reply.usd) if reply.usd is not None else None
        data = {"role": role.value, "model": reply.answering_model, "stop": reply.stop.value, "usd": usd, **reply.usage.model_dump()}
        ctx.observe(_event(ctx.clock, key, EventName.CALL_REPLIED, **data))

    return replied


def _notice(ctx: RunContext, phase: PhaseSpec, key: AttemptKey, role: Role) -> Callable[[Notice], None]:
    def told(notice: Notice) -> None:
        error = of_provider(ctx, key, role, notice)
        ctx.tell(notice.event, phase, key.number, error=error, **{"role": role.value, **notice.data})
        if error is not None:
            write_files(ctx)

    return told


def _event(clock: Clock, key: AttemptKey, event: EventName, **data: object) -> Event:
    return Event(run_id=key.run, phase=key.phase, attempt=key.number, event=event, time=clock.now(), data=data)
