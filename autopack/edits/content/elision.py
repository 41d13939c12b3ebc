"""Placeholders for left-out code ("... rest of file unchanged ..."): a comment that stands where code should stand."""

import re
from typing import Final

from autopack.edits.content.kinds import SCRIPT_SUFFIXES, Kind, kind_of, suffix_of
from autopack.edits.content.literals import is_data
from autopack.edits.content.problem import Change, excerpt, refuse

LINE_LENGTH_MAX: Final = 300

_HINT: Final = re.compile(
    r"\.\.\.|\u2026|unchanged|omitted|elided|truncated|the same|same as|as[ -](?:is|before)\b|snip|not shown|goes here|code here|remains?\b|stays?\b"
    r"|existing (?:code|implementation)|rest of (?:the )?(?:file|code|module|class|function|method)",
    re.IGNORECASE,
)
_LEAD: Final = r"(?:#+|//+|/\*+|\*+(?!\w)|--+|<!--+|\{/\*+|;+|%+|\"\"\"|''')"
_COMMENT_LINE: Final = re.compile(rf"[ \t]*(?P<lead>{_LEAD})[ \t]*(?P<text>.*?)[ \t]*(?:\*+/\}}?|--+>|\"\"\"|''')?[ \t]*\Z")
_INLINE: Final = re.compile(r"(?P<lead>#|//|/\*|\{/\*|--|<!--)[ \t]*(?P<text>[(\[<]?(?:\.{3,}|\u2026).*?)[ \t]*(?:(?:\*/\}?|-->).*)?\Z")
_ELLIPSIS: Final = r"(?:\.{3,}|\u2026+)"
_BARE: Final = re.compile(r"[(\[{<]*(?:\.{3,4}|\u2026)[)\]}>]*\Z")

_NOUN: Final = (
    r"(?:code|contents?|implementations?|methods?|functions?|func(?:tion)? body|class(?:es)?|modules?|imports?|logic|lines?|body|bodies|sections?|definitions?|tests?"
    r"|fields?|propert(?:y|ies)|props|routes?|handlers?|entry|entries|items?|options?|config(?:uration)?s?|styles?|rules?|scripts?|markup|components?|files?|document"
    r"|text|setup|statements?|cases?|types?|variables?|constants?|hooks?|elements?|parts?|services?|settings|keys|values|dependencies|jobs|steps|targets|endpoints?"
    r"|models?|schemas?|commands?|arg(?:ument)?s|param(?:eter)?s|members?|attributes?|helpers?|fixtures?|declarations?|columns?|rows?|blocks?|checks?)"
)
_SAME: Final = (
    r"(?:unchanged|unmodified|the same|same|same as (?:before|above|original|the original)|as[- ]is|as it (?:is|was)|as before|as (?:in the )?original|intact|untouched)"
)
_GONE: Final = r"(?:omitted|elided|truncated|snipped|skipped|not shown|left out|removed)(?: (?:for|due to) (?:brevity|clarity|space|length|conciseness))?"
_HERE: Final = r"(?:goes? here|here|continues?(?: (?:here|unchanged|below|as before))?|follows?(?: (?:here|unchanged|below))?|below|above)"
_LINK: Final = r"(?:(?:is|are|was|were|will|should|must|can|be|remains?|remaining|stays?|keeps?|kept|left|exactly|all|completely|totally) )*"
_STATE: Final = rf"(?:{_LINK}(?:{_SAME}|{_GONE}|{_HERE}))"
_WORD: Final = r"[\w./'`&,-]+"
_REST: Final = (
    rf"(?:and )?(?:keep |leave )?(?:the )?(?:rest|remainder|remaining (?:part|portion))(?: of)?(?: (?:the|this|your|my|its|these|that))?(?: {_WORD}){{0,3}}?"
)
_KEPT: Final = (
    rf"(?:(?:the|all|any|and|keep|leave|your|my|of|with|other|rest of) )*"
    rf"(?:existing|previous|remaining|other|original|prior|unchanged|unmodified|same|current)(?: {_WORD}){{0,3}}? {_NOUN}"
)
_PLAIN: Final = rf"(?:{_WORD} ){{0,3}}?{_NOUN}"
_ALONE: Final = rf"(?:{_SAME}|{_GONE}|snip|etc\.?|no (?:other )?changes?(?: (?:here|below|above|needed))?)"
_TAIL: Final = rf"(?:[,;:.]? ?(?:{_SAME}|{_GONE}|{_HERE}|(?:from|in|as|of|to) (?:the )?(?:original|before|above|previous|existing)(?: {_WORD}){{0,3}}))*"

