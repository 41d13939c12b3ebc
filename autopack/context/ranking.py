"""What of the files matters to a phase: every block scored by the task's words, its file, and the blocks it calls or is called by.

A block's score is BM25 over its words (its symbol's name and its path count as words, too), as a share of the best block's, and a
quarter of its file's score, made alike. A block whose very name the task says gains, one of a file that the plan names gains most.
It gains by the words of what it stands in (its path, the classes around it), less a part of the best share in its own class.
Then the best blocks pass a part of their score on: to the symbols they mention and to the blocks that mention them, the less the
more blocks do.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from autopack.context.blocks import Block
from autopack.context.digest import SHORTEST_NAME, Digest, Splitter
from autopack.context.words import names_said, weights_of
from autopack.core.context import Why
from autopack.core.plan import PhaseSpec

_K1: Final = 1.2
_B: Final = 0.75
_PATH_COUNTS: Final = 2
_FILE_SHARE: Final = 0.25
_NAMED_SYMBOL: Final = 0.3
_NAMED_FILE: Final = 2.0
_AROUND: Final = 0.2
_OF_BEST_BESIDE: Final = 0.1
_TO_CALLED: Final = 0.4
_TO_CALLERS: Final = 0.3
_PASSING_ON: Final = 6
_DEFINED_IN_AT_MOST: Final = 3


@dataclass(frozen=True)
class Source:
    """A file that may be shown. ``is_named``: the plan's scope names it exactly, or the task says its path."""

    path: str
    digest: Digest
    total_lines: int
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
    places = [(source, block) for source in sources for block in source.digest.blocks]
    documents, files = _documents(sources, weights)
    worth = _worth(weights, documents)
    by_words = _shares(_bm25(worth, documents))
    by_file = dict(zip((source.path for source in sources), _shares(_bm25(_worth(weights, files), files)), strict=True))
    scores: list[float] = []
    whys: list[Why] = []
    for (source, block), share in zip(places, by_words, strict=True):
        is_said = bool(block.names) and _is_telling(block.names[0]) and block.names[0].lower().strip("_") in said
        scores.append(share + _FILE_SHARE * by_file[source.path] + _NAMED_SYMBOL * is_said)
        whys.append("named" if source.is_named or is_said else "words")
    passed = _passed_on(sources, places, scores)
    standing = _by_standing(places, by_words, worth)
    found = []
    for (source, block), score, more, place, why in zip(places, scores, passed, standing, whys, strict=True):
        total = score + more + place + _NAMED_FILE * source.is_named
        found.append(Ranked(source.path, block, total, "imports" if more > score and why == "words" else why))
    sizes = {source.path: source.total_lines for source in sources}
    return tuple(sorted(found, key=lambda ranked: (-ranked.score, sizes[ranked.path])))


@dataclass(frozen=True)
class _Document:
    """``counts`` holds the words of the task alone, ``length`` counts them all."""

    counts: Mapping[str, int]
    length: int


def _documents(sources: Sequence[Source], weights: Mapping[str, float]) -> tuple[list[_Document], list[_Document]]:
    """Of each block and of each file, in order; the words of a block's path count as its own."""
    split = Splitter()
    of_blocks, of_files = [], []
    for source in sources:
        path, lengths = split.count(source.path.rpartition(".")[0]), source.digest.lengths
        in_path = {word: _PATH_COUNTS * path[word] for word in sorted(weights.keys() & path.keys())}
        counts = [dict(in_path) for _ in lengths]
        whole = {word: count * len(lengths) for word, count in in_path.items()}
        for word in sorted(weights.keys() & source.digest.words.keys()):
            for index, count in source.digest.counts(word):
                counts[index][word] = counts[index].get(word, 0) + count
                whole[word] = whole.get(word, 0) + count
        more = _PATH_COUNTS * path.total()
        of_blocks += [_Document(count, length + more) for count, length in zip(counts, lengths, strict=True)]
        of_files.append(_Document(whole, sum(lengths) + more * len(lengths)))
    return of_blocks, of_files


