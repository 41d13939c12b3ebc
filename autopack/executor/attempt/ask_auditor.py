"""Asks the auditor for a verdict. It may look at the change's own commit for itself where the builder could at the one before."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

from autopack.core.call import Prompt, Role, StopReason, Turn
from autopack.core.candidate import Candidate
from autopack.core.errors import AttemptFailed
from autopack.core.events import EventName
from autopack.core.exploring import READING
from autopack.core.plan import PhaseSpec
from autopack.core.reviewing import Verdict
from autopack.core.routing_settings import policy_of
from autopack.executor.attempt.ask import Whom, ask_one_of, auditors, second_auditors
from autopack.executor.attempt.error_reports import of_reply, write_files
from autopack.executor.attempt.exploring import Explorer, known_tools
from autopack.executor.attempt.steps import Steps
from autopack.executor.run_context import RunContext
from autopack.review.dual_audit import ALONE, alone, both
from autopack.review.verdict import read_verdict

UNREADABLE_MAX: Final = 2
"""An auditor whose reply cannot be read is asked once more, so that the builder's work is not lost."""

_SHRINKING: Final = 4
"""A diff that was too long for the auditor's model is shown in a quarter of the room the second time."""


class _Said(NamedTuple):
    """A verdict, who gave it (``provider/model``), and to which question."""

    verdict: Verdict
    model: str
    question: int


def ask_auditor(ctx: RunContext, phase: PhaseSpec, step: Steps, candidate: Candidate, prompt: Callable[[int], Prompt]) -> Verdict:
    """``prompt`` gives the first prompt in so many tokens. Where the category asks for two auditors it is what both say.

    Raises:
        AttemptFailed: no reply can be read.
    """
    tools = READING if known_tools(step) else ()
    explorer = Explorer(ctx, phase, step, Role.AUDITOR, candidate.commit, tools, ctx.settings.explore.auditor_rounds)
    audit = _Audit(ctx, phase, explorer, prompt)
    return _with_second(audit, audit.ask(Whom(Role.AUDITOR, auditors(ctx.state, ctx.models, phase, step.key)), 1))


@dataclass(frozen=True)
class _Audit:
    """A candidate that is audited."""

    ctx: RunContext
    phase: PhaseSpec
    explorer: Explorer
    prompt: Callable[[int], Prompt]

    def ask(self, whom: Whom, first: int) -> _Said:
        """``first`` is the number of the auditor's first question."""
        key, turns, unreadable, tokens = self.explorer.step.key, tuple[Turn, ...](), 0, self.ctx.settings.context.max_tokens
        while True:
            question = first + len(turns) + unreadable
            reply = ask_one_of(self.ctx, key, whom, partial(self._prompt, tokens, turns), question)
            turn = self.explorer.turn(reply, question, turns)
            if turn is not None:
                turns = (*turns, turn)
                continue
            try:
                return _Said(read_verdict(reply, self.phase), f"{reply.provider}/{reply.requested_model}", question)
            except AttemptFailed as failed:
                unreadable += 1
                if unreadable == UNREADABLE_MAX:
                    raise
                error = of_reply(self.ctx.state, self.ctx.log, key.asking(Role.AUDITOR), failed, failed.kind)
                self.ctx.log.tell(EventName.AUDIT_UNREADABLE, self.phase.id, key.number, error=error, message=failed.message)
                write_files(self.ctx.state)
                tokens = tokens // _SHRINKING if reply.stop is StopReason.CONTEXT_EXCEEDED else tokens

    def _prompt(self, tokens: int, turns: tuple[Turn, ...]) -> Prompt:
        return self.explorer.prompt(self.prompt(tokens), turns)


def _with_second(audit: _Audit, first: _Said) -> Verdict:
    """The verdict, with that of a second auditor where the category's policy asks for two."""
    ctx, phase, attempt = audit.ctx, audit.phase, audit.explorer.step.key.number
    policy = policy_of(ctx.settings.models.llm_routing_policies, phase.task_category)
    if policy is None or not policy.dual_audit:
        return first.verdict
    question = first.question + 1
    others = second_auditors(ctx.state, ctx.models, phase, first.model)
    is_recorded = ctx.replay is not None and ctx.replay.call(phase.id, attempt, Role.AUDITOR, question) is not None
    if not others and not is_recorded:
        ctx.log.tell(EventName.NOTE, phase.id, attempt, message=ALONE)
        return alone(first.model, first.verdict)
    second = audit.ask(Whom(Role.AUDITOR, others), question)
    return both((first.model, first.verdict), (second.model, second.verdict))
