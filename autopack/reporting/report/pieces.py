"""Parts that the report and the server's pages both show: criteria, attempts, a change. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from autopack.reporting.report.charts import dollars, span
from autopack.reporting.report.markup import Markup, Part, tag
from autopack.reporting.report.model import PhaseReport
from autopack.reporting.story import WORDS_GONE, AttemptStory, CallStory

SHORT: Final = 10
"""As many characters of a commit are shown."""

_DIFF_CLASS: Final = {"+": "add", "-": "del", "@": "at"}


def figures(report: PhaseReport) -> str:
    facts = [f"{report.phase.attempts} attempt{'s' if report.phase.attempts != 1 else ''}"]
    facts += [dollars(report.usage), f"{report.usage.input_tokens + report.usage.output_tokens:,} tokens"]
    facts += [f"commit {report.phase.commit[:SHORT]}"] if report.phase.commit else []
    facts += [f"after {', '.join(report.story.depends_on)}"] if report.story.depends_on else []
    return " · ".join(facts)


def criteria_table(report: PhaseReport) -> Part:
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


def attempt_list(report: PhaseReport) -> Part:
    if not report.story.attempts:
        return None
    return [
        tag("h3", "Attempts"),
        tag("ol", [tag("li", _attempt(one), class_=one.outcome) for one in report.story.attempts], class_="attempts"),
        tag("p", tag("small", f"{WORDS_GONE}.")) if report.story.is_let_go else None,
    ]


def _attempt(attempt: AttemptStory) -> Iterator[Part]:
    took = f", {span(attempt.duration_s)}" if attempt.duration_s is not None else ""
    yield tag("div", tag("b", f"{attempt.number} "), tag("span", in_words(attempt.outcome), class_=f"state {attempt.outcome}"))
    yield tag(
        "div", tag("small", f"{attempt.started_at[:16].replace('T', ' ')} UTC{took}, {dollars(attempt.usage)} · ", _models(attempt.calls))
    )
    for looked in attempt.looked:
        yield tag("details", tag("summary", f"looked: {looked.head}"), tag("ul", [tag("li", call) for call in looked.calls]))
    if attempt.failure:
        yield tag("div", tag("b", f"{in_words(attempt.failure.kind)}: "), attempt.failure.message)
        if attempt.failure.evidence.strip():
            yield tag("details", tag("summary", "the failing part"), tag("pre", attempt.failure.evidence, tabindex=0))
    for issue in attempt.verdict.issues if attempt.verdict else ():
        place = f" {issue.path}{f':{issue.line}' if issue.line else ''}" if issue.path else ""
        yield tag("div", tag("small", f"{issue.severity}{place}: {issue.message}"))
    for reason in attempt.decision.reasons if attempt.decision else ():
        yield tag("div", tag("small", f"gate: {reason}"))
    for decided in attempt.decided:
        yield tag("div", "then ", tag("b", in_words(decided.remedy)), f": {decided.because}")


def _models(calls: tuple[CallStory, ...]) -> str:
    asked = dict.fromkeys(f"{call.role} {call.answering_model or call.requested_model}" for call in calls)
    return ", ".join(asked) or "no call"


def change(report: PhaseReport) -> Part:
    if not report.diff:
        return None
    return tag("details", tag("summary", "the change"), diff_lines(report.diff), tag("small", tag("code", report.diff_command)))


def diff_lines(diff: str) -> Markup:
    lines = [tag("span", line, class_=_DIFF_CLASS.get(line[:1])) for line in diff.split("\n")]
    return tag("pre", lines, tabindex=0)


def in_words(name: str) -> str:
    return name.replace("_", " ")


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
