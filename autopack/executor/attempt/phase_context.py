"""Gathers what the builder is shown in one attempt, from the tree that the attempt starts from."""

from dataclasses import replace

from autopack.context.gather import Rules, gather
from autopack.context.instructions import read_instructions
from autopack.core.context import EditMode, PhaseContext, Taught
from autopack.core.events import EventName
from autopack.core.plan import PhaseSpec
from autopack.executor.attempt.came_before import landed_phases, lessons_of
from autopack.executor.attempt.fixed_base import is_left_out, start_commit
from autopack.executor.run_context import RunContext
from autopack.recovery.edit_mode_fallback import next_mode
from autopack.store.attempts import Asked, AttemptKey
from autopack.store.digests import Digests


def context_of(ctx: RunContext, phase: PhaseSpec, commit: str, forced: EditMode | None, taught: Taught | None = None) -> PhaseContext:
    """The same for the same tree, phase, failures and what was taught, byte for byte."""
    landed = landed_phases(ctx.plan, ctx.state, phase.id)
    taught = taught or Taught()
    given = Rules(commit, ctx.settings.context_tokens(phase.complexity), ctx.redactor, ctx.plan.instructions, forced, landed)
    rules = replace(
        given,
        characters_per_token=ctx.characters_per_token,
        recalled=taught.recalled,
        ruled=taught.ruled,
        saw=taught.saw,
        digests=Digests(ctx.state.database),
    )
    return gather(phase, ctx.tree(commit), lessons_of(ctx, phase.id), rules)


def instructions_of(ctx: RunContext, commit: str) -> tuple[tuple[str, str], ...]:
    """The project's own instructions, as builder and auditor both read them: (path, text)."""
    return read_instructions(ctx.tree(commit), ctx.plan.instructions, ctx.redactor, ctx.settings.context.max_tokens)


def begin_attempt(ctx: RunContext, phase: PhaseSpec, parent: str) -> AttemptKey:
    """Begins the next attempt. Earlier failures decide in which form its edits are asked for."""
    phases = ctx.state.phases
    last = phases.last_attempt(phase.id)
    decisions = phases.decisions(phase.id)
    forced = next_mode(phases.feedback(phase.id), is_small=last.is_small if last else True)
    forced = forced or (decisions[-1].decided.mode if decisions else None)
    if is_left_out(ctx, phase.id, parent):
        message = "what the doctor's commands changed is not taken over: the branch now has other versions of those files"
        ctx.tell(EventName.NOTE, phase, message=message)
    context = context_of(ctx, phase, start_commit(ctx, phase.id, parent), forced)
    return phases.begin_attempt(phase.id, parent, Asked(forced, context.main_mode, context.is_small))