# Dots in front, or on both sides, make a phrase of left-out code out of what could be prose; dots behind are common in prose.
_DOTS_FIRST: Final = re.compile(rf"(?:{_REST}(?: {_STATE})?|{_KEPT}(?: {_STATE})?|{_PLAIN} {_STATE}|{_ALONE}){_TAIL}\Z")
_DOTS_LAST: Final = re.compile(rf"(?:{_REST}(?: {_STATE})?|{_KEPT}(?: {_STATE})?|{_PLAIN} {_LINK}(?:{_SAME}|{_GONE})|{_SAME}|{_GONE}){_TAIL}\Z")
_NO_DOTS: Final = re.compile(
    rf"(?:{_REST} {_LINK}(?:{_SAME}|{_GONE}|goes? here|here)|{_KEPT} {_LINK}(?:unchanged|unmodified|the same|as[- ]is|as before|goes? here|here|{_GONE})"
    rf"|{_PLAIN} {_LINK}(?:omitted|elided|snipped|not shown)(?: (?:for|due to) \w+)?|code unchanged|existing (?:code|implementation)|(?:the )?rest of (?:the )?(?:file|code|module|class|function|method)){_TAIL}\Z"
)
_JSON_KEY: Final = re.compile(r'[ \t]*"(?:(?://|#)[ ]*)?(?P<text>(?:\.{3,}|\u2026)[^"\\]*)"[ \t]*(?P<colon>:)?')
_PROSE: Final = re.compile(rf"(?:{_REST}|{_KEPT}) {_STATE}{_TAIL}\Z")
_PROSE_DOTTED: Final = re.compile(rf"{_REST}\Z")
_REST_START: Final = re.compile(r"(?:the )?(?:rest|remainder)\b")
_PURE_MARKUP: Final = frozenset({".html", ".htm", ".xhtml", ".xml", ".svg", ".xsl", ".xsd", ".csproj", ".plist"})
_NO_BARE_DOTS: Final = frozenset({*SCRIPT_SUFFIXES, ".json", ".css", ".scss"})  # where a line of nothing but dots is no syntax
_BRACKETED: Final = re.compile(rf"[(\[<]+ ?(?:{_ALONE}|{_REST}|{_KEPT}(?: {_STATE})?) ?[)\]>]+\Z")


def judge_elision(change: Change) -> None:
    """Refuses placeholders in lines that the edit adds; in strings and in the code blocks of documents they are data."""
    kind = kind_of(change.path)
    if kind is Kind.PATCH:
        return
    text, position = change.after, 0
    while hint := _HINT.search(text, position):
        start, end = change.line_at(hint.start())
        position = end + 1
        line = text[start:end]
        offset = _placeholder(line, kind, suffix_of(change.path)) if len(line) <= LINE_LENGTH_MAX else None
        if offset is None or not change.adds(line) or _is_part_of_comment(text, start, end) or is_data(text, kind, start + offset):
            continue
        reason = f"it stands for code that was left out ({excerpt(line)}); write out the code itself, or change only the lines that differ"
        raise refuse(change.path, "elision", change.line_number(start), reason)


