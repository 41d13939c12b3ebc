"""The report as one HTML file: no script, nothing from the network, dark and light, on a phone and on paper. Pure."""

from collections.abc import Iterator
from typing import Final

from autopack.core.counted import counted
from autopack.core.states import PhaseState
from autopack.reporting.report.charts import cost_bars, dollars, span, time_bars, timeline_table
from autopack.reporting.report.look_at import why_not
from autopack.reporting.report.markup import Markup, Part, joined, tag
from autopack.reporting.report.model import LookAt, PhaseReport, RunReport
from autopack.reporting.report.pieces import SHORT, attempt_list, change, criteria_table, figures, in_words, moment

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""Whatever stood in a text by a mistake: nothing is loaded, nothing runs, nothing is sent."""


def report_html(report: RunReport, style: str) -> str:
    run = report.run
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{run.run_id}: {in_words(run.state)}"),
        tag("style", Markup(style)),
    )
    parts = [_top(report), _outcome(report), _look_at(report), _used(report), [_phase(phase) for phase in report.phases]]
    return "<!DOCTYPE html>\n" + tag("html", head, tag("body", tag("main", parts)), lang="en") + "\n"


def _top(report: RunReport) -> Iterator[Part]:
    run = report.run
    yield tag("h1", f"{run.run_id} is ", tag("span", in_words(run.state), class_=f"state {run.state}"))
    yield tag("p", run.goal)
    if run.message:
        yield tag("p", run.message, class_="soft")
    facts = [f"began {moment(report.began)}", f"ended {moment(report.ended)}" if report.ended else "has not ended"]
    facts += [
        f"{span(report.times.worked)} of work",
        f"{run.usage.calls:,} calls, {dollars(run.usage, is_partial=run.budget.has_unknown_prices)}",
    ]
    yield tag("p", tag("small", " · ".join(facts)))
    yield tag(
        "p",
        tag("small", "branch ", tag("code", run.branch), " from ", tag("code", run.base_commit[:SHORT]), f" · project {report.project}"),
    )
    if run.next:
        yield tag("h2", "What leads on")
        yield tag("ul", [tag("li", tag("code", command)) for command in run.next])


def _outcome(report: RunReport) -> Iterator[Part]:
    landed = [one for one in report.phases if one.phase.state == PhaseState.COMPLETE]
    yield tag("h2", f"Landed: {len(landed)} of {counted(len(report.phases), 'phase')}")
    rows = [
        tag(
            "tr",
            tag(
                "td",
                tag("a", one.phase.id, href=f"#{_anchor(one)}"),
                tag("div", tag("small", one.story.description.split("\n", 1)[0]), class_="wide"),
            ),
            tag("td", tag("span", in_words(one.phase.state), class_=f"state {one.phase.state}")),
            tag("td", tag("code", one.phase.commit[:SHORT], class_="tight") if one.phase.commit else why_not(one)),
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
    yield timeline_table(report.timeline)
    yield time_bars(report.times)
    for title, shares in (("model", report.by_model), ("role", report.by_role), ("phase", report.by_phase)):
        if shares:
            yield cost_bars(title, shares)


def _phase(report: PhaseReport) -> Markup:
    phase, story = report.phase, report.story
    checks = report.judged.checks if report.judged else None
    parts: list[Part] = [
        tag("h2", f"{phase.id} ", tag("span", in_words(phase.state), class_=f"state {phase.state}")),
        tag("p", story.description),
        tag("p", why_not(report), class_="look") if phase.state != PhaseState.COMPLETE else None,
        tag("p", tag("small", figures(report))),
        criteria_table(report),
    ]
    if checks:
        said = f"{checks.status}: {checks.passed} passed, {checks.failed} failed, {len(checks.flaky)} flaky"
        parts.append(tag("p", tag("b", "Checks "), said))
    if report.judged and report.judged.verdict and report.judged.verdict.summary:
        parts.append(tag("p", tag("b", f"Auditor: {report.judged.verdict.verdict}. "), report.judged.verdict.summary))
    parts += [attempt_list(report), change(report)]
    return tag("section", parts, class_="phase", id=_anchor(report))


def _anchor(report: PhaseReport) -> str:
    return f"phase-{report.phase.id}"
