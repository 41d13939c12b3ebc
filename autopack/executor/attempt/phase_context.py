"""Gathers what the builder is shown in one attempt, from the tree that the attempt starts from."""

from dataclasses import replace

from autopack.context.gather import Rules, gather
from autopack.context.instructions import read_instructions
from autopack.core.context import EditMode, PhaseContext, Taught
from autopack.core.events import EventName
from autopack.core.plan import PhaseSpec
from autopack.executor.attempt.came_before import landed_phases, lessons_of
from autopack.executor.attempt.fixed_base import fixed_base
from autopack.executor.run_context import WorkSite
from autopack.recovery.edit_mode_fallback import next_mode
from autopack.store.attempts import Asked, AttemptKey
from autopack.store.digests import Digests


def context_of(site: WorkSite, phase: PhaseSpec, commit: str, forced: EditMode | None, taught: Taught | None = None) -> PhaseContext:
    """The same for the same tree, phase, failures and what was taught, byte for byte."""
    landed = landed_phases(site.plan, site.state, phase.id)
    taught = taught or Taught()
    given = Rules(commit, site.settings.context_tokens(phase.complexity), site.log.redactor, site.plan.instructions, forced, landed)
    rules = replace(
        given,
        characters_per_token=site.state.characters_per_token,
        recalled=taught.recalled,
        ruled=taught.ruled,
        saw=taught.saw,
        digests=Digests(site.state.database),
    )
    return gather(phase, site.tree(commit), lessons_of(site.state, site.log.redactor, phase.id), rules)


def instructions_of(site: WorkSite, commit: str) -> tuple[tuple[str, str], ...]:
    """The project's own instructions, as builder and auditor both read them: (path, text)."""
    return read_instructions(site.tree(commit), site.plan.instructions, site.log.redactor, site.settings.context.max_tokens)


def begin_attempt(site: WorkSite, phase: PhaseSpec, parent: str) -> AttemptKey:
    """Begins the next attempt. Earlier failures decide in which form its edits are asked for."""
    phases = site.state.phases
    last = phases.last_attempt(phase.id)
    decisions = phases.decisions(phase.id)
    forced = next_mode(phases.feedback(phase.id), is_small=last.is_small if last else True)
    forced = forced or (decisions[-1].decided.mode if decisions else None)
    start = fixed_base(site, phase.id, parent)
    if start.is_left_out:
        message = "what the doctor's commands changed is not taken over: the branch now has other versions of those files"
        site.log.tell(EventName.NOTE, phase.id, message=message)
    context = context_of(site, phase, start.commit, forced)
    return phases.begin_attempt(phase.id, parent, Asked(forced, context.main_mode, context.is_small))
