"""Asks the builder. A builder that looks for itself, or asks to be shown more, gets that before anything counts as a failure."""

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final

from autopack.context.builder_prompt import builder_prompt
from autopack.context.look import look
from autopack.context.reading import Looker
from autopack.core.call import Prompt, Reply, Role, Turn
from autopack.core.context import PhaseContext
from autopack.core.events import EventName
from autopack.core.exploring import ToolName
from autopack.core.plan import PhaseSpec
from autopack.core.scope import Scope
from autopack.edits import Blocked, EditRefused, read_reply
from autopack.executor.attempt.ask import ask
from autopack.executor.attempt.exploring import Explorer, known_tools, offered, seen_before
from autopack.executor.attempt.phase_context import context_of
from autopack.executor.attempt.ruling import taught
from autopack.executor.attempt.scope_grants import opens
from autopack.executor.attempt.scratch_copy import ScratchCopy
from autopack.executor.attempt.steps import Steps
from autopack.executor.run_context import RunContext

LOOKS_MAX: Final = 2
"""A builder may ask to see more so often in one attempt; asking once more fails the attempt."""

_SHARE: Final = 2


def ask_builder(ctx: RunContext, phase: PhaseSpec, step: Steps, start: str) -> tuple[Reply, int]:
    """The reply that the attempt goes on with, and the number of the question that it answers."""
    asking, turns = _Asking(ctx, phase, step, start), tuple[Turn, ...]()
    while True:
        question = len(turns) + 1
        reply = ask(ctx, step.key, Role.BUILDER, partial(asking.prompt, turns), question)
        turn = asking.explorer.turn(reply, question, turns) or asking.look(reply, turns)
        if turn is None:
            return reply, question
        turns = (*turns, turn)


@dataclass(frozen=True)
class _Asking:
    """One attempt's questions on the files of the commit ``start``. What the first of them shows is made once."""

    ctx: RunContext
    phase: PhaseSpec
    step: Steps
    start: str

    def prompt(self, turns: tuple[Turn, ...]) -> Prompt:
        """The attempt's first prompt, and what was looked at since. Earlier parts do not change."""
        offered(self.ctx.site, self.ctx.replay, self.phase, self.step, self._context)
        if turns and turns[-1].told:
            self.ctx.log.tell(EventName.LOOKED, self.phase.id, self.step.key.number, asked=list(_asks_to_see(turns[-1].said, self.phase)))
        may_take = ToolName.RUN in known_tools(self.step)
        return self.explorer.prompt(builder_prompt(self.phase, self._context, self.ctx.plan.goal, may_take=may_take), turns)

    @property
    def explorer(self) -> Explorer:
        step, rounds = self.step, self.ctx.settings.explore.max_rounds
        return Explorer(self.ctx, self.phase, step, Role.BUILDER, self.start, known_tools(step), rounds, self._scratch)

    def look(self, reply: Reply, turns: tuple[Turn, ...]) -> Turn | None:
        """What a blocked reply that only wants to see more is shown."""
        asked = _asks_to_see(reply.text, self.phase) if not reply.is_cut and sum(bool(turn.told) for turn in turns) < LOOKS_MAX else ()
        if not asked:
            return None
        room = int(self.ctx.settings.context_tokens(self.phase.complexity) * self.ctx.state.characters_per_token) // _SHARE
        return Turn(said=reply.text, told=look(asked, Looker(self.ctx.site.tree(self.start), self.phase, self.ctx.log.redactor, room)))

    @cached_property
    def _scratch(self) -> ScratchCopy:
        return ScratchCopy(self.ctx.site, self.phase, self.step, self.start)

    @cached_property
    def _context(self) -> PhaseContext:
        ctx, key = self.ctx, self.step.key
        told = taught(ctx, self.phase, self.step).model_copy(update={"saw": seen_before(ctx.state, key)})
        return context_of(ctx.site, self.phase, self.start, key.forced_mode, told)


def _asks_to_see(reply: str, phase: PhaseSpec) -> tuple[str, ...]:
    """The paths, lines and names of a blocked reply that only wants to see more; to ask for what is in the scope already is that, too."""
    try:
        blocked = read_reply(reply).blocked
    except EditRefused:
        return ()
    return blocked.paths if blocked is not None and _is_a_look(blocked, phase) else ()


def _is_a_look(blocked: Blocked, phase: PhaseSpec) -> bool:
    if blocked.kind == "needs_context":
        return True
    scope = Scope(phase.scope.paths, phase.scope.read_only_context)
    return blocked.kind == "needs_scope" and all(opens(scope, path) for path in blocked.paths)
