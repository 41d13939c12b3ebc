"""The words by which models stand in for code they left out, and what sets them apart from ordinary comments."""

import re
from typing import Final

CORE_LENGTH_MAX: Final = 120  # what is longer explains something
ELLIPSIS: Final = r"(?:\.{3,}|\u2026+)"

_NOUN: Final = (
    r"(?:code|contents?|implementations?|methods?|functions?|func(?:tion)? body|class(?:es)?|modules?|imports?|logic|lines?|body|bodies"
    r"|sections?|definitions?|tests?|fields?|property|properties|props|routes?|handlers?|entry|entries|items?|options?|config(?:uration)?s?"
    r"|styles?|rules?|scripts?|markup|components?|files?|document|text|setup|statements?|cases?|types?|variables?|constants?|hooks?"
    r"|elements?|parts?|services?|settings|keys|values|dependencies|jobs|steps|targets|endpoints?|models?|schemas?|commands?"
    r"|arg(?:ument)?s|param(?:eter)?s|members?|attributes?|helpers?|fixtures?|declarations?|columns?|rows?|blocks?|checks?)"
)
_SAME: Final = (
    r"(?:unchanged|unmodified|the same|same|same as (?:before|above|original|the original)|as[- ]is|as it (?:is|was)|as before"
    r"|as (?:in the )?original|intact|untouched)"
)
_WHY: Final = r"(?: (?:for|due to) (?:brevity|clarity|space|length|conciseness))?"
_GONE: Final = rf"(?:omitted|elided|truncated|snipped|skipped|not shown|left out|removed){_WHY}"
_HERE: Final = r"(?:goes? here|here|continues?(?: (?:here|unchanged|below|as before))?|follows?(?: (?:here|unchanged|below))?|below|above)"
_LINK: Final = (
    r"(?:(?:is|are|was|were|will|should|must|can|be|remains?|remaining|stays?|keeps?|kept|left|exactly|all|completely|totally) )*"
)
_STATE: Final = rf"(?:{_LINK}(?:{_SAME}|{_GONE}|{_HERE}))"
_WORD: Final = r"[\w./'`&,-]+"
_REST: Final = (
    r"(?:and )?(?:keep |leave )?(?:the )?(?:rest|remainder|remaining (?:part|portion))(?: of)?(?: (?:the|this|your|my|its|these|that))?"
    rf"(?: {_WORD}){{0,3}}?"
)
_KEPT: Final = (
    r"(?:(?:the|all|any|and|keep|leave|your|my|of|with|other|rest of) )*"
    rf"(?:existing|previous|remaining|other|original|prior|unchanged|unmodified|same|current)(?: {_WORD}){{0,3}}? {_NOUN}"
)
_PLAIN: Final = rf"(?:{_WORD} ){{0,3}}?{_NOUN}"
_ALONE: Final = rf"(?:{_SAME}|{_GONE}|snip|etc\.?|no (?:other )?changes?(?: (?:here|below|above|needed))?)"
_WHENCE: Final = rf"(?:from|in|as|of|to) (?:the )?(?:original|before|above|previous|existing)(?: {_WORD}){{0,3}}"
_TAIL: Final = rf"(?:[,;:.]? ?(?:{_SAME}|{_GONE}|{_HERE}|{_WHENCE}))*+"
_MORE: Final = r"(?:more|additional|further) (?:code|methods|functions|tests|imports) here"
_FILE: Final = r"(?:file|code|module|class|function|method|component|implementation|script|page|document|config)"
_WHOLE: Final = (
    rf"(?:existing (?:code|implementation)|unchanged code|(?:code|implementation) {_LINK}(?:unchanged|the same)|snip|{_MORE}"
    r"|keep (?:all )?(?:of )?(?:the )?existing (?:code|imports?|implementations?|methods|functions)"
    rf"|(?:todo:? |add |include |insert )?(?:the )?rest of (?:the |your )?(?:existing |original )?(?:code|{_FILE})(?: here)?"
    rf"|(?:include |add |insert |place )(?:the )?(?:rest of )?(?:the |your )?(?:existing|original|remaining) {_FILE} here"
    r"|everything else (?:remains|stays) (?:unchanged|the same|as[- ]is))"
)
_COUNTED: Final = rf"(?:(?:lines? )?\d+ ?(?:-|to|\u2013) ?\d+(?: {_STATE})?|\d+ (?:more |other |remaining )?lines?(?: more)?(?: {_STATE})?)"

