"""Makes a candidate commit from the builder's reply, before any check runs."""

from dataclasses import replace
from functools import partial
from typing import Final, NamedTuple

from autopack.checks.commands.derive import triggers
from autopack.core.asked import asked_digest
from autopack.core.call import Reply, StopReason
from autopack.core.candidate import Candidate, DerivedFiles
from autopack.core.errors import AttemptFailed
from autopack.core.exploring import ToolName
from autopack.core.failure import FailureKind
from autopack.core.plan import PhaseSpec
from autopack.core.refusal import FAILURE_OF
from autopack.core.scope import Scope
from autopack.core.step_names import StepName
from autopack.core.transitions import PhaseEvent
from autopack.edits import AcceptedEdits, EditRefused, EditSet, accept, read_reply, taken
from autopack.edits.guards import Guards
from autopack.executor.attempt.ask_builder import ask_builder
from autopack.executor.attempt.derive_files import derive_files, encodings_of
from autopack.executor.attempt.exploring import known_tools
from autopack.executor.attempt.fixed_base import fixed_base
from autopack.executor.attempt.judge_drift import change_of, judge_drift
from autopack.executor.attempt.judge_files import judge_derived, judge_new_files, judge_secrets
from autopack.executor.attempt.lost_objects import has_blobs, judge_makeable, judge_same
from autopack.executor.attempt.machine_risks import machine_risks
from autopack.executor.attempt.scope_grants import answer
from autopack.executor.attempt.scratch_copy import scratch_files
from autopack.executor.attempt.steps import Reached, Recording, Steps
from autopack.executor.run_context import RunContext, State, WorkSite
from autopack.llm.calls.journal_file import ReplayJournal
from autopack.store.attempts import AttemptKey
from autopack.store.phase_changes import PhaseChange
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.candidate import (
    ASKED_TRAILER,
    ATTEMPT_TRAILER,
    FIX_TRAILER,
    PHASE_TRAILER,
    RUN_TRAILER,
    Content,
    Stamp,
    make_candidate,
)
from autopack.worktree.editable import text_for
from autopack.worktree.message import plain, text_of
from autopack.worktree.path_gate import TreeEntries, judge_entries
from autopack.worktree.whole import is_whole

_FIXES: Final = frozenset({"fix", "bugfix", "bug", "hotfix", "typo"})


class Made(PhaseChange):
    """What the log says of a candidate."""

    commit: str
    files: tuple[str, ...]
    derived: tuple[str, ...]


def build_candidate(ctx: RunContext, phase: PhaseSpec, step: Steps) -> Candidate:
    """The recorded candidate, or a new one from the builder's reply. A recorded one that git no longer has is made again.

    Raises:
        AttemptFailed: with the reason for the next prompt.
        ScopeGranted: the builder was given the paths that it asked for.
    """
    recorded = step.recorded(StepName.CANDIDATE, Candidate)
    if recorded is not None:
        if is_whole(ctx.site.repository.git, recorded.commit, recorded.parent):
            return recorded
        judge_makeable(step, recorded)
    site, start = ctx.site, fixed_base(ctx.site, phase.id, step.key.parent)
    base = site.tree(start.commit)
    reply, question = ask_builder(ctx, phase, step, start.commit)
    step(StepName.REPLY, Reached, lambda: Reached(ordinal=question), lambda _: Recording(PhaseEvent.REPLIED))
    try:
        edits, accepted = _accept(ctx.state, phase, step, base, reply)
        judge_secrets(accepted, ctx.log.redactor)
        judge_new_files(site.slot, phase, base, accepted)
        if recorded is None:
            judge_drift(site, ctx.models, phase, step, change_of(edits.summary, accepted))
        content = Content(accepted, encodings_of(base, accepted), fixed=start.files(site.repository.git))
        derived = _derived(site, ctx.replay, phase, step, content)
        judge_derived(derived, base, ctx.log.redactor)
        built = _Built(reply, edits.summary, start.commands, replace(content, derived=derived))
        if recorded is not None:
            judge_same(is_same=_make(site, phase, step, built).commit == recorded.commit)
            return recorded
        return step(StepName.CANDIDATE, Candidate, lambda: _make(site, phase, step, built), _made)
    except EditRefused as refused:
        raise AttemptFailed(FAILURE_OF[refused.code], str(refused)) from refused