def _is_part_of_comment(text: str, start: int, end: int) -> bool:
    """True between comment lines: there it is a sentence, or commented-out code. Without dots one such neighbour is enough."""
    line = _COMMENT_LINE.match(text[start:end].strip())
    if line is None or line["lead"].startswith(("<", "{")):
        return False
    above = text[text.rfind("\n", 0, max(start - 1, 0)) + 1 : max(start - 1, 0)]
    below = text[end:].lstrip("\r")[1 : LINE_LENGTH_MAX + 1].partition("\n")[0]
    if _BARE.match(line["text"]):
        return line["lead"].startswith("*") or any(_COMMENT_LINE.match(neighbour.strip()) for neighbour in (above, below))
    neighbours = [_is_sentence(above), _is_sentence(below)]
    return all(neighbours) or (any(neighbours) and not _dots(line["text"]))


def _is_sentence(line: str) -> bool:
    match = _COMMENT_LINE.match(line.strip())
    return match is not None and any(character.isalnum() for character in match["text"])


def _placeholder(line: str, kind: Kind, suffix: str) -> int | None:
    """Where in the line a placeholder begins."""
    if kind in (Kind.PROSE, Kind.OTHER):
        return _prose_placeholder(line)
    if kind is Kind.MARKUP and suffix in _PURE_MARKUP and "<!--" not in line:
        return None
    whole = _COMMENT_LINE.match(line)
    if whole:
        return whole.start("lead") if whole["lead"][0] not in "\"';%" and _stands_for_code(whole["text"]) else None
    inline = _INLINE.search(line)
    if inline and _stands_for_code(inline["text"]):
        return inline.start("lead")
    key = _JSON_KEY.match(line) if suffix == ".json" else None
    if key and (_stands_for_code(key["text"]) or (key["colon"] and _BARE.match(key["text"]))):
        return line.index('"')
    bare = line.strip()
    if suffix in _NO_BARE_DOTS and (bare in ("...", "\u2026") or _is_dotted_phrase(bare)):
        return len(line) - len(line.lstrip())
    return None


def _prose_placeholder(line: str) -> int | None:
    """In a document only what cannot be a sentence of it: dots or brackets on both sides, or an HTML comment."""
    bare = line.strip()
    comment = re.match(r"<!--+[ ]*(.*?)[ ]*--+>\Z", bare)
    inner = comment[1] if comment else re.sub(r"\A(?:#+|//+|/\*+)[ ]*", "", bare).removesuffix("*/").strip()
    core = _core(inner)
    if comment:
        is_placeholder = _stands_for_code(inner)
    else:
        is_framed = re.match(rf"[(\[*_]*{_ELLIPSIS}.*{_ELLIPSIS}[)\]*_]*\Z", inner) or re.match(r"[(\[].*[)\]]\Z", inner)
        is_placeholder = bool(is_framed) and bool(_PROSE.match(core) or (_dots(inner) and _PROSE_DOTTED.match(core)))
    return len(line) - len(line.lstrip()) if is_placeholder else None


def _stands_for_code(text: str) -> bool:
    core = _core(text)
    if not core:
        return bool(_BARE.match(text))
    if _BRACKETED.match(text.lower().rstrip(".")):
        return True
    if not _dots(text):
        return bool(_NO_DOTS.match(core)) and not (text.rstrip().endswith(".") and not _REST_START.match(core))
    return bool((_DOTS_FIRST if re.match(rf"[(\[{{<*_ \t-]*{_ELLIPSIS}", text) else _DOTS_LAST).match(core))


def _is_dotted_phrase(text: str) -> bool:
    return bool(re.match(_ELLIPSIS, text)) and " " in text and bool(_DOTS_FIRST.match(_core(text)))


def _dots(text: str) -> bool:
    """True where the text begins or ends in an ellipsis, brackets aside."""
    text = text.strip("()[]{}<>*_ \t-")
    return bool(re.match(_ELLIPSIS, text) or re.search(_ELLIPSIS + r"\Z", text))


def _core(text: str) -> str:
    text = re.sub(rf"\A{_ELLIPSIS}|{_ELLIPSIS}\Z", "", text.strip("()[]{}<>*_ \t-\u2014=")).strip("()[]{}<>*_ \t-\u2014.:,;=!")
    return re.sub(r"\s+", " ", text).lower()
