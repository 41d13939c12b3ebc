"""The report as Markdown: for a terminal, a CI job's summary, a pull request. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from autopack.core.counted import counted
from autopack.core.markdown_text import block, code, plain
from autopack.core.states import PhaseState
from autopack.core.visible import printable
from autopack.reporting.report.charts import dollars, span
from autopack.reporting.report.look_at import why_not
from autopack.reporting.report.model import PhaseReport, RunReport
from autopack.reporting.story import WORDS_GONE
from autopack.reporting.usage import Share

_SHORT: Final = 10
_LONGEST: Final = 600
_EVIDENCE: Final = 4000
_MARKS: Final = {"complete": "✓", "failed": "✗", "held": "?", "met": "✓", "not met": "✗", "not judged": "?", "called wrong": "?"}


def report_markdown(report: RunReport) -> str:
    return "\n".join(
        [*_top(report), *_outcome(report), *_look_at(report), *_used(report), *(line for one in report.phases for line in _phase(one))]
    )


def _top(report: RunReport) -> Iterator[str]:
    run = report.run
    yield f"# {plain(run.run_id)} is {run.state.replace('_', ' ')}\n"
    yield f"{_cut(run.goal)}\n"
    if run.message:
        yield f"{_cut(run.message)}\n"
    ended = f"ended {_moment(report.ended)}" if report.ended else "has not ended"
    cost = dollars(run.usage, is_partial=run.budget.has_unknown_prices)
    yield f"Began {_moment(report.began)}, {ended}, {span(report.times.worked)} of work; {run.usage.calls:,} calls, {cost}."
    yield f"Branch {code(run.branch)} from {code(run.base_commit[:_SHORT])}.\n"
    if run.next:
        yield "Next: " + ", ".join(map(code, run.next)) + "\n"


def _outcome(report: RunReport) -> Iterator[str]:
    landed = [one for one in report.phases if one.phase.state == PhaseState.COMPLETE]
    yield f"## Landed: {len(landed)} of {counted(len(report.phases), 'phase')}\n"
    yield "| | phase | state | commit, or why not | cost |"
    yield "|---|---|---|---|---:|"
    for one in (*landed, *(one for one in report.phases if one not in landed)):
        what = code(one.phase.commit[:_SHORT]) if one.phase.commit else _cut(why_not(one))
        state = one.phase.state.replace("_", " ")
        yield f"| {_MARKS.get(one.phase.state, '·')} | {plain(one.phase.id)} | {state} | {what} | {dollars(one.usage)} |"
    yield ""


def _look_at(report: RunReport) -> Iterator[str]:
    yield "## To look at\n"
    for one in report.look_at:
        where = f"**{plain(one.phase)}**, {one.concern}" if one.phase else one.concern
        yield f"- {where}: {_cut(one.message)} {', '.join(map(code, one.commands))}"
    if not report.look_at:
        yield "Nothing stands out."
    yield ""


def _used(report: RunReport) -> Iterator[str]:
    times = report.times
    yield "## What it took\n"
    yield f"Models {span(times.models)}, checks {span(times.checks)}, waiting {span(times.waiting)}, everything else {span(times.other)}.\n"
    for title, shares in (("model", report.by_model), ("role", report.by_role), ("phase", report.by_phase)):
        if shares:
            yield f"| {title} | calls | tokens | cost |"
            yield "|---|---:|---:|---:|"
            yield from map(_share, shares)
            yield ""


def _share(share: Share) -> str:
    return f"| {plain(share.name)} | {share.usage.calls:,} | {share.tokens:,} | {dollars(share.usage, is_partial=share.is_partial)} |"


def _phase(report: PhaseReport) -> Iterator[str]:
    phase = report.phase
    yield f"## {plain(phase.id)}: {phase.state.replace('_', ' ')}\n"
    yield f"{_cut(report.story.description)}\n"
    if phase.state != PhaseState.COMPLETE:
        yield f"{_cut(why_not(report))}\n"
    for one in report.criteria:
        evidence = one.evidence or ("no evidence was named" if one.is_weak else "")
        yield f"- {_MARKS[one.answer]} {_cut(one.criterion)} ({one.answer}{': ' + _cut(evidence) if evidence else ''})"
    if report.criteria:
        yield ""
    if report.story.is_let_go:
        yield f"{WORDS_GONE}.\n"
    for attempt in report.story.attempts:
        took = f", {span(attempt.duration_s)}" if attempt.duration_s is not None else ""
        failure = f": {attempt.failure.kind.replace('_', ' ')}: {_cut(attempt.failure.message)}" if attempt.failure else ""
        yield f"{attempt.number}. {attempt.outcome}{took}, {dollars(attempt.usage)}{failure}"
        yield from (f"   looked: {_cut(f'{looked.head}: ' + '; '.join(looked.calls))}" for looked in attempt.looked)
        yield from (f"   then {decided.remedy.replace('_', ' ')}: {_cut(decided.because)}" for decided in attempt.decided)
    last = report.story.attempts[-1] if report.story.attempts else None
    if last and last.failure and last.failure.evidence.strip():
        yield "\n" + block(printable(last.failure.evidence[:_EVIDENCE]), "text")
    if report.diff_command and report.judged and report.judged.candidate:
        yield f"\n{len(report.judged.candidate.paths)} files: {code(report.diff_command)}"
    yield ""


def _cut(text: str) -> str:
    return plain(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
