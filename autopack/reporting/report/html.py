"""The report as one HTML file: no script, nothing from the network, dark and light, on a phone and on paper. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from autopack.core.states import PhaseState
from autopack.reporting.report.charts import cost_bars, dollars, span, time_bars, timeline
from autopack.reporting.report.look_at import why_not
from autopack.reporting.report.markup import Markup, Part, joined, tag
from autopack.reporting.report.model import LookAt, PhaseReport, RunReport
from autopack.reporting.story import AttemptStory, CallStory

_SHORT: Final = 10
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""Whatever stood in a text by a mistake: nothing is loaded, nothing runs, nothing is sent."""

_DIFF_CLASS: Final = {"+": "add", "-": "del", "@": "at"}


def report_html(report: RunReport, style: str) -> str:
    run = report.run
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{run.run_id}: {_words(run.state)}"),
        tag("style", Markup(style)),
    )
    parts = [_top(report), _outcome(report), _look_at(report), _used(report), [_phase(phase) for phase in report.phases]]
    return "<!DOCTYPE html>\n" + tag("html", head, tag("body", tag("main", parts)), lang="en") + "\n"


def _top(report: RunReport) -> Iterator[Part]:
    run = report.run
    yield tag("h1", f"{run.run_id} is ", tag("span", _words(run.state), class_=f"state {run.state}"))
    yield tag("p", run.goal)
    if run.message:
        yield tag("p", run.message, class_="soft")
    facts = [f"began {_moment(report.began)}", f"ended {_moment(report.ended)}" if report.ended else "has not ended"]
    facts += [
        f"{span(report.times.worked)} of work",
        f"{run.usage.calls:,} calls, {dollars(run.usage, is_partial=run.budget.has_unknown_prices)}",
    ]
    yield tag("p", tag("small", " · ".join(facts)))
    yield tag(
        "p",
        tag("small", "branch ", tag("code", run.branch), " from ", tag("code", run.base_commit[:_SHORT]), f" · project {report.project}"),
    )
    if run.next:
        yield tag("h3", "What leads on")
        yield tag("ul", [tag("li", tag("code", command)) for command in run.next])


def _outcome(report: RunReport) -> Iterator[Part]:
    landed = [one for one in report.phases if one.phase.state == PhaseState.COMPLETE]
    yield tag("h2", f"Landed: {len(landed)} of {len(report.phases)} phases")
    rows = [
        tag(
            "tr",
            tag(
                "td",
                tag("a", one.phase.id, href=f"#{_anchor(one)}"),
                tag("div", tag("small", one.story.description.split("\n", 1)[0]), class_="wide"),
            ),
            tag("td", tag("span", _words(one.phase.state), class_=f"state {one.phase.state}")),
            tag("td", tag("code", one.phase.commit[:_SHORT], class_="tight") if one.phase.commit else why_not(one)),
            tag("td", dollars(one.usage), class_="wide tight"),
        )
        for one in (*landed, *(one for one in report.phases if one not in landed))
    ]
    yield tag("table", tag("tbody", rows))


def _look_at(report: RunReport) -> Iterator[Part]:
    yield tag("h2", "To look at")
    yield (
        tag("ul", [tag("li", _concern(one)) for one in report.look_at], class_="look")
        if report.look_at
        else tag("p", "Nothing stands out.")
    )


def _concern(one: LookAt) -> Iterator[Part]:
    yield tag("b", f"{one.phase}, {one.concern}: " if one.phase else f"{one.concern}: ")
    yield one.message
    yield from (joined([" ", tag("code", command)]) for command in one.commands)


def _used(report: RunReport) -> Iterator[Part]:
    yield tag("h2", "What it took")
    yield timeline(report.phases)
    yield time_bars(report.times)
    for title, shares in (("model", report.by_model), ("role", report.by_role), ("phase", report.by_phase)):
        if shares:
            yield cost_bars(title, shares)


