"""Both pages of a report: what a person wants to know first stands first, and every text of others is text."""

import re

import pytest

from autopack.core.approval import Approval
from autopack.core.reviewing import Criterion, Issue, Verdict
from autopack.core.run_figures import figures_of
from autopack.core.status import BudgetStatus, FailureStatus, HeldStatus, PhaseStatus, PlanStatus, RunStatus, UsageStatus
from autopack.reporting.report.files import html_of
from autopack.reporting.report.look_at import look_at
from autopack.reporting.report.markdown import report_markdown
from autopack.reporting.report.model import CriterionStory, PhaseReport, RunReport, Times
from autopack.reporting.story import AttemptFailure, AttemptStory, LookedStory, PhaseStory
from autopack.reporting.timeline import Bar, PhaseBars, Span
from autopack.reporting.usage import Share
from tests.support.hostile import HOSTILE, ODD, Page

TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "h1",
        "h2",
        "h3",
        "p",
        "span",
        "small",
        "code",
        "ul",
        "ol",
        "li",
        "b",
        "a",
        "div",
    ),
    *("table", "thead", "tbody", "tr", "th", "td", "svg", "g", "rect", "text", "section", "details", "summary", "pre", "br"),
}


def empty(model):
    """Nothing of each of its keys, also of those that are yet to come."""
    return {name: () if "tuple" in str(field.annotation) else None for name, field in model.model_fields.items()}


def attempt(number=1, **keys):
    began = {"parent": "a" * 40, "started_at": "2026-03-01T22:00:00.000Z", "ended_at": "2026-03-01T22:10:00.000Z", "duration_s": 600.0}
    rest = {"outcome": "complete", "is_adopted": False, "usage": UsageStatus()}
    return AttemptStory(**{**empty(AttemptStory), "number": number, **began, **rest, **keys})


def phase(name="one", state="complete", attempts=(), words="Do it.", criteria=(), **keys):
    status = PhaseStatus(**{"id": name, "state": state, "attempts": len(attempts), **keys})
    known = {"run_id": "r", "phase": status, "description": words, "attempts": attempts, "next": (f"autopack retry r {name}",)}
    story = PhaseStory(**{**empty(PhaseStory), **known})
    judged = next((one for one in reversed(attempts) if one.verdict or one.commit), None)
    command = f"autopack diff r {name}"
    return PhaseReport(
        story=story, judged=judged, criteria=criteria, usage=UsageStatus(usd=0.5), diff=keys.pop("diff", ""), diff_command=command
    )


def report(*phases, goal="The shop sells.", **keys):
    run = RunStatus(
        run_id="r",
        state="held",
        reason="held",
        exit_code=4,
        next=("autopack show r one",),
        goal=goal,
        branch="autopack/r",
        base_commit="b" * 40,
        head_commit="c" * 40,
        plan=PlanStatus(path="p", sha256="s", revision=1),
        owner=None,
        **{
            "sandbox": "none",
            "budget": BudgetStatus(),
            "usage": UsageStatus(calls=3, usd=1.5),
            "phases": tuple(one.phase for one in phases),
            **figures_of([one.phase for one in phases], BudgetStatus()),
            **keys,
        },
    )
    shares = (
        Share(name="opus", usage=UsageStatus(input_tokens=900, usd=1.5)),
        Share(name="x", usage=UsageStatus(usd=None)),
    )
    return RunReport(
        run=run,
        project="shop",
        began=1_772_402_400.0,
        ended=None,
        look_at=look_at(run, phases, unpriced=0),
        phases=phases,
        timeline=tuple(PhaseBars(phase=one.phase.id, state=one.phase.state, bars=bars_of(one)) for one in phases),
        by_model=shares,
        by_role=shares,
        by_phase=shares,
        times=Times(worked=3600, models=1800, checks=900, waiting=600),
    )


def bars_of(one):
    call = Span(kind="call", label=one.story.description, began=1_772_402_410.0, ended=1_772_402_500.0)
    return tuple(
        Bar(number=each.number, outcome=each.outcome, began=1_772_402_400.0, ended=1_772_403_000.0, spans=(call,))
        for each in one.story.attempts
    )


