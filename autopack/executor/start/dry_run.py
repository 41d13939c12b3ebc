"""Says what a run would do, without making anything or asking anybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from autopack.core.budget import Caps, Ceiling
from autopack.core.call import Prompt, Role
from autopack.core.clock import Clock
from autopack.core.context import FileShown, PhaseContext
from autopack.core.errors import ProviderBlockedError, UserError
from autopack.core.outlook import ContextOutlook, FileOutlook, ModelsOutlook, Outlook, PhaseOutlook, TokensOutlook, UsdOutlook
from autopack.core.plan import PhaseSpec
from autopack.core.states import ENDED, PhaseState
from autopack.executor.attempt.estimate import (
    NO_PROMPT,
    Fitting,
    call_cost,
    first_audit,
    first_prompt,
    likely_usage,
    likely_usd,
    rounds_cost,
    second_auditor_of,
)
from autopack.executor.attempt.exploring import chosen_tools
from autopack.executor.attempt.scope_grants import widened
from autopack.executor.caps import caps_of, caps_with
from autopack.executor.options import RunOptions
from autopack.executor.project_state import ProjectState, open_project
from autopack.executor.start.afford import First, judge_phase
from autopack.executor.start.choose_run import Chosen, choose_run
from autopack.executor.start.make_context import branch_of, first_characters_per_token
from autopack.executor.start.run_inputs import RunInputs, judge_model, run_inputs_of
from autopack.executor.start.start_run import judge_words
from autopack.llm.calls.routing import Asked, Route, chain, chain_from, ladder, model_names
from autopack.store.database import Database
from autopack.store.digests import Digests
from autopack.store.phases import Phases
from autopack.store.tables import PhaseRow
from autopack.store.token_counts import counted
from autopack.worktree.base_tree import BaseTree


@dataclass(frozen=True)
class _Sight:
    """The parts from which the outlook is made."""

    chosen: Chosen
    inputs: RunInputs
    tree: BaseTree
    caps: Caps
    rows: Mapping[str, PhaseRow]
    model: str | None
    characters_per_token: float
    database: Database

    def factor(self, route: Route) -> float:
        return counted(self.database, route.provider.name, route.model).factor


def outlook(options: RunOptions, clock: Clock) -> Outlook:
    """Raises what ``start_run`` raises for words, repository, plan, configuration and branch."""
    judge_words(options)
    project = open_project(options.repo, clock, is_dry=True)
    chosen = choose_run(project, options, clock.now())
    inputs = run_inputs_of(project, chosen.plan)
    judge_model(inputs, options.model)
    if chosen.row is None:
        project.repository.judge_branch(branch_of(chosen, inputs.settings))
    caps = caps_of(chosen.plan, inputs.settings, options, chosen.row)
    rows = {row.phase_id: row for row in Phases(project.database, project.events, chosen.run_id, clock.now).all()}
    tree = BaseTree(project.repository.git, _head(project, chosen))
    per_token = chosen.row.characters_per_token if chosen.row else first_characters_per_token(project, chosen.plan, options.model, inputs)
    sight = _Sight(chosen, inputs, tree, caps, rows, options.model, per_token, project.database)
    found = [_phase(sight, phase) for phase in chosen.plan.phases]
    return Outlook(
        run_id=chosen.run_id,
        state=chosen.row.state if chosen.row else None,
        is_over=chosen.is_over,
        base_commit=chosen.base,
        usd=_total([phase.usd for phase, _ in found if phase.state not in ENDED], caps.run_usd),
        phases=tuple(phase for phase, _ in found),
        notes=tuple(dict.fromkeys(note for _, note in found if note)),
    )


def _head(project: ProjectState, chosen: Chosen) -> str:
    """The commit that the next phase would start from."""
    return project.repository.resolve(chosen.row.head_commit) if chosen.row else chosen.base


def _phase(sight: _Sight, phase: PhaseSpec) -> tuple[PhaseOutlook, str | None]:
    """The outlook of a phase, and a sentence on what would stop it."""
    row, landed = sight.rows.get(phase.id), sight.chosen.landed.get(phase.id)
    state = PhaseState(row.state) if row else PhaseState.COMPLETE if landed else PhaseState.QUEUED
    head = PhaseOutlook(
        id=phase.id, state=state, commit=row.commit if row else landed, complexity=phase.complexity, depends_on=phase.depends_on
    )
    if state in ENDED:
        return head, None
    phase = widened(phase, row) if row else phase
    fitting = Fitting(sight.inputs.settings, sight.inputs.redactor, sight.characters_per_token, Digests(sight.database))
    context, prompt = first_prompt(phase, sight.chosen.plan, sight.tree, fitting)
    builder, auditor = (_routes(sight, phase, role) for role in (Role.BUILDER, Role.AUDITOR))
    usd, tokens, note = UsdOutlook(), TokensOutlook(), None
    if builder and auditor:
        told = first_audit(phase, sight.chosen.plan.goal, sight.inputs.settings.context)
        is_ready = all(needed in sight.chosen.landed or _is_complete(sight, needed) for needed in phase.depends_on)
        first = First(*(call_cost(route, text, sight.factor(route)) for route, text in ((builder[0], prompt), (auditor[0], told))))
        bound = first if is_ready else First(call_cost(builder[0], NO_PROMPT), call_cost(auditor[0], NO_PROMPT))
        limits = sight.inputs.settings.explore
        has_tools = bool(chosen_tools(sight.inputs.settings, phase, context, has_sandbox=False))
        auditors = (auditor[0], *_second(sight, phase, auditor[0]))
        audit = _together([rounds_cost(route, told, limits, limits.auditor_rounds * has_tools, sight.factor(route)) for route in auditors])
        most = _most(sight, phase, prompt, (builder[0], audit), limits.max_rounds * has_tools)
        likely = likely_usage(prompt, context, sight.characters_per_token, len(auditors))
        tokens = _tokens(phase, most, sum(usage.total for usage in likely))
        usd, note = _usd(phase, most.usd, likely_usd((builder[0], *auditors), likely)), _in_the_way(sight, phase, bound)
    full = {
        "models": _models(sight, phase, builder, auditor),
        "checks": tuple(step.command if isinstance(step.command, str) else " ".join(step.command) for step in phase.ci.steps),
        "unchecked_because": phase.ci.reason if phase.ci.skip else None,
        "usd": usd,
        "tokens": tokens,
        "context": _context(context, int(sum(len(block.text) for block in prompt.blocks) / sight.characters_per_token)),
    }
    return head.model_copy(update=full), note


def _is_complete(sight: _Sight, phase: str) -> bool:
    return phase in sight.rows and sight.rows[phase].state == PhaseState.COMPLETE


def _routes(sight: _Sight, phase: PhaseSpec, role: Role) -> tuple[Route, ...]:
    """The routes that have a key."""
    row = sight.rows.get(phase.id)
    model = (row.model if row and role is Role.BUILDER else None) or sight.model
    try:
        return chain(sight.inputs.settings.models, sight.inputs.keys, Asked(role, phase.complexity, phase.task_category), model)
    except ProviderBlockedError:
        return ()


def _second(sight: _Sight, phase: PhaseSpec, first: Route) -> tuple[Route, ...]:
    """Who audits beside the first auditor; nobody where a person named the model."""
    return () if sight.model is not None else second_auditor_of(sight.inputs.settings.models, sight.inputs.keys, phase, first.name)


def _models(sight: _Sight, phase: PhaseSpec, builder: tuple[Route, ...], auditor: tuple[Route, ...]) -> ModelsOutlook:
    asked = {route.name for route in (*builder, *auditor)}
    models = sight.inputs.settings.models
    named = model_names(models, phase.complexity, sight.model)
    return ModelsOutlook(
        builder=tuple(route.name for route in builder),
        auditor=tuple(route.name for route in auditor),
        without_key=tuple(name for name in named if name not in asked),
    )


def _context(context: PhaseContext, tokens: int) -> ContextOutlook:
    files = tuple(
        FileOutlook(
            path=file.path,
            mode=file.mode,
            lines=_lines(file),
            is_whole=file.is_whole,
            why=file.why,
        )
        for file in context.files
        if file.note is None
    )
    return ContextOutlook(tokens=tokens, files=files, new_paths=context.new_paths)


def _lines(file: FileShown) -> tuple[tuple[int, int], ...]:
    """The stretches that are shown; behind the last line of a file is a place, too, as in edits (``line`` = lines + 1)."""
    ends = [(first, first + text.count("\n")) for first, text in file.stretches]
    return tuple((first, last + 1 if last >= file.total_lines else last) for first, last in ends)


def _most(sight: _Sight, phase: PhaseSpec, prompt: Prompt, known: tuple[Route, Ceiling], rounds: int) -> Ceiling:
    """Every attempt at the dearest model that may build it, and every replan and doctor; no dollars where a price is not known.

    ``known`` is who builds first, and the most that an audit costs.
    """
    settings, (first, audit) = sight.inputs.settings, known
    models = settings.models
    is_free = sight.model is None and not (phase.id in sight.rows and sight.rows[phase.id].model)
    names = [rung.model for rung in ladder(models, sight.inputs.keys, phase.complexity, phase.task_category)] if is_free else []
    routes = [first, *(_route_of(sight, phase, name) for name in names)]
    builders = [rounds_cost(route, prompt, settings.explore, rounds, sight.factor(route)) for route in routes]
    advisers = [_route_of(sight, phase, sight.model or name) for name in (models.doctor_models.cheap, models.doctor_models.strong)]
    doctors = [call_cost(route, prompt, sight.factor(route)).most for route in advisers]
    attempts = min(phase.max_attempts, models.complexity_escalation.max_attempts_per_phase)
    asked = models.replan.max_replans_per_phase + models.doctor.max_calls_per_phase
    builder, doctor = _dearest(builders), _dearest(doctors)
    tokens = attempts * (builder.tokens + audit.tokens) + asked * doctor.tokens
    if builder.usd is None or audit.usd is None or doctor.usd is None:
        return Ceiling(tokens=tokens, usd=None)
    return Ceiling(tokens=tokens, usd=attempts * (builder.usd + audit.usd) + asked * doctor.usd)


def _dearest(costs: Sequence[Ceiling]) -> Ceiling:
    """The most tokens and the most dollars, be they of different calls; no dollars where one of the prices is not known."""
    known = [cost.usd for cost in costs if cost.usd is not None]
    return Ceiling(tokens=max(cost.tokens for cost in costs), usd=max(known) if len(known) == len(costs) else None)


def _together(costs: Sequence[Ceiling]) -> Ceiling:
    """All of them; no dollars where one of the prices is not known."""
    known = [cost.usd for cost in costs if cost.usd is not None]
    return Ceiling(tokens=sum(cost.tokens for cost in costs), usd=sum(known, Decimal(0)) if len(known) == len(costs) else None)


def _route_of(sight: _Sight, phase: PhaseSpec, name: str) -> Route:
    asked = Asked(Role.BUILDER, phase.complexity, phase.task_category)
    return chain_from(sight.inputs.settings.models, sight.inputs.keys, asked, name)[0]


def _tokens(phase: PhaseSpec, most: Ceiling, likely: int) -> TokensOutlook:
    """Under the phase's own cap."""
    return TokensOutlook(likely=likely, most=min(most.tokens, phase.max_tokens) if phase.max_tokens is not None else most.tokens)


def _usd(phase: PhaseSpec, most: Decimal | None, likely: Decimal | None) -> UsdOutlook:
    if likely is None or most is None:
        return UsdOutlook()
    return UsdOutlook(likely=float(likely), most=min(float(most), phase.max_usd) if phase.max_usd is not None else float(most))


def _in_the_way(sight: _Sight, phase: PhaseSpec, first: First) -> str | None:
    try:
        judge_phase(phase, caps_with(sight.caps, phase), first)
    except UserError as error:
        return error.message
    return None


def _total(parts: list[UsdOutlook], cap: Decimal | None) -> UsdOutlook:
    if any(part.likely is None or part.most is None for part in parts):
        return UsdOutlook()
    most = sum(part.most or 0.0 for part in parts)
    return UsdOutlook(likely=sum(part.likely or 0.0 for part in parts), most=min(most, float(cap)) if cap is not None else most)