def _worth(weights: Mapping[str, float], documents: Sequence[_Document]) -> dict[str, float]:
    """Each word's weight by how few documents hold it: the idf that is never negative."""
    holding = Counter(word for document in documents for word in document.counts)
    total = len(documents)
    return {word: weights[word] * math.log(1 + (total - count + 0.5) / (count + 0.5)) for word, count in holding.items()}


def _bm25(worth: Mapping[str, float], documents: Sequence[_Document]) -> list[float]:
    """Robertson and Zaragoza, The Probabilistic Relevance Framework (2009)."""
    average = sum(document.length for document in documents) / max(1, len(documents)) or 1
    scores = []
    for document in documents:
        damped = _K1 * (1 - _B + _B * document.length / average)
        scores.append(sum(worth[word] * count * (_K1 + 1) / (count + damped) for word, count in document.counts.items()))
    return scores


def _shares(scores: Sequence[float]) -> list[float]:
    best = max(scores, default=0) or 1
    return [score / best for score in scores]


def _by_standing(places: Sequence[tuple[Source, Block]], shares: Sequence[float], worth: Mapping[str, float]) -> list[float]:
    """What each block gains by the words of its path and of the symbols around it, less a part of the best share in its outermost one."""
    split = Splitter()
    rarest = max(worth.values(), default=0) or 1
    best: defaultdict[tuple[str, str], float] = defaultdict(float)
    for (source, block), share in zip(places, shares, strict=True):
        for name in block.names:
            best[source.path, name] = max(best[source.path, name], share)
    told: dict[str, float] = {}
    gained = []
    for source, block in places:
        around = (source.path.rpartition(".")[0], " ".join(block.names[1:]))
        for text in around:
            if text not in told:
                told[text] = sum(worth.get(word, 0) for word in sorted(split.count(text))) / rarest
        beside = best[source.path, block.names[-1]] if block.names else 0
        gained.append(_AROUND * sum(told[text] for text in around) - _OF_BEST_BESIDE * beside)
    return gained


def _passed_on(sources: Sequence[Source], places: Sequence[tuple[Source, Block]], scores: Sequence[float]) -> list[float]:
    """What each block gains from the best ones, along calls in both directions."""
    defined = _definitions(places)
    best = sorted(range(len(places)), key=lambda index: -scores[index])[:_PASSING_ON]
    mentioned = _mentioned(sources, defined, best)
    mentions = Counter(name for names in mentioned.values() for name in names)
    gained = [0.0] * len(places)
    for giver in best:
        own = places[giver][1].names[:1]
        for name in sorted(mentioned.get(giver, ())):
            part = _TO_CALLED * scores[giver] / (1 + math.log(1 + mentions[name]))
            _give(gained, (index for index in defined[name] if index != giver), part)
        for name in own:
            part = _TO_CALLERS * scores[giver] / (1 + math.log(1 + mentions[name]))
            _give(gained, (index for index, names in mentioned.items() if name in names and index != giver), part)
    return gained


def _mentioned(sources: Sequence[Source], defined: Mapping[str, list[int]], best: Sequence[int]) -> dict[int, set[str]]:
    """Which names blocks mention, of those that the best ones mention or define."""
    asked = _of_the_best(sources, defined, frozenset(best))
    found: defaultdict[int, set[str]] = defaultdict(set)
    first = 0
    for source in sources:
        for name in asked & source.digest.mentions.keys():
            for index in source.digest.mentioning(name):
                found[first + index].add(name)
        first += len(source.digest.blocks)
    return found


def _of_the_best(sources: Sequence[Source], defined: Mapping[str, list[int]], best: frozenset[int]) -> set[str]:
    names = {name for name, at in defined.items() if not best.isdisjoint(at)}
    first = 0
    for source in sources:
        here = {index - first for index in best if first <= index < first + len(source.digest.blocks)}
        if here:
            known = defined.keys() & source.digest.mentions.keys()
            names |= {name for name in known if not here.isdisjoint(source.digest.mentioning(name))}
        first += len(source.digest.blocks)
    return names


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
    return len(name) >= SHORTEST_NAME