def _phase(report: PhaseReport) -> Markup:
    phase, story = report.phase, report.story
    checks = report.judged.checks if report.judged else None
    parts: list[Part] = [
        tag("h2", f"{phase.id} ", tag("span", _words(phase.state), class_=f"state {phase.state}")),
        tag("p", story.description),
        tag("p", why_not(report), class_="look") if phase.state != PhaseState.COMPLETE else None,
        tag("p", tag("small", _figures(report))),
        _criteria(report),
    ]
    if checks:
        said = f"{checks.status}: {checks.passed} passed, {checks.failed} failed, {len(checks.flaky)} flaky"
        parts.append(tag("p", tag("b", "Checks "), said))
    if report.judged and report.judged.verdict and report.judged.verdict.summary:
        parts.append(tag("p", tag("b", f"Auditor: {report.judged.verdict.verdict}. "), report.judged.verdict.summary))
    parts += [_attempts(report), _diff(report)]
    return tag("section", parts, class_="phase", id=_anchor(report))


def _figures(report: PhaseReport) -> str:
    facts = [f"{report.phase.attempts} attempt{'s' if report.phase.attempts != 1 else ''}"]
    facts += [dollars(report.usage), f"{report.usage.input_tokens + report.usage.output_tokens:,} tokens"]
    facts += [f"commit {report.phase.commit[:_SHORT]}"] if report.phase.commit else []
    facts += [f"after {', '.join(report.story.depends_on)}"] if report.story.depends_on else []
    return " · ".join(facts)


def _criteria(report: PhaseReport) -> Part:
    if not report.criteria:
        return None
    rows = [
        tag(
            "tr",
            tag("td", one.criterion),
            tag("td", tag("span", one.answer, class_=f"state {one.answer.replace(' ', '-')}")),
            tag("td", one.evidence or ("no evidence was named" if one.is_weak else "")),
        )
        for one in report.criteria
    ]
    return [tag("h3", "Acceptance criteria"), tag("table", tag("tbody", rows))]


def _attempts(report: PhaseReport) -> Part:
    if not report.story.attempts:
        return None
    return [
        tag("h3", "Attempts"),
        tag("ol", [tag("li", _attempt(one), class_=one.outcome) for one in report.story.attempts], class_="attempts"),
    ]


def _attempt(attempt: AttemptStory) -> Iterator[Part]:
    took = f", {span(attempt.duration_s)}" if attempt.duration_s is not None else ""
    yield tag("div", tag("b", f"{attempt.number} "), tag("span", _words(attempt.outcome), class_=f"state {attempt.outcome}"))
    yield tag(
        "div", tag("small", f"{attempt.started_at[:16].replace('T', ' ')} UTC{took}, {dollars(attempt.usage)} · ", _models(attempt.calls))
    )
    if attempt.failure:
        yield tag("div", tag("b", f"{_words(attempt.failure.kind)}: "), attempt.failure.message)
        if attempt.failure.evidence.strip():
            yield tag("details", tag("summary", "the failing part"), tag("pre", attempt.failure.evidence))
    for issue in attempt.verdict.issues if attempt.verdict else ():
        place = f" {issue.path}{f':{issue.line}' if issue.line else ''}" if issue.path else ""
        yield tag("div", tag("small", f"{issue.severity}{place}: {issue.message}"))
    for reason in attempt.decision.reasons if attempt.decision else ():
        yield tag("div", tag("small", f"gate: {reason}"))
    for decided in attempt.decided:
        yield tag("div", "then ", tag("b", _words(decided.remedy)), f": {decided.because}")


def _models(calls: tuple[CallStory, ...]) -> str:
    asked = dict.fromkeys(f"{call.role} {call.answering_model or call.requested_model}" for call in calls)
    return ", ".join(asked) or "no call"


def _diff(report: PhaseReport) -> Part:
    if not report.diff:
        return None
    lines = [tag("span", line, class_=_DIFF_CLASS.get(line[:1])) for line in report.diff.split("\n")]
    return tag("details", tag("summary", "the change"), tag("pre", lines), tag("small", tag("code", report.diff_command)))


def _anchor(report: PhaseReport) -> str:
    return f"phase-{report.phase.id}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
