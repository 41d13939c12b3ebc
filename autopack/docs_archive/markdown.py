"""Reads of Markdown what a move has to know: where code is, where links are, which headings there are. Pure.

Positions are those of characters in the text. What stands in code, in comments and in front matter is no link.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

Span = tuple[int, int]

_FENCE: Final = re.compile(r" {0,3}(?:> ?)*(?:[-*+] +|\d+[.)] +)?(`{3,}(?=[^`]*$)|~{3,})")
_CLOSING: Final = re.compile(r"\s*(?:> ?)*\s*(`{3,}|~{3,})\s*$")
_INLINE: Final = re.compile(r"<!--.*?(?:-->|\Z)|(?<!`)(`+)(?!`)(?:(?!\n[ \t\r]*\n).)+?(?<!`)\1(?!`)", re.DOTALL)
_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
_FRONT: Final = re.compile(r"(?P<mark>---|\+\+\+)[ \t]*\r?\n(?:(?!(?P=mark)[ \t]*\r?$).*\n)*?(?P=mark)[ \t]*(?:\r?\n|\Z)")
_LIST: Final = re.compile(r"\s*(?:[-*+]|\d+[.)])\s")
_INDENTED: Final = re.compile(r"(?: {4}|\t)")

_LINKS: Final = (
    re.compile(r"\]\(\s*(<[^<>\n]*>|[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?\s*\)"),
    re.compile(r"^ {0,3}\[(?!\^)[^\]\n]+\]:[ \t]*(<[^<>\n]*>|\S+)", re.MULTILINE),
    re.compile(r"<[A-Za-z][^<>]*?\b(?:href|src)\s*=\s*\"([^\"\n]*)\""),
    re.compile(r"<[A-Za-z][^<>]*?\b(?:href|src)\s*=\s*'([^'\n]*)'"),
)
_ATX: Final = re.compile(r" {0,3}#{1,6}(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_SETEXT: Final = re.compile(r" {0,3}(?:=+|-+)[ \t]*$")
_MARKUP: Final = re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])|<[^>]*>|[`*]|(?<!\w)_|_(?!\w)")


@dataclass(frozen=True)
class Code:
    """``spans`` hold no links. ``open_end`` is what has to follow so that what comes behind the text is not part of it."""

    front_matter_end: int
    spans: tuple[Span, ...]
    open_end: str

    def holds(self, position: int) -> bool:
        at = bisect_right(self.spans, position, key=lambda span: span[0]) - 1
        return at >= 0 and self.spans[at][0] <= position < self.spans[at][1]


def code_of(text: str) -> Code:
    front = _FRONT.match(text)
    start = front.end() if front else 0
    blocks, fence = _blocks(text, start)
    spans = [(0, start)] if start else []
    spans += blocks
    last, open_end = start, ""
    for left, right in [*blocks, (len(text), len(text))]:
        if left > last:
            inline, is_open = _inline(text, last, left)
            spans += inline
            open_end = "-->\n" if is_open and left == len(text) else open_end
        last = max(last, right)
    return Code(start, tuple(sorted(spans)), f"{fence}\n" if fence else open_end)


def links_in(text: str) -> Iterator[Span]:
    """Where the target of each link stands, in order."""
    code = code_of(text)
    found = {match.span(1) for pattern in _LINKS for match in pattern.finditer(text)}
    for start, end in sorted(found):
        if end > start and not code.holds(start):
            yield start, end


def headings_of(text: str) -> list[str]:
    """The words of each heading, without markup."""
    code, found, before, at = code_of(text), [], "", 0
    for line in _LINE.findall(text):
        plain = line.rstrip("\r\n")
        is_code = code.holds(at)
        atx = None if is_code else _ATX.match(plain)
        if atx:
            found.append(_words(atx[1] or ""))
        elif before and not is_code and _SETEXT.match(plain):
            found.append(_words(before))
        before = "" if atx or is_code or not plain.strip() or _LIST.match(plain) or plain.lstrip().startswith(">") else plain.strip()
        at += len(line)
    return found


def slug_of(heading: str, taken: dict[str, int]) -> str:
    """The anchor that a page gives a heading, numbered where the page has it already; ``taken`` counts them."""
    plain = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
    number = taken.get(plain, 0)
    taken[plain] = number + 1
    return f"{plain}-{number}" if number else plain


def _words(heading: str) -> str:
    return _MARKUP.sub(lambda found: found[1] or "", heading).strip()


def _blocks(text: str, start: int) -> tuple[list[Span], str]:
    """Fenced and indented code, and the fence that is still open at the end."""
    spans: list[Span] = []
    fence, began, at, was_blank, is_in_list = "", 0, start, True, False
    for line in _LINE.findall(text[start:]):
        plain, end = line.rstrip("\r\n"), at + len(line)
        if fence:
            closing = _CLOSING.match(plain)
            if closing and closing[1].startswith(fence):
                spans.append((began, end))
                fence = ""
        elif opening := _FENCE.match(plain.lstrip() if is_in_list else plain):
            fence, began = opening[1], at
        elif _INDENTED.match(plain) and plain.strip() and (was_blank or (spans and spans[-1][1] == at)) and not is_in_list:
            spans.append((at, end))
        elif plain.strip():
            is_in_list = bool(_LIST.match(plain)) or (is_in_list and plain.startswith((" ", "\t")))
        was_blank = not plain.strip()
        at = end
    if fence:
        spans.append((began, len(text)))
    return spans, fence


def _inline(text: str, start: int, end: int) -> tuple[list[Span], bool]:
    """Inline code and comments between two blocks, and whether the last comment is still open."""
    found = list(_INLINE.finditer(text[start:end]))
    is_open = bool(found) and found[-1][1] is None and not found[-1][0].endswith("-->")
    return [(start + one.start(), start + one.end()) for one in found], is_open
