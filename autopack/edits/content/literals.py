"""Where a text's multi-line strings, comments and code blocks lie: a marker inside a string is data, not damage."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from autopack.edits.content.kinds import Kind

HEREDOC_MISSES_MAX: Final = 20


@dataclass(frozen=True)
class Span:
    start: int
    end: int
    is_comment: bool


_OPENERS: Final[dict[Kind, re.Pattern[str]]] = {
    Kind.PYTHON: re.compile(r"\"\"\"|'''|\"|'|#"),
    Kind.BRACES: re.compile(r"\"\"\"|\"|'|`|//|/\*|(?:(?<=[=(,:;!&|?{}\[+~^\n])|(?<=return))[ \t]*/(?![*/])(?=[^\n/]*/)|\\."),
    Kind.HASH: re.compile(r"\"\"\"|'''|\"|'|`|(?<![\w$&\\])#|<<[~-]?[ ]?[\"']?(?P<word>[A-Za-z_]\w*)[\"']?|\\.", re.DOTALL),
    Kind.DASHES: re.compile(r"--|'|\"|\[\[|/\*"),
    Kind.MARKUP: re.compile(r"<!--"),
}
_RUST: Final = re.compile(
    r"(?<!\w)b?r(?P<hashes>#*+)\"|\"|'(?:\\.[^'\n]*|[^'\\\n])'|//|/\*", re.DOTALL
)  # a lone ' begins a lifetime's name
_RUST_STRING: Final = re.compile(r'(?:[^"\\]++|\\.)*+"', re.DOTALL)
_CLOSERS: Final[dict[str, re.Pattern[str]]] = {
    '"""': re.compile(r'(?:[^"\\]++|\\.|"(?!""))*+"""', re.DOTALL),
    "'''": re.compile(r"(?:[^'\\]++|\\.|'(?!''))*+'''", re.DOTALL),
    '"': re.compile(r'(?:[^"\\\n]++|\\.)*+(?:"|(?=\n)|\Z)', re.DOTALL),
    "'": re.compile(r"(?:[^'\\\n]++|\\.)*+(?:'|(?=\n)|\Z)", re.DOTALL),
    "`": re.compile(r"(?:[^`\\]++|\\.)*+`", re.DOTALL),
    "/": re.compile(r"(?:[^/\\\[\n]++|\\.|\[(?:[^\]\\\n]++|\\.)*+\]?)*+(?:/|(?=\n)|\Z)"),
    "//": re.compile(r"[^\n]*"),
    "#": re.compile(r"[^\n]*"),
    "--": re.compile(r"[^\n]*"),
    "/*": re.compile(r"(?:[^*]++|\*(?!/))*+\*/"),
    "<!--": re.compile(r"(?:[^-]++|-(?!->))*+-->"),
    "[[": re.compile(r"(?:[^\]]++|\](?!\]))*+\]\]"),
}
_COMMENTS: Final = frozenset({"//", "#", "--", "/*", "<!--"})
_FENCE: Final = re.compile(r"^[ ]{0,3}(?:>[ ]?)*+(?:[-*+][ ]++|\d++[.)][ ]++)?[ ]*+(`{3,}|~{3,})([^\n]*)$", re.MULTILINE)


class Regions:
    """The strings and comments of one text, found once and looked up by offset."""

    def __init__(self, text: str, kind: Kind, suffix: str = "") -> None:
        self._text = text
        self._spans = list(spans(text, kind, suffix))
        self._starts = [span.start for span in self._spans]

    def is_data(self, offset: int) -> bool:
        """True inside a string, or inside a code block of a document; its first character is outside."""
        span = self._around(offset)
        return span is not None and not span.is_comment

    def is_comment(self, offset: int) -> bool:
        span = self._around(offset)
        return span is not None and span.is_comment

    def is_open_block(self, offset: int) -> bool:
        """True in a code block of a document that goes on over the beginning of another one, or to the end of the text."""
        return self._around(offset) in self._open_blocks

    @cached_property
    def _open_blocks(self) -> frozenset[Span]:
        return frozenset(span for span in self._spans if not span.is_comment and self._is_open(span))

    def _is_open(self, span: Span) -> bool:
        first = _FENCE.search(self._text, span.start)
        if first is None:
            return False
        inner = _FENCE.finditer(self._text, first.end(), span.end)
        return span.end > len(self._text) or any(match[1].startswith(first[1]) and match[2].strip() for match in inner)

    def _around(self, offset: int) -> Span | None:
        index = bisect_left(self._starts, offset) - 1
        return self._spans[index] if index >= 0 and offset < self._spans[index].end else None


def spans(text: str, kind: Kind, suffix: str = "") -> Iterator[Span]:
    """The strings and comments of a text in order; what is never closed is none. Takes time in proportion to the text."""
    if kind is Kind.PROSE:
        yield from _code_blocks(text)
    elif suffix == ".rs":
        yield from _rust_strings(text)
    elif kind in _OPENERS:
        yield from _strings(text, _OPENERS[kind])


def _strings(text: str, openers: re.Pattern[str]) -> Iterator[Span]:
    position, misses = 0, 0
    while opener := openers.search(text, position):
        word = opener.groupdict().get("word")
        delimiter = opener[0].strip(" \t")
        position = opener.end()
        if word is not None:
            end = _heredoc_end(text, position, word) if misses < HEREDOC_MISSES_MAX else None
            misses += end is None
        elif delimiter.startswith("\\"):
            continue
        else:
            closer = _CLOSERS[delimiter].match(text, position)
            if closer is None:
                return
            end = closer.end()
        if end is not None:
            yield Span(opener.start(), end, delimiter in _COMMENTS)
            position = end


def _rust_strings(text: str) -> Iterator[Span]:
    position = 0
    while opener := _RUST.search(text, position):
        hashes, sign = opener["hashes"], opener[0]
        position = opener.end()
        if sign.startswith("'"):
            continue
        if hashes is not None:
            end = text.find(f'"{hashes}', position) + len(hashes) + 1
        else:
            closer = (_RUST_STRING if sign == '"' else _CLOSERS[sign]).match(text, position)
            end = closer.end() if closer else 0
        if end < position:
            return
        yield Span(opener.start(), end, sign in _COMMENTS)
        position = end


def _heredoc_end(text: str, position: int, word: str) -> int | None:
    end = re.compile(rf"^[ \t]*{word}\b", re.MULTILINE).search(text, text.find("\n", position) + 1 or len(text))
    return None if end is None else end.start()


def _code_blocks(text: str) -> Iterator[Span]:
    """Fenced blocks of Markdown; one that is never closed lasts to the end."""
    start, fence = 0, ""
    for match in _FENCE.finditer(text):
        mark, rest = match[1], match[2]
        if not fence:
            start, fence = match.start(), mark
        elif mark[0] == fence[0] and len(mark) >= len(fence) and not rest.strip():
            yield Span(start, match.end(), is_comment=False)
            fence = ""
    if fence:
        yield Span(start, len(text) + 1, is_comment=False)