def judged(**keys):
    return attempt(verdict=Verdict(verdict="approve", **{"confidence": 0.9, **keys}), commit="d" * 40)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_a_model_or_a_command_wrote_is_text_on_the_page(text):
    failure = AttemptFailure(kind="ci_fail", message=text, evidence=text)
    failed = attempt(1, outcome="failed", failure=failure)
    verdict = Verdict(verdict="approve", summary=text, issues=(Issue(severity="major", message=text, path=text, line=3),))
    criteria = (CriterionStory(criterion=text, answer="met", evidence=text, is_weak=False),)
    one = phase("one", "held", (failed, attempt(2, verdict=verdict)), text, criteria, held_because=HeldStatus(reason="gate", message=text))
    made = report(one.model_copy(update={"diff": f"+{text}\n-{text}"}), goal=text, message=text)
    html = html_of(made)
    page = Page(html)
    assert set(page.tags) <= TAGS
    assert {name for name, _ in page.attributes} <= {
        *(
            "lang",
            "charset",
            "http-equiv",
            "content",
            "name",
            "class",
            "id",
            "href",
            "scope",
            "viewbox",
            "preserveaspectratio",
            "aria-hidden",
        ),
        *("role", "aria-label", "tabindex", "x", "y", "width", "height"),
    }
    assert {value for name, value in page.attributes if name == "href"} == {"#phase-one"}
    assert html.encode("utf-8")
    markdown = report_markdown(made)
    assert markdown.encode("utf-8")
    for found in (html, markdown):
        assert not ODD.search(found)
        assert len(found) < 400_000
    outside = re.sub(r"(`{3,}).*?\1|(`+)[^`].*?\2", "", markdown, flags=re.DOTALL)
    assert not re.search(r"(?<!\\)<\w|(?<!\\)!?(?<!\\)\[|^#+ (?!r is|Landed|To look|What|one)|^\|[^\\]*\| a ", outside, re.MULTILINE)


def test_what_did_not_land_and_why_stands_before_what_it_took():
    lost = phase("two", "failed", (attempt(),), failure=FailureStatus(kind="ci_fail", message="1 of 2 tests fails."))
    made = report(phase("one", attempts=(judged(),), commit="d" * 40), lost)
    for text in (html_of(made), report_markdown(made)):
        order = [
            "Landed: 1 of 2",
            "ci fail: 1 of 2 tests fails",
            "To look at",
            "What it took",
            "Attempts" if "<html" in text else "1. complete",
        ]
        places = [text.index(words) for words in order]
        assert places == sorted(places)
        assert "30:00 min" in text
        assert "unknown" in text


def test_what_waits_is_looked_at_first_then_what_failed_then_what_is_doubtful():
    held = phase("held", "held", (judged(),), held_because=HeldStatus(reason="gate", message="Two tests are gone."))
    weak = CriterionStory(criterion="fast", answer="met", evidence="", is_weak=True)
    unjudged = CriterionStory(criterion="small", answer="not judged", evidence="", is_weak=False)
    landed = phase(
        "landed", attempts=(attempt(), attempt(2), judged(confidence=0.4)), criteria=(weak, unjudged), quality_level="needs_review"
    )
    lost = phase("lost", "skipped", skipped_because="held")
    overridden = judged().model_copy(update={"approval": Approval(override="audit", note="it is right")})
    made = report(landed, lost, held, phase("forced", attempts=(overridden,)))
    assert [(one.phase, one.concern, one.message) for one in made.look_at] == [
        ("held", "held", "Two tests are gone."),
        ("lost", "failed", "It was skipped because of held."),
        ("landed", "risk", "It landed, and its quality is: needs review."),
        ("landed", "risk", "The auditor was not sure: confidence 0.40."),
        ("forced", "override", "A person landed it against the audit: it is right."),
        ("landed", "criteria", "2 of 2 criteria without evidence: fast, small"),
        ("landed", "attempts", "It took 3 attempts."),
    ]
    assert made.look_at[0].commands == ("autopack retry r held",)


def test_a_run_without_an_attempt_has_a_report():
    made = report(phase("one", "queued"))
    assert "Landed: 0 of 1" in html_of(made)
    assert "Nothing stands out." in report_markdown(made)


def test_a_page_needs_nothing_but_itself():
    text = html_of(report(phase(attempts=(judged(criteria=(Criterion(criterion="x", met=True),)),))))
    assert "<script" not in text
    assert "http:" not in text.replace("http-equiv", "")
    assert "url(" not in text
    assert "default-src &#x27;none&#x27;" in text
    assert all(words in text for words in ("prefers-color-scheme: dark", "@media print", "max-width: 30rem"))


def test_both_pages_list_what_a_builder_looked_at_by_itself():
    looked = LookedStory(role="builder", rounds=(("read src/tax.py:1-40", "search round_tax"), ("list <b>src</b>",)))
    pages = report(phase(attempts=(attempt(looked=(looked,)),)))
    assert "   looked: builder, 2 rounds: read src/tax.py:1-40; search round_tax; list " in report_markdown(pages)
    html = html_of(pages)
    assert "looked: builder, 2 rounds" in html
    assert all(f"<li>{call}</li>" in html for call in ("read src/tax.py:1-40", "search round_tax", "list &lt;b&gt;src&lt;/b&gt;"))
