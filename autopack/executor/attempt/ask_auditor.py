"""Asks the auditor for a verdict. It may look at the change's own commit for itself where the builder could at the one before."""

from collections.abc import Callable
from functools import partial
from typing import Final

from autopack.core.call import Prompt, Role, StopReason, Turn
from autopack.core.candidate import Candidate
from autopack.core.errors import AttemptFailed
from autopack.core.events import EventName
from autopack.core.exploring import READING
from autopack.core.plan import PhaseSpec
from autopack.core.reviewing import Verdict
from autopack.executor.attempt.ask import ask
from autopack.executor.attempt.error_reports import of_reply, write_files
from autopack.executor.attempt.exploring import Explorer, known_tools
from autopack.executor.attempt.steps import Steps
from autopack.executor.run_context import RunContext
from autopack.review.verdict import read_verdict

UNREADABLE_MAX: Final = 2
"""An auditor whose reply cannot be read is asked once more, so that the builder's work is not lost."""

_SHRINKING: Final = 4
"""A diff that was too long for the auditor's model is shown in a quarter of the room the second time."""


def ask_auditor(ctx: RunContext, phase: PhaseSpec, step: Steps, candidate: Candidate, prompt: Callable[[int], Prompt]) -> Verdict:
    """``prompt`` gives the first prompt in so many tokens. Raises AttemptFailed where no reply can be read."""
    tools = READING if known_tools(step) else ()
    explorer = Explorer(ctx, phase, step, Role.AUDITOR, candidate.commit, tools, ctx.settings.explore.auditor_rounds)
    turns, unreadable, tokens = tuple[Turn, ...](), 0, ctx.settings.context.max_tokens
    while True:
        question = len(turns) + unreadable + 1
        reply = ask(ctx, step.key, Role.AUDITOR, partial(_prompt, explorer, prompt, tokens, turns), question)
        turn = explorer.turn(reply, question, turns)
        if turn is not None:
            turns = (*turns, turn)
            continue
        try:
            return read_verdict(reply, phase)
        except AttemptFailed as failed:
            unreadable += 1
            if unreadable == UNREADABLE_MAX:
                raise
            error = of_reply(ctx, step.key, failed, failed.kind, Role.AUDITOR)
            ctx.tell(EventName.AUDIT_UNREADABLE, phase, step.key.number, error=error, message=failed.message)
            write_files(ctx)
            tokens = tokens // _SHRINKING if reply.stop is StopReason.CONTEXT_EXCEEDED else tokens


def _prompt(explorer: Explorer, prompt: Callable[[int], Prompt], tokens: int, turns: tuple[Turn, ...]) -> Prompt:
    return explorer.prompt(prompt(tokens), turns)
