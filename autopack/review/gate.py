"""The decision over a checked and audited candidate: it lands, waits for a person, or goes back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from autopack.core.categories import is_same
from autopack.core.checking import CheckReport, CheckStatus
from autopack.core.failure import FailureKind
from autopack.core.plan import PhaseSpec
from autopack.core.quality import QualityLevel, Risk
from autopack.core.reviewing import Decision, GateOutcome, Issue, Verdict
from autopack.core.settings import QualitySettings
from autopack.core.test_runs import OldTests

_NAMES_SHOWN: Final = 20


@dataclass(frozen=True)
class Dangers:
    """What a change may do harm by. ``opens``: sentences about the machine that it runs on; ``categories``: the high-risk ones."""

    opens: tuple[str, ...] = ()
    risk: Risk | None = None
    categories: tuple[str, ...] = QualitySettings.model_fields["high_risk_categories"].default


def is_high_risk(task_category: str, categories: tuple[str, ...]) -> bool:
    """Whether the category is one where a major issue may not land: it is called so, begins so, or has it as a word (``auth-login``)."""
    words = re.split(r"[._-]", task_category)
    return any(name in words or is_same(name, task_category) or re.match(rf"{re.escape(name)}[._-]", task_category) for name in categories)


def gate(phase: PhaseSpec, report: CheckReport, old: OldTests, verdict: Verdict, dangers: Dangers | None = None) -> Decision:
    """Rejects on a red check and on what the auditor is against; holds where the plan, an opening or the risk asks for a person."""
    dangers = dangers or Dangers()
    high_risk = is_high_risk(phase.task_category, dangers.categories)
    not_judged, risk = unanswered(phase, verdict), dangers.risk
    wrong = tuple(f"{answer.criterion}: {answer.wrong}" for answer in verdict.criteria if answer.wrong.strip())
    if wrong:
        reason = f"The auditor says of a criterion that it is wrong, or cannot be met as it is written: {'; '.join(wrong)}"
        return _rejected((reason,), not_judged, risk, FailureKind.CRITERION_WRONG)
    against = (*_against_checks(report), *objections(verdict, high_risk=high_risk), *_not_demanded(phase, old, verdict))
    if against:
        return _rejected(against, not_judged, risk)
    if risk is not None and risk.level is QualityLevel.BLOCKED:
        reason = f"The risk of the change is {risk.told}: too high to land (quality.refuse_at)."
        return _rejected((reason,), not_judged, risk, FailureKind.RISK_TOO_HIGH)
    waiting = (*_waiting(phase, report), *_changed(phase, old), *_opening(dangers.opens), *_risky(risk))
    return Decision(outcome=GateOutcome.HOLD if waiting else GateOutcome.LAND, reasons=waiting, not_judged=not_judged, risk=risk)


def _rejected(reasons: tuple[str, ...], not_judged: tuple[str, ...], risk: Risk | None, failure: FailureKind | None = None) -> Decision:
    return Decision(outcome=GateOutcome.REJECT, reasons=reasons, not_judged=not_judged, risk=risk, failure=failure)


def _risky(risk: Risk | None) -> tuple[str, ...]:
    needs_review = risk is not None and risk.level is QualityLevel.NEEDS_REVIEW
    return (f"The risk of the change is {risk.told}: a person has to look (quality.review_at).",) if risk and needs_review else ()


def _opening(risks: tuple[str, ...]) -> tuple[str, ...]:
    return (f"The change opens the machine it runs on, which a person has to allow: {'; '.join(risks[:_NAMES_SHOWN])}",) if risks else ()


def objections(verdict: Verdict, *, high_risk: bool) -> tuple[str, ...]:
    """What of the verdict blocks, as sentences; none means that the auditor lets it land."""
    blocking = ("critical", "major") if high_risk else ("critical",)
    found = [f"The auditor rejected the change: {verdict.summary or 'no summary given'}"] if verdict.verdict == "reject" else []
    found += [f"{issue.severity.capitalize()} issue: {issue_text(issue)}" for issue in verdict.issues if issue.severity in blocking]
    found += [
        f"Criterion not met: {answer.criterion} ({answer.evidence or 'no evidence given'})" for answer in verdict.criteria if not answer.met
    ]
    return tuple(found)


def unanswered(phase: PhaseSpec, verdict: Verdict) -> tuple[str, ...]:
    """The criteria of the plan that the verdict says nothing about."""
    answered = {_plain(answer.criterion) for answer in verdict.criteria}
    return tuple(criterion for criterion in phase.acceptance_criteria if _plain(criterion) not in answered)


def issue_text(issue: Issue) -> str:
    """``path:line: message``, as far as the auditor gave a place."""
    place = f"{issue.path}:{issue.line}: " if issue.path and issue.line else f"{issue.path}: " if issue.path else ""
    return place + issue.message


def _against_checks(report: CheckReport) -> tuple[str, ...]:
    return (f"The checks are red: {report.reason or 'see the report'}",) if report.status is CheckStatus.RED else ()


def is_for_auditor(phase: PhaseSpec) -> bool:
    """Whether the auditor may let changed tests land: there has to be a criterion that demands them."""
    return phase.ci.changed_tests == "audit" and bool(phase.acceptance_criteria)


def _not_demanded(phase: PhaseSpec, old: OldTests, verdict: Verdict) -> tuple[str, ...]:
    if not is_for_auditor(phase):
        return ()
    demanded = {answer.test for answer in verdict.changed_tests if answer.criterion in phase.acceptance_criteria}
    lacking = [test.test for number, test in enumerate(old.not_allowed, 1) if not {test.test, str(number)} & demanded]
    return (f"No criterion demands that these tests change: {_listed(lacking)}.",) if lacking else ()


def _changed(phase: PhaseSpec, old: OldTests) -> tuple[str, ...]:
    if not old.not_allowed or is_for_auditor(phase):
        return ()
    setting = f"ci.changed_tests: {phase.ci.changed_tests}"
    return (f"Tests that stood before no longer hold, and the builder insists ({setting}): {_listed(old.not_allowed_names)}.",)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMES_SHOWN]) + (f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else "")


def _waiting(phase: PhaseSpec, report: CheckReport) -> tuple[str, ...]:
    found = ["The plan asks for a person's approval of this phase (gate: hold)."] if phase.gate == "hold" else []
    if report.flaky and phase.ci.flaky.on_flaky == "hold":
        found.append(f"Flaky tests, which the plan asks to hold for: {', '.join(report.flaky[:20])}")
    return tuple(found)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".")
