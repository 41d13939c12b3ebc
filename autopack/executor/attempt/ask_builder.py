"""Asks the builder. A builder that wants to see more is shown it at once, before anything counts as a failure."""

from collections.abc import Callable
from typing import Final

from autopack.context.builder_prompt import builder_prompt
from autopack.context.gather import CHARACTERS_PER_TOKEN
from autopack.context.look import Looker, look
from autopack.core.call import Prompt, PromptBlock, Reply, Role
from autopack.core.events import EventName
from autopack.core.plan import PhaseSpec
from autopack.core.scope import Scope
from autopack.edits import Blocked, EditRefused, read_reply
from autopack.executor.attempt.ask import ask
from autopack.executor.attempt.fixed_base import start_commit
from autopack.executor.attempt.phase_context import context_of
from autopack.executor.attempt.remembering import reminders
from autopack.executor.attempt.scope_grants import opens
from autopack.executor.attempt.steps import Steps
from autopack.executor.run_context import RunContext

LOOKS_MAX: Final = 2
"""A builder may ask to see more so often in one attempt; asking once more fails the attempt."""

_SHARE: Final = 2


def ask_builder(ctx: RunContext, phase: PhaseSpec, step: Steps) -> tuple[Reply, int]:
    """The reply that the attempt goes on with, and the number of the question that it answers."""
    looks: tuple[tuple[str, ...], ...] = ()
    while True:
        question = len(looks) + 1
        reply = ask(ctx, step.key, Role.BUILDER, _prompt(ctx, phase, step, looks), question)
        asked = _asks_to_see(reply, phase) if question <= LOOKS_MAX else ()
        if not asked:
            return reply, question
        looks = (*looks, asked)


def _prompt(ctx: RunContext, phase: PhaseSpec, step: Steps, looks: tuple[tuple[str, ...], ...]) -> Callable[[], Prompt]:
    """The attempt's first prompt, and a block for each look that was asked for since. Earlier blocks do not change."""

    def prompt() -> Prompt:
        start = start_commit(ctx, phase.id, step.key.parent)
        context = context_of(ctx, phase, start, step.key.forced_mode, reminders(ctx, phase, step))
        first = builder_prompt(phase, context, ctx.plan.goal)
        room = ctx.settings.context_tokens(phase.complexity) * CHARACTERS_PER_TOKEN // _SHARE
        looker = Looker(ctx.tree(start), phase, ctx.redactor, room)
        if looks:
            ctx.tell(EventName.LOOKED, phase, step.key.number, asked=list(looks[-1]))
        shown = tuple(PromptBlock(text=look(asked, looker)) for asked in looks)
        return first.model_copy(update={"blocks": (*first.blocks, *shown)})

    return prompt


def _asks_to_see(reply: Reply, phase: PhaseSpec) -> tuple[str, ...]:
    """The paths, lines and names of a blocked reply that only wants to see more; to ask for what is in the scope already is that, too."""
    try:
        blocked = read_reply(reply.text, cut=reply.is_cut).blocked
    except EditRefused:
        return ()
    return blocked.paths if blocked is not None and _is_a_look(blocked, phase) else ()


def _is_a_look(blocked: Blocked, phase: PhaseSpec) -> bool:
    if blocked.kind == "needs_context":
        return True
    scope = Scope(phase.scope.paths, phase.scope.read_only_context)
    return blocked.kind == "needs_scope" and all(opens(scope, path) for path in blocked.paths)
