"""Draws the screen that explains a phase: its task, each attempt and why it failed, how it was judged, what landed."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from rich.text import Text

from autopack.cli.printable import few_lines
from autopack.cli.screens.errors_screen import overcome_lines
from autopack.cli.screens.format import MARKS, dollars, duration, mark, moment, named, reason, short, tokens
from autopack.cli.screens.judged_screen import check_lines, decision_lines, verdict_lines
from autopack.cli.screens.prose import INDENT, labelled, sentence
from autopack.cli.screens.weighed_screen import weighed_lines
from autopack.core.goal_drift import Drift
from autopack.reporting.story import WORDS_GONE, AttemptStory, CallStory, PhaseStory

_EVIDENCE_LINES = 5
_WIDEST = 200


def show_lines(story: PhaseStory, width: int | None) -> Iterator[Text]:
    """``width`` None: for a pipe."""
    phase = story.phase
    yield Text.assemble(
        mark(phase.state), " ", (phase.id, "bold"), "  ", named(phase.state, phase.held), ("  of run ", "dim"), story.run_id
    )
    yield from sentence("task", story.description, width)
    yield from sentence("scope", ", ".join(story.scope), width, lines=2)
    if story.depends_on:
        yield from sentence("after", ", ".join(story.depends_on), width)
    if phase.skipped_because:
        yield from sentence("skipped", f"because of {phase.skipped_because}", width)
    if story.why:
        yield from sentence("why", story.why, width, style=MARKS[phase.state][1])
    last = story.attempts[-1] if story.attempts else None
    for attempt in story.attempts:
        yield Text()
        yield from _attempt(attempt, width, has_evidence=attempt is last)
    yield Text()
    for entry in story.overcome:
        yield from overcome_lines(entry, width)
    yield from _said(story, width)
    yield from _left(story, width)
    for command in story.next:
        yield labelled("next", command)


def _attempt(attempt: AttemptStory, width: int | None, *, has_evidence: bool) -> Iterator[Text]:
    facts = [moment(datetime.fromisoformat(attempt.started_at).timestamp())]
    facts += [duration(attempt.duration_s)] if attempt.duration_s is not None else []
    facts += ["a person's commit"] if attempt.is_adopted else []
    facts += [attempt.mode.replace("_", " ")] if attempt.mode else []
    facts += [tokens(attempt.usage), dollars(attempt.usage.usd)] if attempt.usage.calls else []
    head = Text.assemble((f"attempt {attempt.number}", "bold"), "  ", named(attempt.outcome))
    told = Text("  " + " · ".join(facts), style="dim")
    if width is None or head.cell_len + told.cell_len <= width:
        yield head + told
    else:
        yield head
        yield from sentence("", " · ".join(facts), width, style="dim")
    for role in dict.fromkeys(call.role for call in attempt.calls):
        yield from sentence(role, _models([call for call in attempt.calls if call.role == role]), width)
    for looked in attempt.looked:
        yield from sentence("looked", f"{looked.head}: {'; '.join(looked.calls)}", width, lines=3)
    if attempt.drift:
        yield from sentence("goal", _alike(attempt.drift), width, style="yellow" if attempt.drift.is_far else "")
    if attempt.failure:
        yield from sentence("why", reason(attempt.failure.kind, attempt.failure.message, attempt.failure.fault), width, style="red")
    if attempt.failure and has_evidence:
        for line in few_lines(attempt.failure.evidence, _EVIDENCE_LINES, (width or _WIDEST) - len(INDENT)):
            yield Text(INDENT + line, style="dim")
    for decided in attempt.decided:
        yield from sentence("then", f"{decided.remedy.replace('_', ' ')}: {decided.because}", width)


def _alike(drift: Drift) -> str:
    drifted = f"less than {drift.threshold:.2f}: is it what was asked for?" if drift.is_far else f"{drift.threshold:.2f} is asked for"
    return f"the change is {drift.alike:.2f} alike goal and task; {drifted}"


def _models(calls: list[CallStory]) -> str:
    """``anthropic/x, answered by y, 2 calls``; what went wrong on the wire is said."""
    last = calls[-1]
    words = [last.requested_model]
    if last.answering_model and last.answering_model != last.requested_model.partition("/")[2]:
        words.append(f"answered by {last.answering_model}")
    words += [f"{len(calls)} calls"] if len(calls) > 1 else []
    words += ["replayed"] if last.is_replayed else []
    words += ["no reply yet"] if last.state == "intent" else []
    words += ["cut off"] if last.stop == "max_tokens" else []
    words += [f"{last.state}: {last.error}"] if last.error else []
    return ", ".join(words)


def _said(story: PhaseStory, width: int | None) -> Iterator[Text]:
    """Checks, verdict and decision, each of the newest attempt that has one."""
    newest = list(reversed(story.attempts))
    for attempt in newest:
        if attempt.checks:
            yield from check_lines(attempt.checks, _which(attempt, newest), width)
            break
    for attempt in newest:
        if attempt.old_tests:
            yield from weighed_lines(attempt.old_tests, attempt.new_tests, _which(attempt, newest), width)
            break
    for attempt in newest:
        if attempt.verdict:
            yield from verdict_lines(attempt.verdict, attempt.decision, _which(attempt, newest), width)
            break
    for attempt in newest:
        if attempt.decision:
            yield from decision_lines(attempt.decision, _which(attempt, newest), width)
            break
    if newest and newest[0].approval:
        override = f", {newest[0].approval.override} overridden" if newest[0].approval.override else ""
        yield from sentence("approved", f"by a person{override}: {newest[0].approval.note or 'no note'}", width)


def _which(attempt: AttemptStory, newest: list[AttemptStory]) -> str:
    return "" if attempt is newest[0] else f" (attempt {attempt.number})"


def _left(story: PhaseStory, width: int | None) -> Iterator[Text]:
    """Where the work is: the commit that landed, else the newest candidate; and the logs."""
    made = next((attempt.candidate for attempt in reversed(story.attempts) if attempt.candidate), None)
    files = f", {len(made.paths)} file{'s' if len(made.paths) != 1 else ''}: {', '.join(made.paths)}" if made else ""
    if story.phase.commit:
        yield from sentence("commit", short(story.phase.commit) + files, width, lines=2)
    elif made:
        yield from sentence("made", f"candidate {short(made.commit)} at {made.ref}{files}", width)
    for attempt in story.attempts:
        if attempt.log:
            yield labelled("log", _near(Path(attempt.log)))
    if story.is_let_go:
        yield from sentence("words", f"{WORDS_GONE}; figures and decisions stay", width)


def _near(path: Path) -> str:
    """The commands as a person would type them here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