def _accept(state: State, phase: PhaseSpec, step: Steps, base: BaseTree, reply: Reply) -> tuple[EditSet, AcceptedEdits]:
    if reply.stop is StopReason.REFUSAL:
        raise AttemptFailed(FailureKind.REPLY_REFUSED, "The model declined to answer.", reply.text[:1000])
    if reply.stop is StopReason.CONTEXT_EXCEEDED and not reply.text:
        raise AttemptFailed(FailureKind.CONTEXT_EXCEEDED, "The request did not fit into the model's context.")
    edits = read_reply(reply.text, cut=reply.is_cut)
    if edits.blocked is not None:
        raise answer(phase, edits.blocked, state.phases.grants(phase.id))
    if ToolName.RUN in known_tools(step):
        edits = taken(edits, scratch_files(step), base.entries.keys())
    scope = Scope(phase.scope.paths, phase.scope.read_only_context)
    is_small_fix = phase.complexity == "low" and phase.task_category in _FIXES
    guards = Guards(phase.allow_mass_deletion, phase.allow_mass_addition, phase.allow_no_change, is_small_fix)
    touched = edits.touched
    judge_entries(touched, TreeEntries(base.modes))
    files = base.read(touched)
    texts = {edit.path: text_for(edit, files[edit.path]).text for edit in edits.files if edit.path in files}
    return edits, accept(edits, before=texts, scope=scope, existing=base.entries.keys(), guards=guards)


def _derived(site: WorkSite, replay: ReplayJournal | None, phase: PhaseSpec, step: Steps, content: Content) -> DerivedFiles:
    """Runs the derive steps, if one of them has something to do."""
    changed = (*content.accepted.paths, *content.fixed.paths)
    if not any(triggers(tool, changed) for tool in phase.derive):
        return DerivedFiles()
    is_recorded = step.recorded(StepName.DERIVE, DerivedFiles) is not None
    run = partial(derive_files, site, replay, phase, step.key, content)
    derived = step(StepName.DERIVE, DerivedFiles, run, lambda _: Recording())
    if is_recorded and not has_blobs(site.repository, derived):
        judge_same(is_same=run() == derived)
    return derived


class _Built(NamedTuple):
    reply: Reply
    summary: str
    fix_commands: tuple[str, ...]
    content: Content


def _make(site: WorkSite, phase: PhaseSpec, step: Steps, built: _Built) -> Candidate:
    base, stamp = site.tree(step.key.parent), _stamp(site, phase, step.key, built)
    made = make_candidate(site.repository, base, built.content, stamp, allow_empty=phase.allow_no_change)
    site.keep_tree(made.tree)
    return made.candidate.model_copy(update={"risks": machine_risks(base, made.tree, made.candidate.paths)})


def _made(candidate: Candidate) -> Recording:
    made = Made(commit=candidate.commit, files=candidate.paths[:50], derived=candidate.derived[:50])
    return Recording(PhaseEvent.CANDIDATE, made)


def _stamp(site: WorkSite, phase: PhaseSpec, key: AttemptKey, built: _Built) -> Stamp:
    """Dated by the stored reply, so that making the commit again gives the same id."""
    reply, derived = built.reply, built.content.derived
    told = site.log.redactor.redact(plain(built.summary).strip() or plain(phase.description))
    trailers = [
        (RUN_TRAILER, key.run),
        (PHASE_TRAILER, key.phase),
        (ATTEMPT_TRAILER, str(key.number)),
        (ASKED_TRAILER, asked_digest(site.plan.phase(phase.id))),
        ("Autopack-Model", reply.answering_model),
        *((("Autopack-Derived", ", ".join(derived.paths)),) if derived.paths else ()),
        *((FIX_TRAILER, command) for command in built.fix_commands),
    ]
    text = text_of(site.settings.git.subject, phase.id, told, tuple(trailers))
    return Stamp(text, site.repository.identity, reply.received_at, key.ref)
