"""Finds which ids of two runs are the same test, although durations, dates, addresses and the like in them differ."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final

from autopack.core.checking import TestResults

_CHANGING: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE), "<uuid>"),
    (re.compile(r"(?:\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?\b[A-Z][a-z]{2} \d{1,2},? \d{4}\b"), "<date>"),
    (re.compile(r"\b(?:19|20)\d\d[-/.]?[01]\d[-/.]?[0-3]\d(?:[T _-]?(?=\d\d:?\d\d))?"), "<date>"),
    (
        re.compile(r"\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|\s?[AP]M\b|[+-]\d\d:?\d\d\b)?(?: GMT[+-]\d{4})?(?: \([A-Z][^()]{0,60}\))?"),
        "<time>",
    ),
    (re.compile(r"(?<![\w./])(?:/private)?/(?:tmp|var/tmp|var/folders|dev/shm)/[^\s'\"\]),;:]*"), "<path>"),
    (re.compile(r"\$AUTOPACK_OUT/[^\s'\"\]),;:]*|\b[A-Za-z]:\\+(?:[^\s'\"\\]{1,100}\\+){0,20}Temp\\+[^\s'\"\]),;]*"), "<path>"),
    (re.compile(r"\bpytest-of-\w+|\bpytest-\d+\b|\btmp(?=[a-z0-9_]{6,12}\b)[a-z0-9_]*"), "<path>"),
    (re.compile(r"\b0x[0-9a-f]{4,16}\b", re.IGNORECASE), "<address>"),
    (re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e-?\d+)?\s?(?:ns|[uµμ]s|ms|secs?|seconds?|milliseconds?|s|minutes?|mins?|m)\b"), "<duration>"),
    (re.compile(r"\b(?=[a-f]{0,64}\d)(?=\d{0,64}[a-f])[0-9a-f]{12,64}\b", re.IGNORECASE), "<hex>"),
    (re.compile(r"(?<![\w.])1[5-9]\d{8}(?:\d{3}){0,3}(?:\.\d+)?\b"), "<date>"),  # seconds since 1970, and finer
    (re.compile(r"(?<=localhost:)\d{2,5}\b|(?<=\d\.\d\.\d\.\d:)\d{2,5}\b"), "<port>"),
)
_PARAMETER: Final = re.compile(r"\[.*\]", re.DOTALL)
_VALUE: Final = re.compile(r"\b(?=[^\W\d]{0,64}\d)\w{6,64}\b|\d+")
_LONGEST: Final = 2_000


def without_changing(test: str) -> str:
    """The id without parts that differ from run to run by their nature."""
    head, rest = test[:_LONGEST], test[_LONGEST:]
    for pattern, instead in _CHANGING:
        head = pattern.sub(instead, head)
    return head + rest


def outline(test: str) -> str:
    """The id without its parameters and figures, for ids that differ from run to run by chance."""
    return _VALUE.sub("#", _PARAMETER.sub("[]", without_changing(test)[:_LONGEST]))


def seen_from(here: TestResults | None, there: TestResults | None) -> TestResults | None:
    """The results of there under the ids that the same tests have here, so that both can be set side by side.

    Two ids are one test where they differ only in what changes by its nature, or, if their outline is known as unstable, in
    parameters and figures as well; each counts once, those of one outcome first. What is left of an unstable outline that ran here
    is left out: which of its tests there are changes from run to run.
    """
    if here is None or there is None:
        return there
    new, gone = every_id(here) - every_id(there), every_id(there) - every_id(here)
    if not new or not gone:
        return there
    unstable = {*(here.unstable or ()), *(there.unstable or ())}
    names = _counterparts((here, there), (new, gone), without_changing)
    if unstable:
        left = {test for test in gone if test not in names and outline(test) in unstable}
        fresh = {test for test in new - set(names.values()) if outline(test) in unstable}
        names |= _counterparts((here, there), (fresh, left), outline)
        ran = {outline(test) for test in fresh}
        gone_for_good = {test for test in left if test not in names and outline(test) in ran}
    else:
        gone_for_good = set[str]()
    return there.model_copy(update=_renamed(there, names, gone_for_good))


def may_be_unstable(here: TestResults | None, there: TestResults | None) -> tuple[str, ...]:
    """Outlines that lost one id and got another; a second run of the same tree shows whether that is chance."""
    seen = seen_from(here, there)
    if here is None or seen is None or not here.is_complete or not seen.is_complete:
        return ()
    new, gone = every_id(here) - every_id(seen), every_id(seen) - every_id(here)
    return tuple(sorted({outline(test) for test in new} & {outline(test) for test in gone})) if new and gone else ()


def every_id(results: TestResults) -> set[str]:
    return {*results.passed, *results.failed, *results.errors, *results.skipped}


def _counterparts(both: tuple[TestResults, TestResults], free: tuple[set[str], set[str]], name: Callable[[str], str]) -> dict[str, str]:
    """Maps each free id of there to the free id of here with the same name; pairs ids of the same outcome first."""
    (here, there), (new, gone) = both, free
    names = {test: name(test) for test in (*new, *gone)}
    found: dict[str, str] = {}
    for ours, theirs in ((here.red, there.red), (here.passed, there.passed), (here.skipped, there.skipped), (new, gone)):
        waiting: defaultdict[str, list[str]] = defaultdict(list)
        taken = set(found.values())
        for test in sorted(new.intersection(ours) - taken, reverse=True):
            waiting[names[test]].append(test)
        for test in sorted(gone.intersection(theirs) - found.keys()):
            if waiting[names[test]]:
                found[test] = waiting[names[test]].pop()
    return found


def _renamed(results: TestResults, names: dict[str, str], dropped: set[str]) -> dict[str, tuple[str, ...]]:
    def each(tests: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(names.get(test, test) for test in tests if test not in dropped))

    return {kind: each(getattr(results, kind)) for kind in ("passed", "failed", "errors", "skipped")}
