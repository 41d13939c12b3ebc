"""Has a plan made of a goal: asks the planner, judges its reply, sends it back with what is wrong; every call is journaled and capped."""

import hashlib
import json
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

from autopack.context.instructions import read_instructions
from autopack.core.budget import Caps
from autopack.core.call import Asking, Prompt, Reply, Role
from autopack.core.clock import Clock
from autopack.core.errors import StopRequested
from autopack.core.memory import Collection
from autopack.core.rules import RuleOrigin, RuleState
from autopack.core.words import stems
from autopack.executor.caps import of_configuration
from autopack.executor.lock import run_lock
from autopack.executor.project_state import ProjectState
from autopack.executor.spending import journal_of
from autopack.executor.start.run_inputs import RunInputs, judge_model, run_inputs_of
from autopack.executor.stopping import StopFlag, signals_handled
from autopack.executor.watcher import Watcher
from autopack.llm.calls.options import AskOptions, Notice
from autopack.llm.calls.replay import Replay
from autopack.llm.calls.routing import Asked, Route, chain
from autopack.llm.service import LlmService, Surroundings
from autopack.memory.rule_choice import all_rules
from autopack.memory.rule_file import of_file, read_rules, rules_path
from autopack.planning.new.judge import Bench, Judged, judge_reply
from autopack.planning.new.prompts import PARTS, Material, Part, Refused, kickoff_prompt, planner_prompt, told
from autopack.planning.new.questions import Answers, Question, findings_of, questions_of
from autopack.planning.new.survey import survey
from autopack.planning.project_tests import ProjectTests
from autopack.planning.surroundings import PlanSurroundings
from autopack.store.memory import Wanted, find
from autopack.store.rules import rules_of
from autopack.worktree.base_tree import BaseTree

SENT_BACK_MAX: Final = 3
OUTPUT_TOKENS: Final = 32_000
INSTRUCTION_CHARACTERS: Final = 12_000
REMEMBERED_MAX: Final = 5
RULES_MAX: Final = 20
_ID_DIGITS: Final = 8
_TOLD_EVERY: Final = 4_000


@dataclass(frozen=True)
class PlanOrder:
    """What a person asked for. ``head`` are keys that stand in every plan of this project, its check among them.

    ``given`` are the phases of a ``document`` that a person wrote, as far as it tells them.
    """

    goal: str
    head: dict[str, Any]
    tests: tuple[ProjectTests, ...]
    project: str
    is_kickoff: bool = False
    answers: Answers | None = None
    model: str | None = None
    max_usd: float | None = None
    replay: Path | None = None
    document: str = ""
    given: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class PlanMade:
    """``judged`` is None where ``questions`` are open; ``tries`` counts the planner's replies."""

    id: str
    surroundings: PlanSurroundings
    judged: Judged | None = None
    questions: tuple[Question, ...] = ()
    tries: int = 0


def make_plan(project: ProjectState, order: PlanOrder, clock: Clock, watcher: Watcher) -> PlanMade:
    """What was answered before, by the same goal on the same commit, is not asked again.

    Raises:
        UserError: configuration, keys, a spent cap; another process that makes the same plan.
        StopRequested: Ctrl-C; what was answered is kept.
    """
    inputs = run_inputs_of(project, None, order.replay)
    judge_model(inputs, order.model)
    tree = BaseTree(project.repository.git, project.repository.resolve("HEAD"))
    plan_id = plan_id_of(order, tree.commit)
    stop = StopFlag(lambda: False, watcher)
    with run_lock(project.locks, plan_id), signals_handled(stop):
        stop.arm()
        desk = _Desk(plan_id, project, order, inputs, tree, _service(project, inputs, clock, plan_id), stop, watcher.say)
        try:
            return desk.made()
        finally:
            stop.disarm()
            desk.llm.close()


def _service(project: ProjectState, inputs: RunInputs, clock: Clock, plan_id: str) -> LlmService:
    journal = journal_of(project, inputs.settings, clock)
    journal.enter(plan_id)
    surroundings = Surroundings(clock, random.Random().random, inputs.redactor)  # noqa: S311 - spreads retries
    answers = Replay(inputs.replay) if inputs.replay else None
    return LlmService(journal, inputs.settings.models, inputs.access, surroundings, answers)


def plan_id_of(order: PlanOrder, commit: str) -> str:
    """One id for all that is asked about a goal: what shapes the questions is in it."""
    said = json.dumps([order.goal, commit, order.model, order.is_kickoff, order.document])
    return f"plan-{hashlib.sha256(said.encode('utf-8', 'surrogatepass')).hexdigest()[:_ID_DIGITS]}"


