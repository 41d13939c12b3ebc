"""What the builder is asked: rules, then the project, then the phase with its files, then each failed attempt in order.

Nothing that an earlier attempt was shown moves or changes, so the next attempt's prompt starts with the last one's.
"""

from collections.abc import Iterable
from typing import Final

from autopack.context.answer_forms import actions_of, explained, forms_of
from autopack.context.file_text import excerpt_text, file_text
from autopack.context.frame import Framed, in_frames
from autopack.context.reply_schema import REPLY_NAME, builder_schema
from autopack.core.call import Prompt, PromptBlock
from autopack.core.context import Feedback, LandedPhase, PhaseContext, Reminder, Ruled
from autopack.core.failure import FAULTS, RULES, FailureKind
from autopack.core.plan import Command, PhaseSpec
from autopack.core.rules import ShownRule
from autopack.core.scope import Scope
from autopack.core.visible import hanging, one_name, quoted
from autopack.llm.prompts import render

_MATERIAL: Final = "[material]\n"
_EVIDENCE_CHARACTERS: Final = 16_000
_ANSWER_CHARACTERS: Final = 12_000
_LANDED_NAMED: Final = 12
_FAR_NAMED: Final = 3
_OF_A_PERSON: Final = frozenset({FailureKind.HINT, FailureKind.REVIEW_REJECTED})
"""Whose message is a word to the builder, not material."""
_ADVICE: Final = frozenset({FailureKind.REPLANNED, FailureKind.ADVISED})
"""What other models say beside the failures, each under a lead of its own."""


def builder_prompt(phase: PhaseSpec, context: PhaseContext, goal: str, *, may_take: bool = False) -> Prompt:
    """``system`` is the same for every phase of every run; the first two blocks are the same for every attempt in one mode.

    The reply may hold the actions that are explained; ``may_take``: the builder has a scratch copy, whose files it may take.
    """
    forms = forms_of(phase, context)
    blocks = [
        PromptBlock(text=project_text(goal, context.instructions), is_stable=bool(context.instructions)),
        PromptBlock(text=_phase_text(phase, context, forms), is_stable=True),
        *(PromptBlock(text=text) for text in _in_turn(context)),
    ]
    schema = builder_schema((*actions_of(forms), *(("take",) if may_take else ())))
    return Prompt(system=render("builder_system"), blocks=tuple(blocks), reply_name=REPLY_NAME, reply_schema=schema)


def project_text(goal: str, instructions: tuple[tuple[str, str], ...]) -> str:
    """The goal and the project's own instructions, as builder and auditor both read them."""
    told = [Framed("instructions", text, f"path={quoted(path)}") for path, text in instructions]
    return in_frames([f"Goal of the plan: {hanging(goal)}\n", *told])


def task_text(phase: PhaseSpec) -> str:
    """What the phase is to do, and the numbered criteria."""
    criteria = "".join(f"{number}. {hanging(criterion)}\n" for number, criterion in enumerate(phase.acceptance_criteria, 1))
    return f"Phase {phase.id}: {hanging(phase.description)}\n" + (f"Acceptance criteria:\n{criteria}" if criteria else "")


def names_text(names: Iterable[str]) -> str:
    return ", ".join(map(one_name, names))


def command_text(command: Command) -> str:
    import shlex

    return command if isinstance(command, str) else shlex.join(command)


def bounded(text: str, characters: int) -> str:
    """Head and tail of what is too long: causes stand at both ends."""
    if len(text) <= characters:
        return text
    half = characters // 2
    return f"{text[:half]}\n[… {len(text) - 2 * half:,} characters left out …]\n{text[-half:]}"


def _phase_text(phase: PhaseSpec, context: PhaseContext, forms: tuple[str, ...]) -> str:
    tree = "Files of the repository:\n" + "\n".join(context.tree) + "\n" if context.tree else ""
    said = f"{_unshown(context)}{tree}{_landed(phase, context)}{task_text(phase)}{_limits(phase, context)}"
    return in_frames([explained(forms), *map(file_text, context.files), said])


def _landed(phase: PhaseSpec, context: PhaseContext) -> str:
    """What earlier phases of this run did: nothing of it need be done twice, and their tests may have to follow.

    Of those that it does not build on, and that changed nothing that it is shown or may change, only the files are told.
    """
    near = [landed for landed in context.landed if _is_near(landed, phase, context)]
    far = [f"{landed.id} ({_some(landed.paths, _FAR_NAMED)})" for landed in context.landed if landed not in near]
    rows = [f"- {landed.id}: {hanging(landed.asked)} ({_some(landed.paths, _LANDED_NAMED)})\n" for landed in near]
    rows += [f"- elsewhere: {', '.join(far)}\n"] if far else []
    return f"Done by earlier phases, whose tests may follow this task where it says so:\n{''.join(rows)}" if rows else ""


