"""A Markdown document as headings and lists, each with the lines that it covers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

_FRONT: Final = re.compile(r"\A---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_CHECK: Final = re.compile(r"^\[([ xX])\]\s+")


@dataclass(frozen=True)
class Heading:
    """``first`` and ``last`` are the lines below it, up to the next heading of its level or above: ``lines[first:last]``."""

    level: int
    title: str
    line: int
    first: int
    last: int


@dataclass(frozen=True)
class Item:
    """An item of a list that stands in no other list. ``is_checked`` is None where it has no box."""

    title: str
    number: int | None
    is_checked: bool | None
    line: int
    last: int
    headings: tuple[Heading, ...]


@dataclass(frozen=True)
class Outline:
    """``lines`` are the document's without front matter and comments, which stand as empty lines, so that numbers are the file's."""

    front: str
    lines: tuple[str, ...]
    headings: tuple[Heading, ...]
    items: tuple[Item, ...]


def outline_of(text: str) -> Outline:
    front = _FRONT.match(text)
    if front is not None:
        text = "\n" * front[0].count("\n") + text[front.end() :]
    tokens = MarkdownIt("commonmark").parse(text)
    lines = text.split("\n")
    for token in tokens:
        if token.map is not None and ((token.type == "html_block" and token.content.lstrip().startswith("<!--")) or token.type == "hr"):
            lines[slice(*token.map)] = [""] * (token.map[1] - token.map[0])
    headings = _headings(tokens, len(lines))
    return Outline(front[1] if front else "", tuple(lines), headings, tuple(_items(tokens, headings)))


def _headings(tokens: list[Token], end: int) -> tuple[Heading, ...]:
    found = [
        (int(token.tag[1]), inline.content.strip(), token.map[0], token.map[1])
        for token, inline in pairwise(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map is not None
    ]
    headings = []
    for number, (level, title, line, first) in enumerate(found):
        last = next((other for deep, _, other, _ in found[number + 1 :] if deep <= level), end)
        headings.append(Heading(level, title, line, first, last))
    return tuple(headings)


def _items(tokens: list[Token], headings: tuple[Heading, ...]) -> Iterator[Item]:
    for number, token in enumerate(tokens):
        if token.type != "list_item_open" or token.level != 1 or token.map is None:
            continue
        title = next((other.content for other in tokens[number:] if other.type == "inline"), "").split("\n")[0]
        box = _CHECK.match(title)
        line = token.map[0]
        above = tuple(heading for heading in headings if heading.first <= line < heading.last)
        is_checked = None if box is None else box[1] != " "
        yield Item(_CHECK.sub("", title), int(token.info) if token.info.isdigit() else None, is_checked, line, token.map[1], above)
