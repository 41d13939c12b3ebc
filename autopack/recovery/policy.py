"""What follows a failed attempt: one table of rows, of which the first that applies is taken. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from autopack.core.counted import counted
from autopack.core.failure import RULES, FailureKind
from autopack.core.held import HeldReason
from autopack.core.remedy import Decided, Remedy
from autopack.recovery.case import Case


@dataclass(frozen=True)
class Row:
    """``when`` says in words what ``applies`` asks; ``says`` is the sentence of the decision."""

    name: str
    when: str
    remedy: Remedy
    applies: Callable[[Case], bool]
    says: Callable[[Case], str]
    held: Callable[[Case], HeldReason] | None = None


_QUESTIONS: Final = {
    FailureKind.BUILDER_BLOCKED: HeldReason.BUILDER_BLOCKED,
    FailureKind.CHECK_UNUSABLE: HeldReason.CHECK_UNUSABLE,
    FailureKind.GOAL_DRIFT: HeldReason.GOAL_DRIFT,
    FailureKind.CRITERION_WRONG: HeldReason.CRITERION_WRONG,
}
"""Failures that only a person can answer."""


def choose(case: Case) -> Decided:
    """The decision over the failure that ended the last attempt."""
    row = next(row for row in ROWS if row.applies(case))
    rung = case.next_rung if row.remedy is Remedy.ESCALATE else None
    return Decided(
        kind=case.last.lesson.kind,
        remedy=row.remedy,
        row=row.name,
        because=row.says(case),
        tier=rung.tier if rung else case.tier,
        model=rung.model if rung else case.model,
        mode=case.other_mode if row.name == FORM else case.mode,
        held=row.held(case) if row.held else None,
        left=case.left if row.remedy is Remedy.DOCTOR else "",
        fix_types=case.fix_types if row.remedy is Remedy.DOCTOR else (),
    )


def _message(case: Case) -> str:
    return case.last.lesson.message or RULES[case.last.lesson.kind].lead


def _spent(case: Case) -> str:
    return f"All {case.max_attempts} attempts are spent; the last one failed: {_message(case)}"


def _only_auditor(case: Case) -> str:
    spent = f"All {case.max_attempts} attempts are spent"
    return f"{spent}; the checks are green, only the auditor is against it: {_message(case)}"


def _failed_at(case: Case) -> str:
    return f"{counted(case.counted_at_model, 'failure')} at {case.model or 'this model'}"


def _escalated(case: Case) -> str:
    return f"{_failed_at(case)}: {case.next_rung.model if case.next_rung else 'nobody'} is asked next."


def _reformed(case: Case) -> str:
    return f"{_failed_at(case)}, and no other one may be asked: the next attempt is asked for in another form, {_form(case.other_mode)}."


def _retried(case: Case) -> str:
    is_new = case.mode is not None and case.mode != case.last.lesson.mode
    return "The next attempt is told what failed" + (f", and asked for another form, {_form(case.mode)}." if is_new else ".")


def _fatal(case: Case) -> str:
    return f"The auditor calls the whole approach wrong ({_form(case.last.fatal)}): {_asked(case)}."


def _alike(case: Case) -> str:
    return f"The last {case.alike} attempts failed alike, and nothing got better: {_asked(case)}."


def _asked(case: Case) -> str:
    return "how to go about it is planned anew" if case.may_replan else "a doctor is asked"


def _is_fatal(case: Case) -> bool:
    return case.last.fatal is not None and case.last.fatal in case.settings.replan.fatal_error_types


def _is_alike(case: Case) -> bool:
    return RULES[case.last.lesson.kind].speaks_of_work and case.alike >= case.settings.replan.trigger_threshold


def _form(mode: str | None) -> str:
    return (mode or "").replace("_", " ")


def _may_escalate(case: Case) -> bool:
    return case.has_failed_at_model and not case.allowance.only_retries


FORM: Final = "form"
FAILED_FOR_A_DOCTOR: Final = 4

ROWS: Final[tuple[Row, ...]] = (
    Row(
        "budget",
        "the run's health budget is spent; decided anew once there is room again",
        Remedy.STOP,
        lambda case: case.allowance.spent is not None,
        lambda case: case.allowance.spent or "",
    ),
    Row(
        "adopted",
        "the attempt was a person's commit",
        Remedy.HOLD,
        lambda case: case.is_adopted,
        _message,
        lambda _: HeldReason.ADOPTED_RED,
    ),
    Row(
        "question",
        "only a person can answer: the builder is blocked, the check says the same without any change, or a criterion is called wrong",
        Remedy.HOLD,
        lambda case: case.last.lesson.kind in _QUESTIONS,
        _message,
        lambda case: _QUESTIONS[case.last.lesson.kind],
    ),
    Row(
        "hopeless",
        "no other edit can help, such as a command that cannot be run",
        Remedy.GIVE_UP,
        lambda case: not _is_retried(case),
        _message,
    ),
    Row(
        "auditor_alone",
        "the attempts are spent, the checks of the last one are green, and only the auditor is against it",
        Remedy.HOLD,
        lambda case: case.is_spent and case.only_auditor_against,
        _only_auditor,
        lambda _: HeldReason.AUDITOR_AGAINST,
    ),
    Row("spent", "the attempts are spent", Remedy.GIVE_UP, lambda case: case.is_spent, _spent),
    Row(
        "fatal",
        "the auditor says that the whole approach is wrong (`fatal_error_types`), and a replan is left",
        Remedy.REPLAN,
        lambda case: _is_fatal(case) and case.may_replan,
        _fatal,
    ),
    Row(
        "fatal_again",
        "the same, and no replan is left",
        Remedy.DOCTOR,
        lambda case: _is_fatal(case) and case.may_consult,
        _fatal,
    ),
    Row(
        "alike",
        "the same failure `trigger_threshold` times in a row without progress, and a replan is left",
        Remedy.REPLAN,
        lambda case: _is_alike(case) and case.may_replan,
        _alike,
    ),
    Row(
        "alike_again",
        "the same, and no replan is left",
        Remedy.DOCTOR,
        lambda case: _is_alike(case) and case.may_consult,
        _alike,
    ),
    Row(
        "model",
        "`thresholds` failures of the `failure_types` at one model, and a next one: of the tier's chain, then of the next tier's",
        Remedy.ESCALATE,
        lambda case: _may_escalate(case) and case.next_rung is not None,
        _escalated,
    ),
    Row(
        FORM,
        "the same, where there is one model only: once in another form of edits",
        Remedy.RETRY,
        lambda case: _may_escalate(case) and len(case.allowance.ladder) <= 1 and not case.was(FORM),
        _reformed,
    ),
    Row(
        "four",
        f"{FAILED_FOR_A_DOCTOR} attempts have failed",
        Remedy.DOCTOR,
        lambda case: len(case.failures) >= FAILED_FOR_A_DOCTOR and case.may_consult,
        lambda case: f"{len(case.failures)} attempts have failed: a doctor is asked.",
    ),
    Row("retry", "else", Remedy.RETRY, lambda _: True, _retried),
)


def _is_retried(case: Case) -> bool:
    return RULES[case.last.lesson.kind].is_retried
