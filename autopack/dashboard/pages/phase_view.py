"""What a page says of a phase: its part of the report, and what a person can do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autopack.core.errors import InvalidInputError
from autopack.dashboard.etags import phase_etag
from autopack.dashboard.finding import FoundRun
from autopack.dashboard.pages.answers import Answer, Facts, answers_to
from autopack.executor.project_state import ProjectState
from autopack.executor.run_report import KnownRun, phase_reports_of
from autopack.executor.start.run_inputs import redactor_of_plan
from autopack.reporting.attempt_story import newest_candidate
from autopack.reporting.report.model import PhaseReport
from autopack.reporting.report.pieces import SHORT
from autopack.store.attempts import attempts_of


@dataclass(frozen=True)
class PhaseView:
    """``etag`` is of what was looked at; ``models`` are names that a retry may be given."""

    report: PhaseReport
    answers: tuple[Answer, ...]
    etag: str
    models: tuple[str, ...]


def phase_etags(found: FoundRun, phase_ids: Sequence[str]) -> dict[str, str]:
    """To be read before what is shown of the phases: what changes meanwhile makes the verb be refused."""
    return {phase: phase_etag(found.project, found.run_id, phase) for phase in phase_ids}


def phase_views(found: FoundRun, etags: Mapping[str, str], now: float) -> tuple[PhaseView, ...]:
    if not etags:
        return ()
    models = _models(found.project)
    known = KnownRun(found.run, found.status, found.plan)
    reports = phase_reports_of(found.project, known, tuple(etags), redactor_of_plan(found.project, found.plan), now)
    return tuple(
        PhaseView(report, answers_to(report.phase, _facts(found, phase)), etag, models)
        for (phase, etag), report in zip(etags.items(), reports, strict=True)
    )


def _facts(found: FoundRun, phase: str) -> Facts:
    database, status = found.project.database, found.status
    made, attempts = newest_candidate(database, found.run_id, phase), attempts_of(database, found.run_id, phase)
    is_against = bool(attempts) and attempts[-1].only_auditor_against
    return Facts(status.branch, status.head_commit[:SHORT], made[1].commit[:SHORT] if made else None, is_against)


def _models(project: ProjectState) -> tuple[str, ...]:
    """Nothing where the configuration is not sound: a verb then says what is wrong with it."""
    try:
        settings = project.effective.settings.models
    except InvalidInputError:
        return ()
    return (*settings.aliases, *(f"{provider.name}/{model}" for provider in settings.providers for model in provider.models))
