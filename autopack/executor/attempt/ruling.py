"""Where an attempt meets the rules: which it is shown, what a landing teaches, which of those shown did not help."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Future
from typing import Final

from autopack.core.call import Role
from autopack.core.candidate import Candidate
from autopack.core.context import Feedback, Ruled, Taught
from autopack.core.errors import AttemptFailed
from autopack.core.events import EventName
from autopack.core.failure import RULES, FailureKind
from autopack.core.fingerprint import are_near, fingerprint
from autopack.core.memory import Collection, Recollection
from autopack.core.plan import PhaseSpec, Plan
from autopack.core.redaction import Redactor
from autopack.core.rules import InVain, Lesson, Rule, RuleOrigin, Ruling, Situation
from autopack.core.step_names import StepName
from autopack.edits import EditRefused, read_reply
from autopack.executor.attempt.came_before import last_report
from autopack.executor.attempt.remembering import OF_THE_CODE, learned_by_landing, reminders
from autopack.executor.attempt.steps import Steps
from autopack.executor.run_context import RunContext, State, WorkSite
from autopack.memory.rule_choice import all_rules, choose_rules, unhelpful
from autopack.memory.rule_file import RuleFile
from autopack.store.attempts import AttemptKey
from autopack.store.flaky import flaky_ids
from autopack.store.phase_changes import Teaching
from autopack.store.rules import rules_of

_FAILURE_CHARACTERS: Final = 300
_TEXT_CHARACTERS: Final = 600
_PATHS: Final = 10
_ADVICE: Final = (FailureKind.HINT, FailureKind.ADVISED, FailureKind.REPLANNED)
"""What says best how a failure was resolved, a person's word first."""


def taught(ctx: RunContext, phase: PhaseSpec, step: Steps) -> Taught:
    """Memory first: what it shows is not said twice."""
    return Taught(recalled=reminders(ctx.site, ctx.models, phase, step), ruled=rulings(ctx, phase, step))


def rulings(ctx: RunContext, phase: PhaseSpec, step: Steps) -> tuple[Ruled, ...]:
    """What the phase's attempts were shown, this one's included; rules are looked for once an attempt."""
    before = tuple(Ruled(attempt=number, ruling=_earlier(ctx.state, step.key, number)) for number in range(1, step.key.number))
    is_new = step.recorded(StepName.RULES, Ruling) is None
    ruling = step.pin(StepName.RULES, Ruling, lambda: _ruling(ctx, phase, step, [one.ruling for one in before]))
    if is_new and (ruling.rules or ruling.withdrawn):
        names = [rule.name for rule in ruling.rules]
        ctx.log.tell(EventName.RULES_SHOWN, phase.id, step.key.number, rules=names, withdrawn=list(ruling.withdrawn))
    return (*before, Ruled(attempt=step.key.number, ruling=ruling))


def taught_by_landing(site: WorkSite, phase: PhaseSpec, key: AttemptKey, candidate: Candidate, patch: Future[str]) -> Teaching:
    """Nothing where the memory is off."""
    if not site.settings.memory.enable_memory:
        return Teaching()
    told = site.state.phases.lessons(phase.id)
    return Teaching(learned_by_landing(site, phase, told, patch), _lessons_learned(site, phase, key, candidate, told))


def _lessons_learned(
    site: WorkSite, phase: PhaseSpec, key: AttemptKey, candidate: Candidate, told: tuple[Feedback, ...]
) -> tuple[Lesson, ...]:
    """One for each failure that the landing resolved, those that were alike together; none of tests that come and go."""
    advised = {one.attempt for one in told if one.kind in _ADVICE}
    resolved = [lesson for lesson in told if lesson.kind not in _ADVICE and _teaches(site.plan, site.state, phase, lesson, advised)]
    last = [one for at, one in enumerate(resolved) if not any(_are_alike(one, other) for other in resolved[at + 1 :])]
    summary = _summary(site.state, site.log.redactor, key) if last else ""
    return tuple(
        Lesson(
            project=site.plan.project,
            run=site.state.run_id,
            phase=phase.id,
            attempt=lesson.attempt,
            kind=RULES[lesson.kind].label,
            category=phase.task_category,
            paths=candidate.paths[:_PATHS],
            failure=_short(lesson.message, _FAILURE_CHARACTERS),
            text=site.log.redactor.redact(text),
        )
        for lesson in last
        if (text := _answer(lesson, told, summary))
    )


