"""What a phase talks about: the words of its task, and how much each line of a file has to do with them."""

import re
from collections import Counter
from typing import Final

from autopack.context.symbols import Symbol
from autopack.core.plan import PhaseSpec

_WORD: Final = re.compile(r"[^\W\d]\w{2,}")
_PART: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_COMMON_SHARE: Final = 0.02
_COMMON_LINES: Final = 12
_SAY_NOTHING: Final = """
    the and for with that this from must not are has have its all any one two can may should when where into than then also only
    add adds added new make makes use uses used using file files line lines code function functions class classes method methods
    module test tests value values return returns true false none null def self import str int let var const type types set get
    exists change changes
"""
_STOP_WORDS: Final = frozenset(_SAY_NOTHING.split())


def words_of(phase: PhaseSpec) -> frozenset[str]:
    """The words of the description and the criteria, lower case, without those that say nothing."""
    text = "\n".join((phase.description, *phase.acceptance_criteria))
    return frozenset(word for word in _words(text) if word not in _STOP_WORDS)


def best_lines(lines: list[str], words: frozenset[str]) -> list[int]:
    """The 1-based numbers of the lines that hold words of the phase, the most telling first. A rare word tells more."""
    hits = [frozenset(_words(line[:2000])) & words for line in lines]
    counts = Counter(word for found in hits for word in found)
    rare = max(_COMMON_LINES, int(len(lines) * _COMMON_SHARE))
    scores = {number: sum(1 / counts[word] for word in found if counts[word] <= rare) for number, found in enumerate(hits, 1) if found}
    return sorted((number for number, score in scores.items() if score), key=lambda number: (-scores[number], number))


def named_symbols(symbols: tuple[Symbol, ...], words: frozenset[str]) -> list[Symbol]:
    """The symbols whose very name the phase says, or all of whose name's parts; the shorter ones first."""
    named = [symbol for symbol in symbols if symbol.name.lower() in words]
    parted = [symbol for symbol in symbols if symbol not in named and (parts := _parts(symbol.name)) and len(parts) > 1 and parts <= words]
    return sorted(named, key=_span) + sorted(parted, key=_span)


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _parts(name: str) -> frozenset[str]:
    return frozenset(part.lower() for part in _PART.findall(name) if len(part) > 2)  # noqa: PLR2004 - shorter parts tell nothing


def _span(symbol: Symbol) -> tuple[int, int]:
    return symbol.last_line - symbol.first_line, symbol.first_line
