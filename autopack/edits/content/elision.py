"""Placeholders for left-out code ("... rest of file unchanged ..."): a comment that stands where code should stand."""

import re
from typing import Final

from autopack.core.refusal import RefusalCode
from autopack.edits.content.elision_phrases import (
    has_dots,
    is_bare,
    stands_for_code,
    stands_for_prose,
    starts_with_dots_for_code,
)
from autopack.edits.content.kinds import SCRIPT_SUFFIXES, Kind, suffix_of
from autopack.edits.content.problem import Change, excerpt, refuse

LINE_LENGTH_MAX: Final = 300
CANDIDATES_MAX: Final = 20_000  # lines with dots or such words that are looked at: bounds the time that a hostile text takes

_HINTS: Final = (  # every placeholder holds one of them, and looking for plain words is quick
    *("...", "\u2026", "unchanged", "unmodified", "omitted", "elided", "truncated", "snip", "not shown", "left out", "intact", "untouched"),
    *("the same", "same as", "as is", "as-is", "as it ", "as before", " here", "remain", "stays", "keep", "existing ", "rest of"),
)
_COMMENT_LINE: Final = re.compile(
    r"[ \t]*(?P<lead>#+|//+|/\*+|\*+(?!\w)|--+|<!--+|\{/\*+|;+|%+|\"\"\"|''')[ \t]*"
    r"(?P<text>(?:[ \t]*+[^ \t])*?)[ \t]*+(?:\*+/\}?|--+>|\"\"\"|''')?[ \t]*+\Z"
)
_INLINE: Final = re.compile(r"(?P<lead>#|//|/\*|\{/\*|--|<!--)[ \t]*(?P<text>[(\[<]?(?:\.{3,}|\u2026).*?)[ \t]*(?:(?:\*/\}?|-->).*)?\Z")
_NO_COMMENT_LEADS: Final = ('"', "'", ";", "%")
_PURE_MARKUP: Final = frozenset({".html", ".htm", ".xhtml", ".xml", ".svg", ".xsl", ".xsd", ".csproj", ".plist"})
_NO_BARE_DOTS: Final = frozenset({*SCRIPT_SUFFIXES, ".json", ".css", ".scss"})  # where a line of nothing but dots is no syntax
_JSON_KEY: Final = re.compile(r'[ \t]*"(?:(?://|#)[ ]*)?(?P<text>(?:\.{3,}|\u2026)[^"\\]*)"[ \t]*(?P<colon>:)?')
_DOCUMENT_COMMENT: Final = re.compile(r"<!--+[ ]*(.*?)[ ]*--+>\Z")


def judge_whole(change: Change) -> None:
    """Refuses an ellipsis in place of all of a file."""
    is_dots = is_bare(change.after.strip(" \t\r\n\ufeff"))
    if is_dots and change.kind is not Kind.PATCH and change.before and change.before.strip():
        reason = "an ellipsis stands for the whole file; give its text, or change only the lines that differ"
        raise refuse(change.path, RefusalCode.ELISION, 1, reason)


def judge_elision(change: Change) -> None:
    """Refuses placeholders in lines that the edit adds; in strings and in the code blocks of documents they are data."""
    kind = change.kind
    if kind is Kind.PATCH:
        return
    text, position = change.after, 0
    for hint in _hints(text)[:CANDIDATES_MAX]:
        if hint < position:
            continue
        start, end = change.line_at(hint)
        position = end + 1
        line = text[start:end]
        offset = _placeholder(line, kind, suffix_of(change.path)) if len(line) <= LINE_LENGTH_MAX else None
        if offset is None or not change.adds_words(line) or _is_part_of_comment(text, start, end) or change.regions.is_data(start + offset):
            continue
        advice = "write out the code itself, or change only the lines that differ"
        raise refuse(
            change.path, RefusalCode.ELISION, change.line_number(start), f"it stands for code that was left out ({excerpt(line)}); {advice}"
        )


def _hints(text: str) -> list[int]:
    """Where such words stand, in order; of each word one a line."""
    small = text.replace("\u0130", "i").lower()  # U+0130 is the one letter whose small form has another length
    found: set[int] = set()
    for word in _HINTS:
        position = small.find(word)
        while position >= 0:
            found.add(position)
            line_end = small.find("\n", position)
            position = -1 if line_end < 0 else small.find(word, line_end)
    return sorted(found)


def _placeholder(line: str, kind: Kind, suffix: str) -> int | None:
    """Where in the line a placeholder begins."""
    start = len(line) - len(line.lstrip())
    if kind in (Kind.PROSE, Kind.OTHER):
        return start if _is_document_placeholder(line.strip()) else None
    if suffix in _PURE_MARKUP and "<!--" not in line:
        return None
    whole = _COMMENT_LINE.match(line)
    if whole:
        is_comment = not whole["lead"].startswith(_NO_COMMENT_LEADS)
        return start if is_comment and stands_for_code(whole["text"]) else None
    inline = _INLINE.search(line)
    if inline and not is_bare(inline["text"]) and stands_for_code(inline["text"]):
        return inline.start("lead")
    return start if _is_bare_placeholder(line, suffix) else None


def _is_bare_placeholder(line: str, suffix: str) -> bool:
    """A line of dots, or of a phrase behind dots, without a comment sign; in JSON it may be dressed up as a key."""
    key = _JSON_KEY.match(line) if suffix == ".json" else None
    if key:
        return bool(key["colon"]) if is_bare(key["text"]) else stands_for_code(key["text"])
    bare = line.strip()
    if suffix in _NO_BARE_DOTS and (bare in ("...", "\u2026") or starts_with_dots_for_code(bare)):
        return True
    return stands_for_prose(bare)


def _is_document_placeholder(line: str) -> bool:
    comment = _DOCUMENT_COMMENT.match(line)
    if comment:
        return stands_for_code(comment[1])
    return stands_for_prose(re.sub(r"\A(?:#+|//+|/\*+)[ ]*", "", line).removesuffix("*/").strip())


def _is_part_of_comment(text: str, start: int, end: int) -> bool:
    """True between comment lines: there it is a sentence, or commented-out code. Without dots one such neighbour is enough."""
    line = _COMMENT_LINE.match(text[start:end].strip())
    if line is None or line["lead"].startswith(("<", "{")):
        return False
    above = text[max(start - LINE_LENGTH_MAX, 0) : max(start - 1, 0)].rpartition("\n")[2]
    below = text[end : end + LINE_LENGTH_MAX].lstrip("\r").removeprefix("\n").partition("\n")[0]
    if is_bare(line["text"]):
        return line["lead"].startswith("*") or any(_COMMENT_LINE.match(neighbour.strip()) for neighbour in (above, below))
    neighbours = [_is_comment(above), _is_comment(below)]
    return all(neighbours) or (any(neighbours) and not has_dots(line["text"]))


def _is_comment(line: str) -> bool:
    match = _COMMENT_LINE.match(line.strip())
    return match is not None and bool(match["text"])
