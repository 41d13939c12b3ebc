"""What earlier runs of a project teach an attempt: tasks that are like its own, and on a retry solved failures that are like the last."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from autopack.core.memory import Collection, Recalled, Recollection
from autopack.core.settings import MemorySettings
from autopack.core.words import stems
from autopack.memory.likeness import likeness
from autopack.memory.maintenance import oldest_kept
from autopack.store.database import Database
from autopack.store.memory import Wanted, find

BARS: Final[dict[Collection, float]] = {
    Collection.RUN_SUMMARIES: 0.3,
    Collection.DOCTOR_HINTS: 0.3,
    Collection.ERRORS_CI: 0.5,
}
"""What is less alike is not shown; docs/memory.md says how they were measured."""

RECALLED_CHARACTERS: Final = 6_000
"""Of all that one phase's prompt is reminded of."""

_CANDIDATES: Final = 20


@dataclass(frozen=True)
class Question:
    """``task`` and ``failure`` are texts, the second empty at a first attempt; ``known`` was recalled for the phase already."""

    project: str
    run: str
    task: str
    failure: str = ""
    known: tuple[Recalled, ...] = ()


def recall(database: Database, question: Question, settings: MemorySettings, now: float) -> Recollection:
    """The likest first, at most as many as the settings allow a phase, none twice and none of the same run."""
    left = settings.top_k_retrieval - len(question.known)
    if not settings.enable_memory or left <= 0:
        return Recollection()
    found = sorted(_candidates(database, question, settings, now), key=lambda one: (-one.score, one.collection, one.source))
    texts = {one.text for one in question.known}
    room = RECALLED_CHARACTERS - sum(map(len, texts))
    kept: list[Recalled] = []
    for one in found:
        if one.text not in texts and len(one.text) <= room and len(kept) < left:
            texts.add(one.text)
            room -= len(one.text)
            kept.append(one)
    return Recollection(found=tuple(kept))


def search(database: Database, project: str, collections: Sequence[Collection], query: str, limit: int) -> tuple[Recalled, ...]:
    """What a person looks for, however unlike: the best of each collection first, then the second of each, in the index's order."""
    found = [tuple(_found(database, Wanted(project, one, _words(query), limit))) for one in collections]
    ranked = [(place, -one.score, one) for of_one in found for place, one in enumerate(of_one)]
    return tuple(one for _, _, one in sorted(ranked, key=lambda row: row[:2]))[:limit]


def _candidates(database: Database, question: Question, settings: MemorySettings, now: float) -> Iterator[Recalled]:
    asked = {Collection.ERRORS_CI: question.failure} if question.failure else dict.fromkeys(_BY_TASK, question.task)
    for collection, text in asked.items():
        wanted = Wanted(
            question.project,
            collection,
            _words(text),
            _CANDIDATES,
            since=oldest_kept(settings, collection, now),
            but_run=question.run,
            only_solved=collection is Collection.ERRORS_CI,
        )
        yield from (one for one in _found(database, wanted) if one.score >= BARS[collection])


_BY_TASK: Final = (Collection.RUN_SUMMARIES, Collection.DOCTOR_HINTS)


def _found(database: Database, wanted: Wanted) -> Iterator[Recalled]:
    found = find(database, wanted)
    asked = frozenset(wanted.words)
    for row in found.rows:
        score = likeness(asked, frozenset(_words(row.cue)), found.frequencies, found.total)
        yield Recalled(collection=wanted.collection, source=row.source, score=round(score, 2), text=row.text)


def _words(text: str) -> Sequence[str]:
    """Each once, without numbers, which differ from run to run."""
    return tuple(dict.fromkeys(word for word in stems(text) if not word.isdigit()))
