"""What the builder is shown in one attempt, from the tree that the attempt starts from."""

from autopack.context.gather import Rules, gather
from autopack.context.instructions import read_instructions
from autopack.core.context import EditMode, PhaseContext
from autopack.core.plan import PhaseSpec
from autopack.executor.came_before import landed_phases, lessons_of
from autopack.executor.workbench import Workbench
from autopack.recovery.ladder import next_mode
from autopack.store.attempts import Asked, AttemptKey


def context_of(bench: Workbench, phase: PhaseSpec, commit: str, forced: EditMode | None) -> PhaseContext:
    """The same for the same tree, phase and failures, byte for byte."""
    landed = landed_phases(bench, phase.id)
    rules = Rules(commit, bench.settings.context_tokens(phase.complexity), bench.redactor, bench.plan.instructions, forced, landed)
    return gather(phase, bench.tree(commit), lessons_of(bench, phase.id), rules)


def instructions_of(bench: Workbench, commit: str) -> tuple[tuple[str, str], ...]:
    """The project's own instructions, as builder and auditor both read them: (path, text)."""
    return read_instructions(bench.tree(commit), bench.plan.instructions, bench.redactor, bench.settings.context.max_tokens)


def begin_attempt(bench: Workbench, phase: PhaseSpec, parent: str) -> AttemptKey:
    """The next attempt, in the form that the failures before it lead to."""
    phases = bench.state.phases
    last = phases.last_attempt(phase.id)
    forced = next_mode(phases.feedback(phase.id), is_small=last.is_small if last else True)
    context = context_of(bench, phase, parent, forced)
    return phases.begin_attempt(phase.id, parent, Asked(forced, context.main_mode, context.is_small))
