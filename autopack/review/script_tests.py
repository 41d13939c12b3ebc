"""The tests of a JavaScript or TypeScript file, by their titles: what each expects, which are skipped. Read by patterns, not parsed."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

_BEGIN: Final = re.compile(
    r"(?<![\w.$])(?P<off>x|f)?(?P<word>it|test|specify)(?P<marks>(?:\.\w+)*)(?:`[^`]*`|\([^()]*\))?\s*\(\s*(?P<quote>['\"`])(?P<title>.*?)(?<!\\)(?P=quote)"
)
_OFF: Final = re.compile(
    r"(?<![\w.$])(?:x(?:it|test|describe|context)|f(?:it|describe)|(?:it|test|describe|context|suite)(?:\.\w+)*\.(?:skip|only|todo|failing|fails|skipIf|runIf))\b(?=\s*[(`.])|\bthis\.skip\(\)"
)
_EXPECT: Final = re.compile(r"(?<![\w$])(?:expect|assert|should|t\.(?:is|not|ok|deepEqual|throws|true|false))\b")
_ROUNDS: Final = re.compile(r"\.each\b|\.forEach\(|\bfor\s*\(")
_COMMENT: Final = re.compile(r"(?<!:)//[^\n]*|/\*.*?\*/", re.DOTALL)
_VALUE: Final = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|`[^`]*`|\b\d[\d._]*\b")


@dataclass(frozen=True)
class ScriptTests:
    """``expects``: title -> the lines with an expectation, less their values; ``has_rounds`` are titles that loop."""

    expects: dict[str, Counter[str]] = field(default_factory=dict)
    has_rounds: frozenset[str] = frozenset()
    skips: int = 0


def script_tests(text: str | None) -> ScriptTests:
    """What stands between one test's title and the next one's is taken for the first one's body."""
    bare = _COMMENT.sub("", text or "")
    begins = list(_BEGIN.finditer(bare))
    expects: dict[str, Counter[str]] = {}
    rounds = set()
    for position, begin in enumerate(begins):
        end = begins[position + 1].start() if position + 1 < len(begins) else len(bare)
        body = bare[begin.start() : end]
        title = begin["title"]
        expects[title] = expects.get(title, Counter()) + Counter(_shape(line) for line in body.split("\n") if _EXPECT.search(line))
        if _ROUNDS.search(body):
            rounds.add(title)
    return ScriptTests(expects, frozenset(rounds), len(_OFF.findall(bare)))


def _shape(line: str) -> str:
    return " ".join(_VALUE.sub("_", line).split())
