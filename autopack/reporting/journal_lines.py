"""A run's journal for ``--replay``: every reply, files that tools made, what attempts were reminded of, what was decided over failures."""

import time
from collections.abc import Iterator
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from autopack.core.candidate import DerivedFile, DerivedFiles
from autopack.core.goal_drift import DriftJudged
from autopack.core.memory import Recollection
from autopack.core.remedy import Fix
from autopack.core.rules import Ruling
from autopack.core.status import RunStatus
from autopack.core.step_names import StepName
from autopack.llm.calls.journal_file import (
    Exporting,
    JournalDecided,
    JournalDerived,
    JournalDrift,
    JournalExplored,
    JournalFile,
    JournalFixed,
    JournalHeader,
    JournalOther,
    JournalRecalled,
    JournalRuled,
    encoded,
    export,
)
from autopack.reporting.explored import explored_in
from autopack.store.attempts import attempts_of
from autopack.store.calls import CallJournal
from autopack.store.database import Database
from autopack.store.decisions import decisions_of
from autopack.store.steps import steps_of
from autopack.store.token_counts import characters_per_token_of
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.git import GitError
from autopack.worktree.rebase import changed_files
from autopack.worktree.repository import Repository

Result = TypeVar("Result", bound=BaseModel)


def journal_lines(database: Database, repository: Repository, run: RunStatus, asked: Exporting) -> Iterator[str]:
    """Redacted JSON lines without their ends; the first is the header, which knows the plan and the tree that the run began with."""
    per_token = characters_per_token_of(database, run.run_id)
    header = JournalHeader(plan_sha256=run.plan.sha256, base_tree=_tree(repository, run.base_commit), characters_per_token=per_token)
    yield from export(CallJournal(database, time.time), asked, header, _others(database, repository, run))


def planner_lines(database: Database, asked: Exporting) -> Iterator[str]:
    """The same of a plan that a planner made, for ``plan new --replay``."""
    yield from export(CallJournal(database, time.time), asked, JournalHeader())


def _tree(repository: Repository, commit: str) -> str | None:
    try:
        return BaseTree(repository.git, commit).tree
    except GitError:
        return None


def _others(database: Database, repository: Repository, run: RunStatus) -> Iterator[JournalOther]:
    yield from _decided(database, run)
    for phase in run.phases:
        for attempt in attempts_of(database, run.run_id, phase.id):
            steps = steps_of(database, run.run_id, phase.id, attempt.number)
            recalled = _recorded(steps, StepName.RECALL, Recollection)
            if recalled and recalled.found:
                yield JournalRecalled(phase=phase.id, attempt=attempt.number, recalled=recalled.found)
            ruled = _recorded(steps, StepName.RULES, Ruling)
            if ruled and ruled != Ruling():
                yield JournalRuled(phase=phase.id, attempt=attempt.number, ruled=ruled)
            for role, explored in explored_in(steps):
                yield JournalExplored(phase=phase.id, attempt=attempt.number, role=role, explored=explored)
            judged = _recorded(steps, StepName.DRIFT, DriftJudged)
            if judged and judged.drift:
                yield JournalDrift(phase=phase.id, attempt=attempt.number, drift=judged.drift)
            made = _recorded(steps, StepName.DERIVE, DerivedFiles)
            files = _contents(repository, made.files) if made and made.files else None
            if files is not None:
                yield JournalDerived(phase=phase.id, attempt=attempt.number, derived=files)
            fix = _recorded(steps, StepName.FIX, Fix)
            changed = _changed(repository, fix) if fix else None
            if fix and changed is not None:
                yield JournalFixed(phase=phase.id, attempt=attempt.number, fixed=changed, failure=fix.failure, why=fix.why)


def _changed(repository: Repository, fix: Fix) -> tuple[JournalFile, ...] | None:
    """All that the phase's fixes changed so far."""
    if fix.failure is not None or fix.candidate is None:
        return ()
    try:
        return _contents(repository, changed_files(repository.git, fix.candidate).files)
    except GitError:
        return None


def _decided(database: Database, run: RunStatus) -> Iterator[JournalDecided]:
    for phase in run.phases:
        decisions = decisions_of(database, run.run_id, phase.id)
        for attempt in dict.fromkeys(one.attempt for one in decisions):
            of_attempt = tuple(one.decided for one in decisions if one.attempt == attempt)
            yield JournalDecided(phase=phase.id, attempt=attempt, decided=of_attempt)


def _recorded(steps: dict[str, str], name: StepName, kind: type[Result]) -> Result | None:
    try:
        return kind.model_validate_json(steps[name]) if name in steps else None
    except ValidationError:
        return None


def _contents(repository: Repository, files: tuple[DerivedFile, ...]) -> tuple[JournalFile, ...] | None:
    """None where git no longer has one of them: a replay then runs the tools itself."""
    try:
        return tuple(_content(repository, file) for file in files)
    except GitError:
        return None


def _content(repository: Repository, file: DerivedFile) -> JournalFile:
    if file.blob is None:
        return JournalFile(path=file.path, mode=file.mode, deleted=True)
    content = repository.git.run("cat-file", "blob", file.blob)
    return JournalFile(path=file.path, mode=file.mode, content=encoded(content))
