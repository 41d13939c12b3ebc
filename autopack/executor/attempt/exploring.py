"""Lets a role look for itself: answers the calls of its replies, each round once, as long as it has rounds and room left."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from autopack.context.folded_turns import in_short, size_of
from autopack.context.reading import Looker
from autopack.context.tool_answers import answer
from autopack.context.tools import CallUnreadable, RunSaid, read_call, specs_of
from autopack.core.call import Prompt, Reply, Role, ToolCall, Turn
from autopack.core.context import AttemptSaw, PhaseContext
from autopack.core.exploring import READING, Offered, Round, ToolAnswer, ToolName
from autopack.core.folding import KEPT_ROUNDS, rounds_to_fold
from autopack.core.plan import PhaseSpec
from autopack.core.settings import Settings
from autopack.core.step_names import EXPLORES, StepName, all_laps
from autopack.executor.attempt.ask import routes
from autopack.executor.attempt.scratch_copy import ScratchCopy
from autopack.executor.attempt.steps import Recording, Steps
from autopack.executor.run_context import RunContext, State, WorkSite
from autopack.llm.calls.journal_file import ReplayJournal
from autopack.llm.calls.pricing import prompt_rates
from autopack.store.attempts import AttemptKey
from autopack.store.phase_changes import PhaseChange
from autopack.worktree.grep import grep

CALLS_MAX: Final = 20
"""More calls of one reply are not answered."""

_SMALL_CHARACTERS: Final = 16_000
_LEAST_CHARACTERS: Final = 500
_TOLD_CHARACTERS: Final = 1_000
_NO_TIME: Final = ToolAnswer(text="The time of this round is used up; call it again by itself.", told="no time left")
_TOO_MANY: Final = f"\n[Only the first {CALLS_MAX} calls of one reply are answered.]\n"


class Looked(PhaseChange):
    """What the log says of a round."""

    message: str


@dataclass(frozen=True)
class Explorer:
    """A role in one attempt, looking at ``commit`` with its tools, at most ``rounds`` times; ``scratch`` is where its commands run."""

    ctx: RunContext
    phase: PhaseSpec
    step: Steps
    role: Role
    commit: str
    tools: tuple[ToolName, ...]
    rounds: int
    scratch: ScratchCopy | None = None

    def prompt(self, first: Prompt, turns: tuple[Turn, ...]) -> Prompt:
        """The first prompt with the tools and the turns so far, folded as it is recorded; where all is spent the tools are closed."""
        return first.model_copy(
            update={
                "tools": specs_of(self.tools, self.ctx.settings.explore.characters),
                "turns": self._in_short(turns),
                "must_answer": bool(self.tools) and self._is_spent(turns),
            }
        )

    def turn(self, reply: Reply, question: int, turns: tuple[Turn, ...]) -> Turn | None:
        """What the calls of that question's reply brought, recorded before it is told. None: it calls nothing, or may call no more."""
        if not reply.calls or reply.is_cut or self._is_spent(turns):
            return None
        name, calls = EXPLORES[self.role].on_lap(question), reply.calls[:CALLS_MAX]
        done = self.step(name, Round, partial(self._round, question, calls, turns), _recorded)
        results = [one.text for one in done.answers]
        results[-1] += _TOO_MANY if len(reply.calls) > CALLS_MAX else ""
        return Turn(said=reply.text, calls=calls, results=tuple(results))

    def _is_spent(self, turns: Sequence[Turn]) -> bool:
        settings = self.ctx.settings
        room = max(settings.context.max_tokens - settings.context_tokens(self.phase.complexity), settings.context.max_tokens // 2)
        characters = sum(len(text) for turn in turns for text in turn.texts)
        return sum(bool(turn.calls) for turn in turns) >= self.rounds or characters >= room * self.ctx.state.characters_per_token

    def _round(self, question: int, calls: Sequence[ToolCall], turns: tuple[Turn, ...]) -> Round:
        """As a replayed journal has it, where it has it."""
        replay = self.ctx.replay
        played = replay.explored(self.phase.id, self.step.key.number, self.role) if replay else None
        if played is not None and len(played.rounds.get(question, Round()).answers) == len(calls):
            return played.rounds[question]
        redact = self.ctx.log.redactor.redact  # events and screens quote what people are told
        answers = tuple(one.model_copy(update={"told": redact(one.told)}) for one in self._answers(calls))
        done = Turn(calls=tuple(calls), results=tuple(one.text for one in answers))
        return Round(answers=answers, changed=self.scratch.take_changed() if self.scratch else (), folded=self._folded((*turns, done)))

    def _folded(self, turns: tuple[Turn, ...]) -> int:
        """How many of the first turns are folded from the next question on; a price that is not known folds nothing."""
        before, left = self._folded_before(turns[:-1]), self.rounds - sum(bool(turn.calls) for turn in turns)
        chain = (
            routes(self.ctx.state, self.ctx.models, self.phase, self.role) if len(turns) > KEPT_ROUNDS and self.role is Role.BUILDER else ()
        )
        rates = prompt_rates(chain[0]) if chain else None
        return rounds_to_fold([size_of(turn) for turn in turns], before, left, rates) if rates else before

    def _folded_before(self, turns: tuple[Turn, ...]) -> int:
        """As the last round recorded it; of the builder, each of whose turns answers the question of its number."""
        last = max((number for number, turn in enumerate(turns, 1) if turn.calls), default=0)
        recorded = self.step.recorded(EXPLORES[self.role].on_lap(last), Round) if last and self.role is Role.BUILDER else None
        return recorded.folded if recorded else 0

    def _in_short(self, turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
        count = self._folded_before(turns)
        return (*map(in_short, turns[:count]), *turns[count:])

    def _answers(self, calls: Sequence[ToolCall]) -> Iterator[ToolAnswer]:
        """In order; what one leaves of the round's characters is the next ones'."""
        ctx, limits = self.ctx, self.ctx.settings.explore
        until, left = ctx.log.clock.monotonic() + limits.seconds, limits.characters
        for index, call in enumerate(calls):
            self.step.stop.check()
            if ctx.log.clock.monotonic() >= until:
                yield _NO_TIME
            else:
                found = self._answer(call, max(_LEAST_CHARACTERS, left // (len(calls) - index)), until - ctx.log.clock.monotonic())
                left -= len(found.text)
                yield found

    def _answer(self, call: ToolCall, characters: int, seconds: float) -> ToolAnswer:
        if call.name != ToolName.RUN or ToolName.RUN not in self.tools:
            return answer(call, self._looker(characters))
        if self.scratch is None or self.ctx.site.slot.sandbox.program is None:
            return ToolAnswer(text="There is no sandbox here any more: nothing can be run.", told="run: no sandbox")
        try:
            return self.scratch.run(read_call(call, RunSaid).command, seconds, characters)
        except CallUnreadable as error:
            return ToolAnswer(text=str(error), told=f"run: {error}")

    def _looker(self, characters: int) -> Looker:
        site = self.ctx.site
        return Looker(site.tree(self.commit), self.phase, site.log.redactor, characters, partial(grep, site.repository, self.commit))


def offered(site: WorkSite, replay: ReplayJournal | None, phase: PhaseSpec, step: Steps, context: PhaseContext) -> tuple[ToolName, ...]:
    """The tools of the attempt's builder, chosen once. A replay offers what was offered then."""
    known = known_tools(step)
    if known:
        return known
    has_sandbox = site.slot.sandbox.program is not None
    tools = _replayed(replay, phase, step) if replay is not None else chosen_tools(site.settings, phase, context, has_sandbox=has_sandbox)
    return step.pin(StepName.OFFER, Offered, lambda: Offered(tools=tools)).tools if tools else ()


def chosen_tools(settings: Settings, phase: PhaseSpec, context: PhaseContext, *, has_sandbox: bool) -> tuple[ToolName, ...]:
    """The tools that a builder is offered who is shown this; commands run in a sandbox or not at all."""
    limits = settings.explore
    mode = limits.mode if phase.explore == "auto" else phase.explore
    if mode == "off" or not limits.max_rounds or (mode == "auto" and _is_all_shown(context)):
        return ()
    return (*READING, ToolName.RUN) if has_sandbox else READING


def known_tools(step: Steps) -> tuple[ToolName, ...]:
    """What the attempt's builder was offered, once that is chosen."""
    recorded = step.recorded(StepName.OFFER, Offered)
    return recorded.tools if recorded else ()


def seen_before(state: State, key: AttemptKey) -> tuple[AttemptSaw, ...]:
    """What the builders of the phase's earlier attempts read."""
    found = []
    for number in range(1, key.number):
        steps = state.phases.step_results(AttemptKey(key.run, key.phase, number, key.parent))
        rounds = map(Round.model_validate_json, all_laps(steps, StepName.EXPLORE))
        seen = tuple(one for done in rounds for given in done.answers for one in given.seen)
        found += [AttemptSaw(attempt=number, seen=seen)] if seen else []
    return tuple(found)


def _replayed(replay: ReplayJournal, phase: PhaseSpec, step: Steps) -> tuple[ToolName, ...]:
    played = replay.explored(phase.id, step.key.number, Role.BUILDER)
    return played.tools if played else ()


def _is_all_shown(context: PhaseContext) -> bool:
    """Whether all of a small scope is shown: then there is little to look for, and tools cost what they are described with."""
    characters = sum(len(text) for file in context.editable for _, text in file.stretches)
    return context.is_small and characters <= _SMALL_CHARACTERS


def _recorded(done: Round) -> Recording:
    return Recording(change=Looked(message="; ".join(one.told for one in done.answers)[:_TOLD_CHARACTERS]))
