"""What earlier runs of a project teach an attempt: tasks that are like its own, and on a retry solved failures that are like the last."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from autopack.core.memory import Collection, Recalled, Recollection
from autopack.core.memory_settings import MemorySettings
from autopack.core.words import stems
from autopack.memory.fusion import fused
from autopack.memory.likeness import likeness
from autopack.memory.maintenance import oldest_kept
from autopack.memory.measured import MEASURED
from autopack.memory.vectors import NearRow, Vectors, embed_entries, nearest
from autopack.store.database import Database
from autopack.store.memory import Wanted, count, find
from autopack.store.memory_vectors import Space, count_vectors

BARS: Final[dict[Collection, float]] = {
    Collection.RUN_SUMMARIES: 0.3,
    Collection.DOCTOR_HINTS: 0.3,
    Collection.ERRORS_CI: 0.5,
}
"""What is less alike is not shown; docs/memory.md says how they were measured."""

RECALLED_CHARACTERS: Final = 6_000
"""Of all that one phase's prompt is reminded of."""

_CANDIDATES: Final = 20
_DEPTH: Final = 50
"""So many of each order are fused for a search."""

_EMBEDDED: Final = 512
"""Entries that one recollection gives a vector to at most; `autopack memory index` gives it to all."""


@dataclass(frozen=True)
class Question:
    """``task`` and ``failure`` are texts, the second empty at a first attempt; ``known`` was recalled for the phase already."""

    project: str
    run: str
    task: str
    failure: str = ""
    known: tuple[Recalled, ...] = ()


def recall(database: Database, question: Question, settings: MemorySettings, now: float, vectors: Vectors | None = None) -> Recollection:
    """The likest first, at most as many as the settings allow a phase, none twice and none of the same run.

    Without ``vectors`` by words alone. Raises EmbeddingsUnavailableError, and what ends a run where vectors are bought.
    """
    left = settings.top_k_retrieval - len(question.known)
    if not settings.enable_memory or left <= 0:
        return Recollection()
    wanted = tuple(_wanted(question, settings, now))
    by_words = _by_score(found for one, _ in wanted for found in _found(database, one) if found.score >= BARS[found.collection])
    by_meaning = _by_score(_near(database, wanted, vectors, by_words)) if vectors else ()
    found = _united(by_words, by_meaning)
    texts = {one.text for one in question.known}
    room = RECALLED_CHARACTERS - sum(map(len, texts))
    kept: list[Recalled] = []
    for one in found:
        if one.text not in texts and len(one.text) <= room and len(kept) < left:
            texts.add(one.text)
            room -= len(one.text)
            kept.append(one)
    return Recollection(found=tuple(kept))


@dataclass(frozen=True)
class Search:
    project: str
    collections: Sequence[Collection]
    query: str
    limit: int


def search(database: Database, sought: Search, vectors: Vectors | None = None) -> tuple[Recalled, ...]:
    """What a person looks for, however unlike: the best of each collection first, then the second of each.

    The order of a collection is the index's; with ``vectors`` that of both, by reciprocal rank.
    """
    depth = max(sought.limit, _DEPTH) if vectors else sought.limit
    words, filled = _words(sought.query), [one for one in sought.collections if count(database, sought.project, one)]
    wanted = [Wanted(sought.project, one, words, depth) for one in filled]
    has_vectors = vectors is not None and any(count_vectors(database, Space(sought.project, one, vectors.model)) for one in filled)
    asked = vectors.of(sought.query) if vectors and has_vectors else None
    of_each = []
    for one in wanted:
        near = [_by_meaning(one, row) for row in nearest(database, one, vectors, asked)] if vectors and asked else []
        of_each.append(_united(tuple(_found(database, one)), near)[: sought.limit])
    ranked = [(place, -one.score, one) for of_one in of_each for place, one in enumerate(of_one)]
    return tuple(one for _, _, one in sorted(ranked, key=lambda row: row[:2]))[: sought.limit]


def _wanted(question: Question, settings: MemorySettings, now: float) -> Iterator[tuple[Wanted, str]]:
    """What is looked for in each collection, and the text that it is looked for by."""
    asked = {Collection.ERRORS_CI: question.failure} if question.failure else dict.fromkeys(_BY_TASK, question.task)
    for collection, text in asked.items():
        yield (
            Wanted(
                question.project,
                collection,
                _words(text),
                _CANDIDATES,
                since=oldest_kept(settings, collection, now),
                but_run=question.run,
                only_solved=collection is Collection.ERRORS_CI,
            ),
            text,
        )


_BY_TASK: Final = (Collection.RUN_SUMMARIES, Collection.DOCTOR_HINTS)


def _near(database: Database, wanted: Sequence[tuple[Wanted, str]], vectors: Vectors, by_words: Sequence[Recalled]) -> Iterator[Recalled]:
    """What is near enough; by a model whose bar was never measured, only what the words found already."""
    filled = [one for one in wanted if count(database, one[0].project, one[0].collection)]
    spaces = [Space(one.project, one.collection, vectors.model) for one, _ in filled]
    embed_entries(database, spaces, vectors, at_most=_EMBEDDED)
    known, measured = set(map(_key, by_words)), MEASURED.get(vectors.model)
    asked = {text: vectors.of(text) for text in dict.fromkeys(text for _, text in filled)}
    for one, text in filled:
        bar = (measured.failure if one.collection is Collection.ERRORS_CI else measured.task) if measured else math.inf
        for row in nearest(database, one, vectors, asked[text]):
            found = _by_meaning(one, row)
            if row.cosine >= bar or _key(found) in known:
                yield found


def _found(database: Database, wanted: Wanted) -> Iterator[Recalled]:
    found = find(database, wanted)
    asked = frozenset(wanted.words)
    for row in found.rows:
        score = likeness(asked, frozenset(_words(row.cue)), found.frequencies, found.total)
        yield Recalled(collection=wanted.collection, source=row.source, score=round(score, 2), text=row.text)


def _by_meaning(wanted: Wanted, near: NearRow) -> Recalled:
    score = round(min(1.0, max(0.0, near.cosine)), 2)
    return Recalled(collection=wanted.collection, source=near.row.source, score=score, text=near.row.text, by="meaning")


def _by_score(found: Iterable[Recalled]) -> tuple[Recalled, ...]:
    return tuple(sorted(found, key=lambda one: (-one.score, one.collection, one.source)))


def _united(by_words: Sequence[Recalled], by_meaning: Sequence[Recalled]) -> list[Recalled]:
    """In the order of both; an entry that both found is told by its words."""
    entries = {_key(one): one for one in (*by_meaning, *by_words)}
    return [entries[key] for key in fused([_key(one) for one in by_words], [_key(one) for one in by_meaning])]


def _key(one: Recalled) -> tuple[str, str]:
    return one.collection, one.source


def _words(text: str) -> Sequence[str]:
    """Each once, without numbers, which differ from run to run."""
    return tuple(dict.fromkeys(word for word in stems(text) if not word.isdigit()))
