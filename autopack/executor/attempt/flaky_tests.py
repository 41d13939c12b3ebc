"""Tells tests that merely come and go from tests that a candidate makes come and go: a test that the builder edited is no flaky one."""

import re
from collections.abc import Iterator
from typing import Final

from autopack.core.candidate import Candidate
from autopack.core.checking import CheckReport, CheckStatus
from autopack.core.failure import FailureKind
from autopack.executor.run_context import Trees
from autopack.review.test_files import counts_as_test

_NAMED: Final = 5
_PARAMETERS: Final = re.compile(r"\[.*\]$", re.DOTALL)
_PARTS: Final = re.compile(r"::| > ")
_CLOSING: Final = re.compile(r"\s*[)\]}]")


def judge_flaky(tree: Trees, candidate: Candidate, report: CheckReport, known: frozenset[str]) -> CheckReport:
    """Red where a test that came and went is one that the candidate edits, or stands in a file that it edits and was steady so far."""
    if not report.flaky or report.status is not CheckStatus.GREEN:
        return report
    edited = edited_tests(tree, candidate, report.flaky, known)
    if not edited:
        return report
    named = ", ".join(edited[:_NAMED]) + (f" and {len(edited) - _NAMED} more" if len(edited) > _NAMED else "")
    message = f"Tests in files that this change edits failed and then passed on the same code: {named}. Make them say the same each time."
    red = {"status": CheckStatus.RED, "failure": FailureKind.TESTS_WEAKENED, "message": message, "evidence": "\n".join(edited)}
    return report.model_copy(update=red)


def edited_tests(tree: Trees, candidate: Candidate, tests: tuple[str, ...], known: frozenset[str]) -> tuple[str, ...]:
    before, after = tree(candidate.parent), tree(candidate.commit)
    paths = [path for path in candidate.paths if counts_as_test(path)]
    old, new = before.texts(paths), after.texts(paths)
    found = []
    for test in tests:
        for path in paths:
            was, now = old[path].text if path in old else "", new[path].text if path in new else ""
            name = _name(test)
            if _stands_in(name, now) and (test not in known or _block(name, was) != _block(name, now)):
                found.append(test)
                break
    return tuple(found)


def _name(test: str) -> str:
    """The test's own name: the last part of its id, without parameters."""
    last = _PARTS.split(_PARAMETERS.sub("", test))[-1].strip()
    return last if " " in last else last.rpartition(".")[2]


def _stands_in(name: str, text: str) -> bool:
    return bool(name) and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _block(name: str, text: str) -> list[str]:
    """The lines of a test: from the first that names it to the next that is indented no more."""
    return list(_lines(name, text))


def _lines(name: str, text: str) -> Iterator[str]:
    indent: int | None = None
    for line in text.splitlines():
        width = len(line) - len(line.lstrip())
        if indent is None:
            if not _stands_in(name, line):
                continue
            indent = width
        elif line.strip() and width <= indent and not _CLOSING.match(line):
            return
        yield line
