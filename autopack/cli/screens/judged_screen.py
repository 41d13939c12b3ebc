"""Draws how a candidate was judged: the checks' figures, the auditor's verdict, the gate's decision."""

import json
import shlex
from collections.abc import Iterator
from typing import Final

from rich.text import Text

from autopack.cli.printable import one_line
from autopack.cli.screens.format import duration
from autopack.cli.screens.prose import labelled, sentence
from autopack.core.reviewing import Decision, Verdict
from autopack.reporting.story import ChecksStory

_COLOURS: Final = {"green": "green", "red": "red", "approve": "green", "reject": "red", "critical": "red", "major": "yellow"}
_IDS = 5
_ISSUES = 8
_WORDS = 200


def check_lines(checks: ChecksStory, which: str, width: int | None) -> Iterator[Text]:
    """``which`` names the attempt where it is not the last one."""
    figures = f"  {checks.passed} passed, {checks.failed} failed, {len(checks.newly_failed)} newly failed, {len(checks.flaky)} flaky"
    if not (checks.passed or checks.failed or checks.newly_failed or checks.flaky):
        figures = "  no tests"
    reason = f"  {one_line(checks.reason, _WORDS)}" if checks.reason else ""
    yield labelled("checks", Text.assemble(_coloured(checks.status), which, figures if checks.steps else "", reason))
    for step in checks.steps:
        ended = f"exit {step.exit_code}" if step.exit_code is not None else "no exit code"
        detail = f": {step.detail}" if step.detail else ""
        command = one_line(_typed(step.command), _WORDS)
        name = "" if step.name == command else f"{step.name}: "
        words = f"{step.status.replace('_', ' ')}  {name}{command}  ({ended}, {duration(step.duration_s)}){detail}"
        yield from sentence("", words, width, lines=2)
    yield from _some("newly failed", checks.newly_failed, width)
    yield from _some("red before", checks.red_before, width)
    yield from _some("forgiven", checks.forgiven, width)
    yield from _some("flaky", checks.flaky, width)
    yield from _some("written by the checks", checks.written, width)


def verdict_lines(verdict: Verdict, decision: Decision | None, which: str, width: int | None) -> Iterator[Text]:
    """Issues and criteria with their evidence; ``decision`` knows which criteria were not answered."""
    yield labelled("verdict", Text.assemble(_coloured(verdict.verdict), f"{which}, confidence {verdict.confidence:.2f}"))
    for audit in verdict.audits:
        yield from sentence("", f"{audit.model}: {audit.verdict}, confidence {audit.confidence:.2f}: {audit.summary}", width, lines=2)
    if verdict.note:
        yield from sentence("", verdict.note, width, style="yellow")
    if verdict.summary and not verdict.audits:
        yield from sentence("", verdict.summary, width, lines=2)
    for issue in verdict.issues[:_ISSUES]:
        place = f" {issue.path}:{issue.line}" if issue.path and issue.line else f" {issue.path}" if issue.path else ""
        yield from sentence("", f"! {issue.severity}{place}: {issue.message}", width, lines=2, style=_COLOURS.get(issue.severity, "dim"))
    if len(verdict.issues) > _ISSUES:
        yield from sentence("", f"… {len(verdict.issues) - _ISSUES} more issues", width, style="dim")
    for item in verdict.criteria:
        evidence = f" ({item.evidence})" if item.evidence else ""
        sign, style = ("✓", "green") if item.met else ("✗", "red")
        wrong = f"; called wrong: {item.wrong}" if item.wrong else ""
        yield from sentence("", f"{sign} {item.criterion}{evidence}{wrong}", width, lines=3, style=style)
    for criterion in decision.not_judged if decision else ():
        yield from sentence("", f"? {criterion} (not judged)", width, lines=2, style="yellow")


def decision_lines(decision: Decision, which: str, width: int | None) -> Iterator[Text]:
    reasons = f": {' '.join(decision.reasons)}" if decision.reasons else ""
    yield from sentence("decision", f"{decision.outcome}{which}{reasons}", width)
    if decision.risk:
        yield from sentence("risk", decision.risk.told, width)


def _typed(command: str) -> str:
    """An argument list, which is recorded as JSON, as one would type it."""
    try:
        words = json.loads(command) if command.startswith("[") else None
    except ValueError:
        return command
    return shlex.join(map(str, words)) if isinstance(words, list) else command


def _coloured(word: str) -> tuple[str, str]:
    return word, _COLOURS.get(word, "yellow")


def _some(title: str, ids: tuple[str, ...], width: int | None) -> Iterator[Text]:
    if ids:
        more = f", … {len(ids) - _IDS} more" if len(ids) > _IDS else ""
        yield from sentence("", f"{title}: {', '.join(ids[:_IDS])}{more}", width, style="dim")