def _is_near(landed: LandedPhase, phase: PhaseSpec, context: PhaseContext) -> bool:
    shown, scope = {file.path for file in context.files}, Scope(phase.scope.paths)
    return landed.id in phase.depends_on or any(path in shown or scope.allows(path) for path in landed.paths)


def _some(paths: tuple[str, ...], most: int) -> str:
    return names_text(paths[:most]) + (f" and {len(paths) - most} more" if len(paths) > most else "")


def _unshown(context: PhaseContext) -> str:
    if not context.unshown:
        return ""
    more = f" and {context.unshown_more:,} more" if context.unshown_more else ""
    return f"In the scope, but not shown for want of room (do not edit them unseen): {names_text(context.unshown)}{more}\n"


def _limits(phase: PhaseSpec, context: PhaseContext) -> str:
    said = [f"You may change only: {names_text(phase.scope.paths)}"]
    if context.new_paths:
        said.append(f"Of these, not there yet: {names_text(context.new_paths)}")
    if phase.scope.may_add:
        said.append(f"Granted when asked for by needs_scope: {names_text(phase.scope.may_add)}")
    if phase.ci.steps:
        said.append(f"Then this is run: {hanging('; '.join(command_text(step.command) for step in phase.ci.steps))}")
    if phase.ci.expect == "red":
        said.append("This phase only adds tests: they must load, and fail for want of what later phases build.")
    return "\n".join(said) + "\n"


def _feedback_text(lesson: Feedback, context: PhaseContext) -> str:
    if lesson.kind in _ADVICE:
        head = render("builder_advice", {"attempt": str(lesson.attempt), "lead": RULES[lesson.kind].lead})
        return in_frames([head, Framed("advice", lesson.message)])
    same = next((other.attempt for other in context.feedback if other.attempt < lesson.attempt and _is_same(other, lesson)), None)
    again = f"That is what attempt {same} failed with already: go about it in another way.\n" if same else ""
    evidence = bounded(lesson.evidence.strip("\n"), _EVIDENCE_CHARACTERS) if lesson.evidence.strip() and not same else ""
    excerpts = [excerpt_text(excerpt) for excerpt in context.excerpts if excerpt.attempt == lesson.attempt and not excerpt.is_read]
    by_person = lesson.kind in _OF_A_PERSON
    word = f" {hanging(lesson.message)}" if by_person and lesson.message.strip() else ""
    word += f" {FAULTS[lesson.fault]}" if lesson.fault else ""
    found = "\n".join(filter(str.strip, (evidence,) if by_person else (lesson.message, evidence)))
    material = [Framed("answer", bounded(lesson.answer, _ANSWER_CHARACTERS))] if lesson.answer else []
    material += [Framed("failure", found)] if found else []
    head, tail = render("builder_feedback", {"attempt": str(lesson.attempt), "lead": RULES[lesson.kind].lead + word}).split(_MATERIAL)
    return in_frames([head, again, *material, *excerpts, tail])


def _is_same(one: Feedback, other: Feedback) -> bool:
    return (one.kind, one.message, one.evidence) == (other.kind, other.message, other.evidence)


def _in_turn(context: PhaseContext) -> list[str]:
    """Attempt by attempt: its rules, what it was reminded of, what it looked at, then what it taught: all of it stays where it stood."""
    turns = [(ruled.attempt - 0.6, text) for ruled in context.ruled if (text := _ruled_text(ruled))]
    turns += [(reminder.attempt - 0.5, _recalled_text(reminder)) for reminder in context.recalled if reminder.found]
    turns += [(attempt - 0.25, _read_text(attempt, context)) for attempt in {one.attempt for one in context.excerpts if one.is_read}]
    turns += [(lesson.attempt, _feedback_text(lesson, context)) for lesson in context.feedback]
    return [text for _, text in sorted(turns, key=lambda turn: turn[0])]


def _read_text(attempt: int, context: PhaseContext) -> str:
    read = [excerpt_text(excerpt) for excerpt in context.excerpts if excerpt.attempt == attempt and excerpt.is_read]
    return in_frames([render("builder_read", {"attempt": str(attempt)}), *read])


def _ruled_text(ruled: Ruled) -> str:
    gone = f"No longer a rule: {names_text(ruled.ruling.withdrawn)}.\n" if ruled.ruling.withdrawn else ""
    if not ruled.ruling.rules:
        return gone
    return in_frames([gone, render("builder_rules"), *map(_rule_text, ruled.ruling.rules)])


def _rule_text(rule: ShownRule) -> Framed:
    by = "a person" if rule.is_a_persons else "a run"
    body = f"Failure: {rule.failure}\nResolved by: {rule.text}" if rule.failure else rule.text
    return Framed("rule", body, f"id={rule.name} by={quoted(by)} from={quoted(rule.came_from)}")


def _recalled_text(reminder: Reminder) -> str:
    framed = (
        Framed("memory", one.text, f"from={quoted(f'{one.collection} {one.source}')} alike={one.score:.2f}") for one in reminder.found
    )
    return in_frames([render("builder_recall"), *framed])
