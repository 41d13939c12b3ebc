"""Writes what the next attempt is told of a red check: which tests, and the output that says why, bounded and stable."""

import re
from collections.abc import Iterable
from typing import Final

from autopack.checks.results.compare import Comparison
from autopack.checks.results.text import cut_middle, plain, stable
from autopack.core.checking import StepReport, StepStatus

LIMIT: Final = 6_000
_NEW_SHOWN: Final = 25
_OLD_SHOWN: Final = 10
_DETAILS_SHOWN: Final = 8
_ERROR_LINES: Final = 12
_MISSED_SHOWN: Final = 3
_LINE_MAX: Final = 400

_PYTEST_PART: Final = re.compile(r"^=+ (?:FAILURES|ERRORS) =+$", re.MULTILINE)
_PYTEST_NOISE: Final = re.compile(r"^(?:-+ generated xml file: .*|.*\$AUTOPACK_OUT/autopack-pytest\.xml.*)\n?", re.MULTILINE)
ERROR_LINE: Final = re.compile(
    r"\b(?:[Ee]rror|ERROR|FAIL[A-Z]*|[Ff]ailed|[Ee]xception|panic(?:ked)?|fatal|undefined|Undefined|[Cc]annot|not found|Traceback)\b"
    r"|\b\w+(?:Error|Exception)\b|[\u2716\u2717\u00d7]"
)


def evidence(report: StepReport, comparison: Comparison, limit: int = LIMIT) -> str:
    """Sections in order of use: how it ended, the new failures, those of before, their texts or the telling output."""
    head = [f"$ {cut_middle(report.command, _LINE_MAX)}", _ending(report)]
    head += _listed("Failing now, not before your change", comparison.newly_failed, _NEW_SHOWN)
    head += _listed("Failing before your change too", comparison.red_before, _OLD_SHOWN)
    head += _listed("Passed before your change, did not run now", comparison.missing, _OLD_SHOWN)
    text = "\n".join(head)
    room = max(limit - len(text) - 2, 500)
    told = _by_test(report, comparison, room) or _by_output(report, room)
    return cut_middle(f"{text}\n\n{told}" if told else text, limit)


def missed(removed: Iterable[str], output: str) -> str:
    """A sentence where a red step speaks of something that a step before it wrote."""
    spoken = [path for path in removed if re.search(rf"(?<![\w.-]){re.escape(path)}(?![\w-])", output)][:_MISSED_SHOWN]
    if not spoken:
        return ""
    return f" An earlier step wrote {', '.join(spoken)}, and steps do not see each other's files: one command has to do both."


def _ending(report: StepReport) -> str:
    end = f"ended with exit code {report.exit_code}" if report.exit_code is not None else report.status.value.replace("_", " ")
    return stable(f"{end}: {report.detail}" if report.detail else f"{end}.")


def _listed(title: str, tests: tuple[str, ...], most: int) -> list[str]:
    if not tests:
        return []
    rest = [f"  ... and {len(tests) - most} more"] if len(tests) > most else []
    return [f"{title} ({len(tests)}):", *(f"  {test[:_LINE_MAX]}" for test in tests[:most]), *rest]


def _by_test(report: StepReport, comparison: Comparison, room: int) -> str:
    """What the report says of each failing test, the new ones first, each with its share of the room."""
    texts = dict(report.results.details) if report.results else {}
    chosen = [test for test in (*comparison.newly_failed, *comparison.red_before) if test in texts][:_DETAILS_SHOWN]
    chosen = [test for test in chosen if test in comparison.newly_failed] or chosen
    parts: list[str] = []
    for place, test in enumerate(chosen):
        share = room // (len(chosen) - place)
        part = f"--- {test[:_LINE_MAX]}\n{cut_middle(stable(plain(texts[test])).strip(), max(share - len(test) - 10, 200))}"
        parts.append(part)
        room -= len(part) + 2
    return "\n\n".join(parts)


def _by_output(report: StepReport, room: int) -> str:
    """The failure sections of pytest, else the first lines that speak of an error and the end of the output."""
    text = _PYTEST_NOISE.sub("", stable(plain(report.output))).strip()
    part = _PYTEST_PART.search(text)
    if part is not None:
        return cut_middle(text[part.start() :], room)
    if len(text) <= room:
        return text
    errors = _first_errors(text.splitlines()[: -(room // 80)])
    tail = cut_tail(text, room - len(errors) - 40)
    return f"{errors}\n...\n{tail}" if errors else tail


def cut_tail(text: str, limit: int) -> str:
    """The end of a text, from the start of a line where one is near."""
    tail = text[-limit:] if limit > 0 else ""
    newline = tail.find("\n")
    return tail[newline + 1 :] if len(text) > limit and 0 <= newline < limit // 2 else tail


def _first_errors(lines: Iterable[str]) -> str:
    found = [line.strip()[:_LINE_MAX] for line in lines if ERROR_LINE.search(line[:_LINE_MAX])]
    return "\n".join(dict.fromkeys(found[:_ERROR_LINES]))


def sentence(report: StepReport, comparison: Comparison) -> str:
    """One sentence for the person who reads the report and for the next attempt."""
    name = f"check '{report.name[:80]}'"
    if report.status in (StepStatus.TIMEOUT, StepStatus.IDLE, StepStatus.NOT_STARTED):
        return f"{name}: {report.detail}"
    if report.status is StepStatus.NO_TESTS:
        return f"{name} ran no test: {report.detail}"
    new, old = comparison.newly_failed, comparison.red_before
    if new:
        before = f"; {len(old)} were red before" if old else ""
        return f"{name} is red: {_count(new)} newly failing, e.g. {new[0][:200]}{before}."
    if old:
        return f"{name} is red: {_count(old)} failing, all of them red before, e.g. {old[0][:200]}."
    end = report.detail or f"exit code {report.exit_code}."
    return f"{name} is red: {end}"


def _count(tests: tuple[str, ...]) -> str:
    return f"{len(tests)} test" + ("s" if len(tests) != 1 else "")
