"""Reads strict JSON into nodes: quick, exact about every character, and with the line of each value."""

import re
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]  # the scanner that json itself uses
from typing import Final

from autopack.settings.limits import Limits
from autopack.settings.node import Node, Scalar
from autopack.settings.problem import Problem

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(\.[0-9]{1,40})?([eE][-+]?[0-9]{1,2})?(?![0-9.eE+-])")
_WORDS: Final[dict[str, Scalar]] = {"true": True, "false": False, "null": None}


class NotJsonError(Exception):
    """The text is not strict JSON; it may still be YAML."""


def read_json(text: str, source: str, problems: list[Problem]) -> Node:
    """Reads one JSON value; duplicate keys and limits are added to ``problems``.

    Raises:
        NotJsonError: the text is anything else.
    """
    reader = _Reader(text, source, problems)
    end = reader.skip_space(0)
    node, end = reader.value(end, 0)
    if reader.skip_space(end) != len(text):
        raise NotJsonError
    return node


class _Reader:
    """One pass over a text; ``value`` and its parts return what they read and where it ends."""

    def __init__(self, text: str, source: str, problems: list[Problem]) -> None:
        self._text = text
        self._source = source
        self._limits = Limits(source, problems)
        self._counted_to = 0
        self._line = 1

    def skip_space(self, start: int) -> int:
        match = _SPACE.match(self._text, start)
        return match.end() if match else start

    def value(self, start: int, depth: int) -> tuple[Node, int]:
        line = self._line_at(start)
        self._limits.count(line, depth)
        match self._text[start : start + 1]:
            case "{":
                entries, end = self._object(start + 1, depth)
                return Node(entries, self._source, line), end
            case "[":
                items, end = self._array(start + 1, depth)
                return Node(items, self._source, line), end
            case '"':
                text, end = self._string(start + 1)
                self._limits.judge_text(text, line)
                return Node(text, self._source, line), end
        scalar, end = self._word(start)
        return Node(scalar, self._source, line), end

    def _object(self, start: int, depth: int) -> tuple[dict[str, Node], int]:
        entries: dict[str, Node] = {}
        at = self.skip_space(start)
        if self._text[at : at + 1] == "}":
            return entries, at + 1
        while True:
            if self._text[at : at + 1] != '"':
                raise NotJsonError
            line = self._line_at(at)
            key, at = self._string(at + 1)
            at = self._expect(":", self.skip_space(at))
            node, at = self.value(self.skip_space(at), depth + 1)
            self._limits.judge_key(entries, key, line)
            entries.setdefault(key, Node(node.value, self._source, line))
            at = self.skip_space(at)
            if self._text[at : at + 1] == "}":
                return entries, at + 1
            at = self.skip_space(self._expect(",", at))

    def _array(self, start: int, depth: int) -> tuple[tuple[Node, ...], int]:
        items: list[Node] = []
        at = self.skip_space(start)
        if self._text[at : at + 1] == "]":
            return (), at + 1
        while True:
            node, at = self.value(at, depth + 1)
            items.append(node)
            at = self.skip_space(at)
            if self._text[at : at + 1] == "]":
                return tuple(items), at + 1
            at = self.skip_space(self._expect(",", at))

    def _string(self, start: int) -> tuple[str, int]:
        try:
            text, end = scanstring(self._text, start, True)  # noqa: FBT003 - positional only
        except JSONDecodeError as error:
            raise NotJsonError from error
        return text, end

    def _word(self, start: int) -> tuple[Scalar, int]:
        for word, value in _WORDS.items():
            if self._text.startswith(word, start):
                return value, start + len(word)
        match = _NUMBER.match(self._text, start)
        if match is None:
            raise NotJsonError
        return (float(match[0]) if match[1] or match[2] else int(match[0])), match.end()

    def _expect(self, character: str, at: int) -> int:
        if self._text[at : at + 1] != character:
            raise NotJsonError
        return at + 1

    def _line_at(self, position: int) -> int:
        self._line += self._text.count("\n", self._counted_to, position)
        self._counted_to = max(position, self._counted_to)
        return self._line
