"""What of the files matters to a phase: every block scored by the task's words, its file, and the blocks it calls or is called by.

A block's score is BM25 over its words (its symbol's name and its path count as words, too), as a share of the best block's, and a
quarter of its file's score, made alike. A block whose very name the task says gains, one of a file that the plan names gains most.
Then the best blocks pass a part of their score on: to the symbols they mention and to the blocks that mention them, the less the
more blocks do.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from autopack.context.blocks import Block, blocks_of
from autopack.context.words import Lexicon, names_said, weights_of
from autopack.core.context import Why
from autopack.core.plan import PhaseSpec
from autopack.core.words import IDENTIFIER

_K1: Final = 1.2
_B: Final = 0.75
_NAME_COUNTS: Final = 3
_PATH_COUNTS: Final = 2
_FILE_SHARE: Final = 0.25
_NAMED_SYMBOL: Final = 0.3
_NAMED_FILE: Final = 2.0
_TO_CALLED: Final = 0.4
_TO_CALLERS: Final = 0.3
_PASSING_ON: Final = 6
_SHORTEST_NAME: Final = 4
_DEFINED_IN_AT_MOST: Final = 3


@dataclass(frozen=True)
class Source:
    """A file that may be shown. ``is_named``: the plan's scope names it exactly, or the task says its path."""

    path: str
    lines: Sequence[str]
    is_named: bool = False


@dataclass(frozen=True)
class Ranked:
    """A block of a file, its score, and why it has it."""

    path: str
    block: Block
    score: float
    why: Why


def rank(sources: Sequence[Source], phase: PhaseSpec) -> tuple[Ranked, ...]:
    """All blocks, the best first, of equal ones those of the smaller file. The same sources and phase give the same order."""
    weights, said = weights_of(phase), names_said(phase)
    lexicon = Lexicon(weights)
    places = [(source, block) for source in sources for block in blocks_of(source.path, source.lines)]
    documents = [_document(source, block, lexicon) for source, block in places]
    by_words = _shares(_bm25(weights, documents))
    by_file = _file_shares(weights, sources, places, documents)
    scores: list[float] = []
    whys: list[Why] = []
    for (source, block), share in zip(places, by_words, strict=True):
        is_said = bool(block.names) and _is_telling(block.names[0]) and block.names[0].lower().strip("_") in said
        scores.append(share + _FILE_SHARE * by_file[source.path] + _NAMED_SYMBOL * is_said)
        whys.append("named" if source.is_named or is_said else "words")
    passed = _passed_on(places, scores)
    found = [
        Ranked(source.path, block, score + more + _NAMED_FILE * source.is_named, "imports" if more > score and why == "words" else why)
        for (source, block), score, more, why in zip(places, scores, passed, whys, strict=True)
    ]
    sizes = {source.path: len(source.lines) for source in sources}
    return tuple(sorted(found, key=lambda ranked: (-ranked.score, sizes[ranked.path])))


@dataclass(frozen=True)
class _Document:
    """``counts`` holds the words of the task alone, ``length`` counts them all."""

    counts: Mapping[str, int]
    length: int


def _document(source: Source, block: Block, lexicon: Lexicon) -> _Document:
    counts: Counter[str] = Counter()
    length = lexicon.count("\n".join(source.lines[block.first - 1 : block.last]), counts)
    for depth, name in enumerate(block.names):
        length += lexicon.count(name, counts, 1 if depth else _NAME_COUNTS)
    length += lexicon.count(source.path.rpartition(".")[0], counts, _PATH_COUNTS)
    return _Document(counts, length)


def _file_shares(
    weights: Mapping[str, float], sources: Sequence[Source], places: Sequence[tuple[Source, Block]], documents: Sequence[_Document]
) -> dict[str, float]:
    counts: dict[str, Counter[str]] = {source.path: Counter() for source in sources}
    lengths: Counter[str] = Counter()
    for (source, _), document in zip(places, documents, strict=True):
        counts[source.path].update(document.counts)
        lengths[source.path] += document.length
    whole = [_Document(counts[source.path], lengths[source.path]) for source in sources]
    return dict(zip(counts, _shares(_bm25(weights, whole)), strict=True))


def _bm25(weights: Mapping[str, float], documents: Sequence[_Document]) -> list[float]:
    """Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), with the idf that is never negative."""
    holding = Counter(word for document in documents for word in document.counts)
    total = len(documents)
    average = sum(document.length for document in documents) / max(1, total) or 1
    worth = {word: weights[word] * math.log(1 + (total - count + 0.5) / (count + 0.5)) for word, count in holding.items()}
    scores = []
    for document in documents:
        damped = _K1 * (1 - _B + _B * document.length / average)
        scores.append(sum(worth[word] * count * (_K1 + 1) / (count + damped) for word, count in document.counts.items()))
    return scores


def _shares(scores: Sequence[float]) -> list[float]:
    best = max(scores, default=0) or 1
    return [score / best for score in scores]


def _passed_on(places: Sequence[tuple[Source, Block]], scores: Sequence[float]) -> list[float]:
    """What each block gains from the best ones, along calls in both directions."""
    defined = _definitions(places)
    mentioned = [
        defined.keys() & set(IDENTIFIER.findall("\n".join(source.lines[block.first - 1 : block.last]))) for source, block in places
    ]
    mentions = Counter(name for names in mentioned for name in names)
    gained = [0.0] * len(places)
    best = sorted(range(len(places)), key=lambda index: -scores[index])[:_PASSING_ON]
    for giver in best:
        own = places[giver][1].names[:1]
        for name in sorted(mentioned[giver]):
            part = _TO_CALLED * scores[giver] / (1 + math.log(1 + mentions[name]))
            _give(gained, (index for index in defined[name] if index != giver), part)
        for name in own:
            part = _TO_CALLERS * scores[giver] / (1 + math.log(1 + mentions[name]))
            _give(gained, (index for index, names in enumerate(mentioned) if name in names and index != giver), part)
    return gained


def _definitions(places: Sequence[tuple[Source, Block]]) -> dict[str, list[int]]:
    """Which blocks a name stands for; a name that many files define stands for none."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for index, (_, block) in enumerate(places):
        if block.names and _is_telling(block.names[0]):
            found[block.names[0]].append(index)
    return {name: at for name, at in found.items() if len({places[index][0].path for index in at}) <= _DEFINED_IN_AT_MOST}


def _give(gained: list[float], receivers: Iterable[int], part: float) -> None:
    for index in receivers:
        gained[index] = max(gained[index], part)


def _is_telling(name: str) -> bool:
    return len(name) >= _SHORTEST_NAME
