"""What any document is held to, whatever it says: size, depth, number of values, one value a key, whole characters."""

from collections.abc import Mapping
from typing import Final

from autopack.settings.node import Node
from autopack.settings.problem import Problem, UnreadableDocumentError

BYTES_MAX: Final = 2 * 1024 * 1024
DEPTH_MAX: Final = 30
VALUES_MAX: Final = 50_000
SURROGATES: Final = ("\ud800", "\udfff")


class Limits:
    """Counts what a reader reads. What makes reading on pointless is raised, the rest is added to ``problems``."""

    def __init__(self, source: str, problems: list[Problem]) -> None:
        self._source = source
        self._problems = problems
        self._values = 0

    def count(self, line: int, depth: int, values: int = 1) -> None:
        """Counts values at a depth.

        Raises:
            UnreadableDocumentError: there are too many, or they lie too deep.
        """
        self._values += values
        if depth > DEPTH_MAX:
            raise self.unreadable(line, f"the file nests more than {DEPTH_MAX} levels deep; flatten it.")
        if self._values > VALUES_MAX:
            raise self.unreadable(line, f"the file holds more than {VALUES_MAX:,} values (aliases counted each time); shorten it.")

    def judge_key(self, entries: Mapping[str, Node], key: str, line: int) -> None:
        if key in entries:
            self.add(line, f"`{key}` stands here a second time (first on line {entries[key].line}); keep one of them.")
        self.judge_text(key, line)

    def judge_text(self, text: str, line: int) -> None:
        if "\0" in text:
            self.add(line, "the text holds a NUL character; take it out.")
        elif not text.isascii() and any(SURROGATES[0] <= character <= SURROGATES[1] for character in text):
            self.add(line, "the text holds half a character (a lone surrogate); write the whole character.")

    def add(self, line: int, message: str) -> None:
        self._problems.append(Problem(file=self._source, line=line, message=message))

    def unreadable(self, line: int, message: str) -> UnreadableDocumentError:
        return UnreadableDocumentError([*self._problems, Problem(file=self._source, line=line, message=message)])