def rules_in_vain(site: WorkSite, key: AttemptKey, failed: AttemptFailed) -> InVain:
    """The learned rules that the phase was shown, and that speak of this very failure."""
    shown = [_earlier(site.state, key, number) for number in range(1, key.number + 1)]
    names = frozenset(rule.name for ruling in shown for rule in ruling.rules)
    if not names:
        return InVain(project=site.plan.project)
    known = rules_of(site.state.database, site.plan.project)
    message = site.log.redactor.redact(failed.message)
    in_vain = unhelpful(known, names, RULES[failed.kind].label, _short(message, _FAILURE_CHARACTERS))
    return InVain(project=site.plan.project, names=in_vain)


def _ruling(ctx: RunContext, phase: PhaseSpec, step: Steps, earlier: Sequence[Ruling]) -> Ruling:
    """In a replay what the journal says; nothing that is a secret by now."""
    if ctx.replay is not None:
        return Ruling.model_validate(ctx.log.redactor.redact_within(ctx.replay.ruled(phase.id, step.key.number).model_dump()))
    before = [lesson for lesson in ctx.state.phases.feedback(phase.id) if lesson.attempt == step.key.number - 1]
    situation = Situation(
        project=ctx.plan.project,
        run=ctx.state.run_id,
        category=phase.task_category,
        paths=phase.scope.paths,
        kind=RULES[before[-1].kind].label if before else "",
        failure=_short(before[-1].message, _FAILURE_CHARACTERS) if before else "",
    )
    found = step.recorded(StepName.RECALL, Recollection) or Recollection()
    recalled = frozenset(one.source for one in found.found if one.collection is Collection.ERRORS_CI)
    ruling = choose_rules(_known(ctx.site, ctx.rules, phase, step.key), situation, earlier, recalled)
    return Ruling.model_validate(ctx.log.redactor.redact_within(ruling.model_dump()))


def _known(site: WorkSite, rules: RuleFile, phase: PhaseSpec, key: AttemptKey) -> tuple[Rule, ...]:
    """What runs learned, where the memory is on; what persons gave, and the repository's file as it is now."""
    of_file = rules.read()
    if rules.fault is not None:
        site.log.tell(EventName.NOTE, phase.id, key.number, message=f"{rules.fault} The rules that were read before hold.")
    learned = rules_of(site.state.database, site.plan.project)
    is_on = site.settings.memory.enable_memory
    return all_rules((rule for rule in learned if is_on or rule.origin is RuleOrigin.PERSON), of_file)


def _teaches(plan: Plan, state: State, phase: PhaseSpec, lesson: Feedback, advised: AbstractSet[int]) -> bool:
    """Failures whose words say what was wrong with the change, and those that advice resolved; not those of tests that come and go."""
    if lesson.kind is FailureKind.FLAKY or _is_flaky(plan, state, phase, lesson.attempt):
        return False
    return lesson.kind in OF_THE_CODE or (RULES[lesson.kind].speaks_of_work and lesson.attempt in advised)


def _is_flaky(plan: Plan, state: State, phase: PhaseSpec, attempt: int) -> bool:
    """Whether nothing failed in that attempt but tests that are known to come and go."""
    steps = state.phases.step_results(AttemptKey(state.run_id, phase.id, attempt, ""))
    report = last_report(steps)
    failed = report.newly_failed if report else ()
    return bool(failed) and set(failed) <= flaky_ids(state.database, plan.project)


def _are_alike(one: Feedback, other: Feedback) -> bool:
    return one.kind is other.kind and are_near(fingerprint(one.message), fingerprint(other.message))


def _answer(failed: Feedback, told: Sequence[Feedback], summary: str) -> str:
    for kind in _ADVICE:
        advice = [one.message for one in told if one.kind is kind and one.attempt >= failed.attempt]
        if advice:
            return _short(advice[-1], _TEXT_CHARACTERS)
    return _short(summary, _TEXT_CHARACTERS)


def _summary(state: State, redactor: Redactor, key: AttemptKey) -> str:
    """What the builder said of the change that landed."""
    text = state.calls.last_texts(key.run, key.phase, Role.BUILDER).get(key.number, "")
    try:
        return redactor.redact(read_reply(text).summary)
    except EditRefused:
        return ""


def _earlier(state: State, key: AttemptKey, number: int) -> Ruling:
    text = state.phases.step_results(AttemptKey(key.run, key.phase, number, key.parent)).get(StepName.RULES)
    return Ruling.model_validate_json(text) if text else Ruling()


def _short(text: str, characters: int) -> str:
    words = " ".join(text.split())
    return words if len(words) <= characters else f"{words[: characters - 1].rstrip()}…"