@dataclass(frozen=True)
class _Desk:
    """Where one plan is made. ``is_aborted`` ends calls that run beside each other."""

    id: str
    project: ProjectState
    order: PlanOrder
    inputs: RunInputs
    tree: BaseTree
    llm: LlmService
    stop: StopFlag
    say: Callable[[str], None]
    is_aborted: threading.Event = field(default_factory=threading.Event)

    @cached_property
    def surroundings(self) -> PlanSurroundings:
        tree = self.tree
        return PlanSurroundings(paths=tree.entries.keys(), variables=self.project.environment.keys(), submodules=tree.submodules)

    def made(self) -> PlanMade:
        material = self._material()
        made = PlanMade(self.id, self.surroundings)
        if self.order.is_kickoff:
            replies = self._kick_off(material)
            questions = questions_of(replies["questions"])
            if questions and self.order.answers is None:
                return replace(made, questions=questions)
            heard = tuple((part, told(findings_of(replies[part]))) for part in PARTS if part != "questions")
            material = replace(material, heard=heard)
        answers = self.order.answers.text if self.order.answers is not None else ""
        return self._plan(replace(material, answers=self.inputs.redactor.redact(answers)), made)

    def _plan(self, material: Material, made: PlanMade) -> PlanMade:
        """Asked once, and sent back with everything that is wrong as often as may be."""
        phase = "plan" if not material.answers else f"plan-{hashlib.sha256(material.answers.encode()).hexdigest()[:_ID_DIGITS]}"
        bench = Bench(self.order.project, self.order.head, self.surroundings, self.project.key_variables, self.order.given)
        refused: tuple[Refused, ...] = ()
        for number in range(1, SENT_BACK_MAX + 2):
            reply = self._ask(phase, number, partial(planner_prompt, material, refused))
            judged = judge_reply(reply, bench)
            made = replace(made, judged=judged, tries=number)
            if not judged.faults:
                break
            many = "a fault" if len(judged.sentences) == 1 else f"{len(judged.sentences)} faults"
            self.say(f"the plan has {many}{'; it is sent back' if number <= SENT_BACK_MAX else ''}")
            refused = (Refused(self.inputs.redactor.redact(reply.text), judged.sentences),)
        return made

    def _kick_off(self, material: Material) -> dict[Part, Reply]:
        """The three parts side by side. After the first Ctrl-C those that are asked are waited for, since they are paid for."""
        with ThreadPoolExecutor(len(PARTS)) as pool:
            futures = {part: pool.submit(self._ask, part, 1, partial(kickoff_prompt, material, part)) for part in PARTS}
            try:
                replies = {part: future.result() for part, future in futures.items()}
            except StopRequested:
                self.is_aborted.set()
                raise
        self.stop.check()
        return replies

    def _ask(self, phase: str, question: int, render: Callable[[], Prompt]) -> Reply:
        if threading.current_thread() is threading.main_thread():
            self.stop.check()
        self.say(f"asking the planner: {phase}{f', try {question}' if question > 1 else ''}")
        options = AskOptions(
            chain=self._routes(),
            caps=self._caps(),
            max_output=OUTPUT_TOKENS,
            on_progress=self._progress(phase),
            on_notice=lambda notice: self.say(_told(notice)),
            on_reply=lambda reply: self.say(f"{phase}: answered by {reply.answering_model}, {_usd(reply)}"),
        )
        return self.llm.ask(Asking(run=self.id, phase=phase, attempt=1, role=Role.PLANNER), question, render, options)

    def _routes(self) -> tuple[Route, ...]:
        if self.inputs.replay is not None:
            return ()
        return chain(self.inputs.settings.models, self.inputs.keys, Asked(Role.PLANNER, "high"), self.order.model)

    def _caps(self) -> Caps:
        option, configured = self.order.max_usd, self.inputs.settings.max_usd
        caps, others = [cap for cap in (option, configured) if cap is not None], of_configuration(self.inputs.settings)
        if not caps:
            return Caps(**others)
        return Caps(run_usd=Decimal(str(min(caps))), run_usd_by="option" if min(caps) == option else "configuration", **others)

    def _progress(self, phase: str) -> Callable[[int], None]:
        heard = 0

        def progress(characters: int) -> None:
            nonlocal heard
            if self.is_aborted.is_set():
                raise StopRequested
            if characters >= heard + _TOLD_EVERY:
                heard = characters
                self.say(f"{phase}: {characters:,} characters so far")

        return progress

    def _material(self) -> Material:
        redact = self.inputs.redactor.redact
        found = survey(self.tree, self.order.tests, self.order.goal, redact)
        instructions = read_instructions(self.tree, None, self.inputs.redactor, INSTRUCTION_CHARACTERS)
        draft = redact(json.dumps(self.order.given, ensure_ascii=False, indent=1)) if self.order.given else ""
        goal, document = redact(self.order.goal), redact(self.order.document)
        return Material(goal, found, instructions, self._rules(), self._remembered(), document=document, draft=draft)

    def _rules(self) -> tuple[tuple[str, str], ...]:
        """What holds for every builder of this project: a person's first, then what more runs have learned."""
        redact, project = self.inputs.redactor.redact, self.order.project
        written = of_file(read_rules(rules_path(self.project.repository.top)), project)
        is_on = self.inputs.settings.memory.enable_memory
        learned = (rule for rule in rules_of(self.project.database, project) if is_on or rule.origin is RuleOrigin.PERSON)
        held = [rule for rule in all_rules(learned, written) if rule.state is RuleState.RULE]
        best = sorted(held, key=lambda rule: (rule.is_learned, -len(rule.runs), rule.name))[:RULES_MAX]
        return tuple(
            (rule.came_from, redact(f"{rule.text}\nOnly in: {', '.join(rule.paths)}" if rule.paths else rule.text)) for rule in best
        )

    def _remembered(self) -> tuple[tuple[str, str], ...]:
        """What earlier plans of this project asked for, the likest first."""
        if not self.inputs.settings.memory.enable_memory:
            return ()
        words = tuple(dict.fromkeys(stems(self.order.goal)))
        found = find(self.project.database, Wanted(self.order.project, Collection.PLANNING, words, REMEMBERED_MAX))
        return tuple((row.source, self.inputs.redactor.redact(row.text)) for row in found.rows)


def _told(notice: Notice) -> str:
    return f"{notice.event.value.replace('_', ' ')}: {notice.data.get('message') or notice.data.get('because') or notice.data}"


def _usd(reply: Reply) -> str:
    price = f", ${reply.usd:.4f}" if reply.usd is not None else ""
    return f"{reply.usage.output_tokens:,} tokens{price}"
