"""What the choice needs to know of a file whatever the task is: its blocks, and which words and names stand in which of them. Pure."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from autopack.context.blocks import Block, blocks_of
from autopack.core.words import IDENTIFIER, stems

_NAME_COUNTS: Final = 3
SHORTEST_NAME: Final = 4
"""A shorter name, such as ``get``, tells nothing about what it is the name of."""


class Digest(NamedTuple):
    """``lengths`` are in words, one a block, whose own name counts three times more.

    ``words`` and ``mentions`` are packed as text, which takes a tenth of the objects: most of them are never asked for.
    """

    blocks: Sequence[Block]
    lengths: Sequence[int]
    words: Mapping[str, str]
    mentions: Mapping[str, str]

    def counts(self, word: str) -> Iterator[tuple[int, int]]:
        """The index of each block that has the word, and how often it has it."""
        for pair in self.words[word].split():
            index, _, count = pair.partition(":")
            yield int(index), int(count or 1)

    def mentioning(self, name: str) -> Iterator[int]:
        """The index of each block that mentions the name."""
        return map(int, self.mentions[name].split())


class Splitter:
    """Splits identifiers into words; each one once, however often it stands there."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, ...]] = {}

    def __call__(self, identifier: str) -> tuple[str, ...]:
        words = self._known.get(identifier)
        if words is None:
            words = self._known[identifier] = tuple(stems(identifier))
        return words

    def count(self, text: str) -> Counter[str]:
        return self.total(Counter(IDENTIFIER.findall(text)).items())

    def told(self, text: str, words: Container[str]) -> int:
        """How often the text has one of these words."""
        return sum(word in words for identifier in IDENTIFIER.findall(text) for word in self(identifier))

    def total(self, identifiers: Iterable[tuple[str, int]]) -> Counter[str]:
        words: Counter[str] = Counter()
        for identifier, times in identifiers:
            for word in self(identifier):
                words[word] += times
        return words


def digest_of(path: str, lines: Sequence[str], split: Splitter) -> Digest:
    """The path says no more than which language it is."""
    blocks, lengths = blocks_of(path, lines), []
    words: defaultdict[str, list[str]] = defaultdict(list)
    mentions: defaultdict[str, list[str]] = defaultdict(list)
    for index, block in enumerate(blocks):
        said = Counter(IDENTIFIER.findall("\n".join(lines[block.first - 1 : block.last])))
        counted = _words(block, said, split)
        lengths.append(counted.total())
        for word, count in counted.items():
            words[word].append(f"{index}:{count}" if count > 1 else str(index))
        for name in said:
            if len(name) >= SHORTEST_NAME:
                mentions[name].append(str(index))
    return Digest(blocks, tuple(lengths), _packed(words), _packed(mentions))


def _packed(found: Mapping[str, list[str]]) -> dict[str, str]:
    return {word: " ".join(at) for word, at in found.items()}


def _words(block: Block, said: Counter[str], split: Splitter) -> Counter[str]:
    words = split.total(said.items())
    for depth, name in enumerate(block.names):
        words.update(split.total((identifier, 1 if depth else _NAME_COUNTS) for identifier in IDENTIFIER.findall(name)))
    return words
