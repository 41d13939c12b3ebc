"""How plainly a line speaks of left-out text and of nothing else: dots, words for it, and few words of its own."""

import re
from enum import IntEnum
from typing import Final

WORDS_MAX: Final = 16
CHARACTERS_MAX: Final = 200
OWN_WORDS_MAX: Final = 3  # of a line that says it in words; one of them may name what was left out

_DOTS: Final = re.compile(r"\.{3,}|\u2026|\u22ef|\.[ ]\.[ ]\.|\[\.\.\]|&hellip;")
_ELLIPSES: Final = ("...", "\u2026")
_FRAME: Final = " \t\r\"'`()[]{}<>*_|~#/\\;%+=,:!\u2014\u2013-\u27e8\u27e9\u00ab\u00bb"
_SIGNS: Final = " \t\r#/*;%-"
_BRACKETED: Final = re.compile(r"[\[({<\u27e8].*[\])}>\u27e9]\Z", re.DOTALL)
_WORD: Final = re.compile(r"[^\W\d_][\w'\u2019-]*")

_SAME: Final = (
    r"same|identical(?:ly)?|unchanged|unmodified|unaltered|untouched|unedited|unaffected|intact|verbatim|as-is|ditto|idem|likewise"
)
_OMITTED: Final = (
    r"omit\w*|omission\w*|elid\w*|elision\w*|ellipsis|skip(?:s|ped|ping)|snip\w*|truncate[sd]?|truncation|abbreviat\w*|collapse[sd]?|abridg\w*|trimmed|shortened"
    r"|condensed|brevity|redacted|unshown|cut"
)
_KEPT: Final = (
    r"keep\w*|kept|retain\w*|preserve[sd]?|preserving|stay\w*|remain\w*|continu\w*|leav\w*|left|carried|reuse\w*|hidden|removed|follows"
    r"|equal(?:ly)?|equivalent|alike"
)
_OLD: Final = (
    r"rest|remainder|remaining|others?|everything|existing|previous\w*|original\w*|prior|current\w*|old|earlier|above|before|below|following"
    r"|further|more|additional|already|etc"
)
_NEGATED: Final = re.compile(
    r"\b(?:no|not|none|without|nothing|never|\w+n['\u2019]t)\b.*\b(?:change|changing|modif|edit|alter|differ|update|touch|show|repeat|include|reproduce"
    r"|display|list|need)\w*"
)
_IS_SAME: Final = re.compile(rf"(?:{_SAME}|{_OMITTED})\Z")
_IS_KEPT: Final = re.compile(rf"(?:{_KEPT})\Z")
_IS_OLD: Final = re.compile(rf"(?:{_OLD})\Z")
_AS_IT_WAS: Final = re.compile(
    r"\b(?:as|like)[ -](?:it |they |is\b|was\b|are\b|were\b|before|above|earlier|previous|in the (?:original|old))"
)
_ANY: Final = re.compile(
    rf"{_DOTS.pattern}|\b(?:{_SAME}|{_OMITTED}|{_KEPT}|{_OLD}|no|not|none|without|nothing|never|\w+n['\u2019]t|as|like)\b"
)
_COMMON_WORDS: Final = """
    a all an and any are as at be been being between but by can could do does done else end every exactly file files for from go goes
    had has have here how i if in into is it its just last like many most must my no none not nothing of off on once one only onward or
    our out part parts please point portion section sections see should show shown so some stands start starts still such than that the
    their them then there these they this those through till to todo too until up upto version was way we were what where which will
    with without you your again also back body block blocks chunk class classes code comment comments completely component config
    configuration content contents definition definitions document documentation entries entry field fields function functions
    implementation implementations import imports include included insert item items key keys line lines listing logic method methods
    modification modifications change changes changed edit edits edited modified module page paragraph paragraphs place property
    properties row rows rule rules script service services job jobs setting settings state statement statements step steps stuff table
    test tests text thing things value values variable variables element elements option options add added clarity space repeat
    repeated apply applies
"""
_ALONE: Final = frozenset({"unchanged", "unmodified", "unaltered", "untouched", "unedited", "as-is", "ditto"})
_TO_DO: Final = frozenset(
    {"todo", "add", "insert", "include", "edit", "update", "remove", "skip", "see"}
)  # what the line says is what the next one does
_COMMON: Final = frozenset(_COMMON_WORDS.split())


class Telling(IntEnum):
    """How plainly a line speaks of left-out text."""

    NOT = 0
    HINT = 1  # words that may mean it, and none of its own
    WORDS = 2  # words for it, and few of its own
    DOTS = 3  # dots in front of a phrase
    PLAIN = 4  # words for it, and none of its own
    BARE = 5  # nothing but dots


def said(line: str) -> str:
    """The line without the signs round it, in small letters."""
    return line.strip(_FRAME).lower()


def is_between_dots(line: str) -> bool:
    """True for words with dots before and behind them, as no sentence has them."""
    inner = line.strip(_FRAME)
    return inner.startswith(_ELLIPSES) and inner.endswith(_ELLIPSES) and _WORD.search(inner) is not None


def is_framed(line: str) -> bool:
    """True where brackets or dots on both sides set the line off from text."""
    inner = line.strip(_SIGNS)
    return _BRACKETED.match(inner) is not None or (inner.startswith(_ELLIPSES) and (inner.endswith((*_ELLIPSES, ")", "]"))))


def telling(line: str) -> Telling:
    if len(line) > CHARACTERS_MAX or not _ANY.search(line.lower()) or line.rstrip().endswith((":", "?")):
        return Telling.NOT
    core = said(line)
    words, dots = _WORD.findall(core), _DOTS.search(core)
    if not words:
        return _dots_alone(line) if dots else Telling.NOT
    return _worded(line, words) if len(words) <= WORDS_MAX else Telling.NOT


def _dots_alone(line: str) -> Telling:
    """In brackets they are a sign that text has for nothing else."""
    return Telling.PLAIN if _BRACKETED.match(line.strip(_SIGNS)) else Telling.BARE


def _worded(line: str, words: list[str]) -> Telling:
    core = said(line)
    dots = _DOTS.search(core)
    same, kept, old = (any(map(pattern.match, words)) for pattern in (_IS_SAME, _IS_KEPT, _IS_OLD))
    is_between = (kept or old) and is_between_dots(line)
    says_so = same or (kept and old) or is_between or _NEGATED.search(core) is not None or _AS_IT_WAS.search(core) is not None
    own = sum(1 for word in words if not (word in _COMMON or _IS_SAME.match(word) or _IS_KEPT.match(word) or _IS_OLD.match(word)))
    own += words[0] in _TO_DO and "here" not in words
    if says_so and not own and (len(words) > 1 or dots or core in _ALONE):
        return Telling.PLAIN
    if dots and dots.start() == 0 and (" " in core or says_so):
        return Telling.DOTS
    if says_so and own <= OWN_WORDS_MAX:
        return Telling.WORDS if own <= 1 else Telling.HINT
    is_hint = (kept or old) and own <= (2 if dots else 0)
    return _hint(line) if is_hint else Telling.NOT


def _hint(line: str) -> Telling:
    return Telling.WORDS if _BRACKETED.match(line.strip(_SIGNS)) else Telling.HINT
