"""What an attempt teaches, as entries of the memory: written when it fails and when its phase lands. Pure; texts come redacted."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from autopack.core.context import Feedback
from autopack.core.failure import RULES, FailureKind
from autopack.core.memory import Collection, Entry
from autopack.core.plan import Plan

TEXT_CHARACTERS: Final = 2_000
"""Of one entry: what it adds to a prompt at most."""

_CUE_CHARACTERS: Final = 4_000
_TASK_CHARACTERS: Final = 300
_FAILURE_CHARACTERS: Final = 400


@dataclass(frozen=True)
class Origin:
    """Which phase of which run teaches it, and its task as it is found again."""

    project: str
    run: str
    phase: str
    task: str

    @property
    def asked(self) -> str:
        """The head of the task."""
        first = self.task.strip().partition("\n")[0]
        return first if len(first) <= _TASK_CHARACTERS else f"{first[:_TASK_CHARACTERS]}…"


def of_failure(origin: Origin, attempt: int, kind: FailureKind, words: str) -> tuple[Entry, ...]:
    """An attempt that failed, not solved yet; ``words`` are its message and evidence."""
    text = f"{_told(origin, kind, words)}\nIt is not solved yet.\n"
    return (_failure(origin, attempt, words, text, is_solved=False),)


def of_landing(origin: Origin, lessons: tuple[Feedback, ...], diff: str) -> tuple[Entry, ...]:
    """A phase that landed, the failures that it solved and the hints that led there; ``diff`` is what landed."""
    return tuple(_of_landing(origin, lessons, diff))


def of_plan(plan: Plan, run: str) -> tuple[Entry, ...]:
    """What a run was asked for."""
    phases = "".join(f"- {phase.id}: {phase.description.strip().partition(chr(10))[0]}\n" for phase in plan.phases)
    text = _head(f"{plan.goal.strip()}\n{phases}", TEXT_CHARACTERS)
    return (Entry(project=plan.project, collection=Collection.PLANNING, source=run, cue=plan.goal, text=text, run=run),)


def failure_words(message: str, evidence: str) -> str:
    return _ends(f"{message.strip()}\n{evidence.strip()}", _CUE_CHARACTERS)


def _of_landing(origin: Origin, lessons: tuple[Feedback, ...], diff: str) -> Iterator[Entry]:
    failed = [lesson for lesson in lessons if lesson.kind is not FailureKind.HINT]
    before = "".join(
        f"An attempt failed before: {RULES[one.kind].label}: {_ends(one.message, _FAILURE_CHARACTERS)}\n" for one in failed[-2:]
    )
    summary = f"Task: {origin.asked}\n{before}"
    yield Entry(**_place(origin, Collection.RUN_SUMMARIES), cue=origin.task, text=_with_diff(summary, diff))
    for lesson in failed:
        words = failure_words(lesson.message, lesson.evidence)
        yield _failure(origin, lesson.attempt, words, _with_diff(_told(origin, lesson.kind, words), diff), is_solved=True)
    hints = [lesson for lesson in lessons if lesson.kind is FailureKind.HINT]
    for number, hint in enumerate(hints, 1):
        text = _with_diff(f"Task: {origin.asked}\nA person's hint: {_ends(hint.message, _FAILURE_CHARACTERS)}\n", diff)
        yield Entry(**_place(origin, Collection.DOCTOR_HINTS, f"/hint-{number}"), cue=f"{origin.task}\n{hint.message}", text=text)


def _failure(origin: Origin, attempt: int, words: str, text: str, *, is_solved: bool) -> Entry:
    return Entry(**_place(origin, Collection.ERRORS_CI, f"/{attempt}"), cue=words, text=_head(text, TEXT_CHARACTERS), is_solved=is_solved)


def _place(origin: Origin, collection: Collection, ending: str = "") -> dict[str, str]:
    source = f"{origin.run}/{origin.phase}{ending}"
    return {"project": origin.project, "collection": collection, "source": source, "run": origin.run, "phase": origin.phase}


def _told(origin: Origin, kind: FailureKind, words: str) -> str:
    return f"Task: {origin.asked}\nFailure: {RULES[kind].label}: {_ends(words, 2 * _FAILURE_CHARACTERS)}"


def _with_diff(text: str, diff: str) -> str:
    return _head(f"{text.rstrip()}\nWhat landed then:\n{diff}", TEXT_CHARACTERS)


def _head(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"{text[:characters].rpartition(chr(10))[0]}\n[…]\n"


def _ends(text: str, characters: int) -> str:
    half = characters // 2
    return text if len(text) <= characters else f"{text[:half]} […] {text[-half:]}"