# Dots in front, or on both sides, make a phrase of left-out code out of what could be prose; dots behind are common in prose.
# They are compiled where they are first used: most texts hold none of these words.
_DOTS_FIRST: Final = (
    rf"(?:{_REST}(?: {_STATE})?|{_KEPT}(?: {_STATE})?|{_PLAIN} {_STATE}|{_ALONE}|{_COUNTED}|everything else {_STATE}"
    rf"|continue[sd]?(?: with {_REST})?){_TAIL}\Z"
)
_DOTS_AROUND: Final = rf"(?:(?:more|additional|further|some|all|your)(?: {_WORD})? )?(?:{_WORD} )?{_NOUN}\Z"
_DOTS_LAST: Final = rf"(?:{_REST}(?: {_STATE})?|{_KEPT}(?: {_STATE})?|{_PLAIN} {_LINK}(?:{_SAME}|{_GONE})|{_SAME}|{_GONE}){_TAIL}\Z"
_NO_DOTS: Final = (
    rf"(?:{_REST} {_LINK}(?:{_SAME}|{_GONE}|goes? here|here)"
    rf"|{_KEPT} {_LINK}(?:unchanged|unmodified|the same|as[- ]is|as before|goes? here|here|{_GONE})"
    rf"|{_PLAIN} {_LINK}(?:omitted|elided|snipped|not shown){_WHY}|{_WHOLE}){_TAIL}\Z"
)
_IN_PROSE: Final = rf"(?:{_REST}|{_KEPT}) {_STATE}{_TAIL}\Z"
_REST_ALONE: Final = rf"{_REST}\Z"
_REST_START: Final = re.compile(r"(?:the )?(?:rest|remainder)\b")
_BRACKETED: Final = rf"[(\[<]+ ?(?:{_ALONE}|{_REST}|{_KEPT}(?: {_STATE})?) ?[)\]>]+\Z"
_BARE: Final = re.compile(r"[(\[{<]*(?:\.{3,4}|\u2026)[)\]}>]*\Z")
_FRAMED: Final = re.compile(rf"[(\[*_]*{ELLIPSIS}.*{ELLIPSIS}[)\]*_]*\Z|[(\[].*[)\]]\Z")
_STARTS_WITH_DOTS: Final = re.compile(rf"[(\[{{<*_ \t-]*{ELLIPSIS}")


def is_bare(text: str) -> bool:
    """Nothing but an ellipsis, in brackets perhaps."""
    return _BARE.match(text) is not None


def stands_for_code(text: str) -> bool:
    """True where the text of a comment says, or shows by dots alone, that code was left out there."""
    core = _core(text)
    if not core or len(core) > CORE_LENGTH_MAX:
        return is_bare(text)
    if re.match(_BRACKETED, text.lower().rstrip(".")):
        return True
    if _STARTS_WITH_DOTS.match(text):
        is_framed = text.rstrip("()[]{}<>*_ \t-").endswith(("...", "\u2026"))
        return re.match(_DOTS_FIRST, core) is not None or (is_framed and re.match(_DOTS_AROUND, core) is not None)
    if has_dots(text):
        return re.match(_DOTS_LAST, core) is not None
    is_sentence = text.rstrip().endswith(".") and not _REST_START.match(core)
    return re.match(_NO_DOTS, core) is not None and not is_sentence


def starts_with_dots_for_code(text: str) -> bool:
    """True for a phrase that begins with dots, as it stands in a line without any comment sign."""
    return (
        text.lstrip("[(<").startswith(("...", "\u2026"))
        and " " in text
        and len(text) <= CORE_LENGTH_MAX
        and re.match(_DOTS_FIRST, _core(text)) is not None
    )


def stands_for_prose(text: str) -> bool:
    """True where a line of a document can be no sentence of it: dots or brackets on both sides of such a phrase."""
    core = _core(text)
    if len(core) > CORE_LENGTH_MAX:
        return False
    is_phrase = re.match(_IN_PROSE, core) is not None or (has_dots(text) and re.match(_REST_ALONE, core) is not None)
    return is_phrase and _FRAMED.match(text) is not None


def has_dots(text: str) -> bool:
    """True where the text begins or ends in an ellipsis, brackets aside."""
    text = text.strip("()[]{}<>*_ \t-")
    return text.startswith(("...", "\u2026")) or text.endswith(("...", "\u2026"))


def _core(text: str) -> str:
    text = re.sub(rf"\A{ELLIPSIS}|{ELLIPSIS}\Z", "", text.strip("()[]{}<>*_ \t-\u2014="))
    return re.sub(r"\s+", " ", text.strip("()[]{}<>*_ \t-\u2014.:,;=!")).lower()
