import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from autopack.cli.screens.live import LiveDisplay
from autopack.core.events import Event
from autopack.core.status import FailureStatus, PhaseStatus, UsageStatus

LONGEST = "a" * 64
WHY = "Die Prüfung wurde rot: größer denn erwartet, 表が大きすぎる, " * 5


def display_of(width=80, height=24):
    return LiveDisplay(Console(file=io.StringIO(), force_terminal=True, width=width, height=height, color_system=None, emoji=False))


def tell(display, event, phase=None, attempt=None, **data):
    display.observe(Event(run_id="r", event=event, time=0.0, phase=phase, attempt=attempt, data=data))


def begin(display, *phases, usage=None):
    statuses = [phase if isinstance(phase, PhaseStatus) else PhaseStatus(id=phase, state="queued", attempts=0) for phase in phases]
    tell(display, "run_phases", status=[status.model_dump() for status in statuses], usage=(usage or UsageStatus()).model_dump())


def frame(display):
    """What stands on the screen: every line fits."""
    console = display._console
    with console.capture() as captured:
        console.print(display._render())
    lines = captured.get().splitlines()
    assert all(cell_len(line) <= console.width for line in lines), lines
    assert len(lines) < console.height or display._is_ended, lines
    return lines


@pytest.mark.parametrize("width", [80, 100, 140])
def test_a_long_note_takes_no_room_from_the_ids_and_states(width):
    display = display_of(width)
    begin(display, "short", LONGEST)
    tell(display, "phase_building", LONGEST, 3)
    tell(display, "phase_failed", LONGEST, 3, message=WHY)
    lines = frame(display)
    row = next(line for line in lines if LONGEST in line)
    assert row.split()[:3] == ["✗", LONGEST, "failed"]
    assert "Die Prüfung wurde rot" in lines[lines.index(row) + 1]
    assert lines[lines.index(row) + 1].endswith("…")


@pytest.mark.parametrize("width", [80, 140])
def test_the_first_wait_says_which_model_is_asked_in_which_attempt(width):
    display = display_of(width)
    begin(display, LONGEST)
    tell(display, "phase_building", LONGEST, 1)
    tell(display, "call_sent", LONGEST, 1, role="builder", provider="anthropic", model="m-1")
    assert "   attempt 1: asking m-1" in frame(display)
    tell(display, "call_progress", LONGEST, 1, role="builder", characters=12_345)
    assert "   attempt 1: asking m-1, 12,345 characters so far" in frame(display)
    tell(display, "call_replied", LONGEST, 1, role="builder", model="m-1-2026", usd=0.25, input_tokens=1000, output_tokens=20)
    lines = frame(display)
    assert not any("asking" in line for line in lines)
    assert "1,000 in, 20 out · $0.2500" in lines[-1]
    row = next(line.split() for line in lines if LONGEST in line)
    assert row[2] == "building"
    assert ("m-1-2026" in row) == (width > 80)


def test_while_a_phase_is_tried_again_it_says_why_and_once_it_is_complete_no_more():
    display = display_of(100)
    begin(display, "one")
    tell(display, "phase_recovering", "one", 1, message="1 test fails.")
    assert "   1 test fails." in frame(display)
    tell(display, "phase_checking", "one", 2)
    assert "   last attempt: 1 test fails." in frame(display)
    tell(display, "phase_complete", "one", 2, commit="0123456789abcdef")
    assert not any("fails" in line for line in frame(display))


def test_tokens_cost_attempts_and_reasons_of_earlier_starts_count():
    failed = PhaseStatus(id="two", state="failed", attempts=5, failure=FailureStatus(kind="checks_red", message="1 test fails."))
    done = PhaseStatus(id="one", state="complete", attempts=2, commit="0123456789abcdef", model="m-1")
    display = display_of(100)
    begin(display, done, failed, usage=UsageStatus(calls=7, input_tokens=500, output_tokens=50, usd=1.5))
    tell(display, "call_replied", "two", 6, role="auditor", model="m-2", usd=None, input_tokens=1, output_tokens=1)
    lines = frame(display)
    assert next(line.split() for line in lines if "one" in line) == ["✓", "one", "complete", "2", "m-1", "0123456789"]
    assert "   1 test fails." in lines
    assert "1/2 phases" in lines[-1]
    assert "501 in, 51 out · $1.5000 + unknown prices" in lines[-1]


def test_a_plan_longer_than_the_screen_keeps_the_phase_at_work_in_sight_and_ends_whole():
    display = display_of(height=12)
    names = [f"p{number:02}" for number in range(40)]
    begin(display, *names)
    for name in names[:20]:
        tell(display, "phase_complete", name, 1, commit="0" * 40)
    tell(display, "phase_checking", "p20", 1)
    lines = frame(display)
    assert any("p20" in line for line in lines)
    assert "   … 14 more above" in lines
    assert "   … 19 more below" in lines
    assert "20/40 phases" in lines[-1]
    display._is_ended = True
    assert len(frame(display)) == 1 + 40 + 1


def test_what_happens_beside_the_phases_is_said_in_a_line_of_its_own():
    display = display_of()
    begin(display, "one")
    tell(display, "fallback", "one", 1, role="builder", **{"from": "a/m", "to": "b/n"}, message="a/m is down")
    tell(display, "run_introduced", message="run r: \x1b[31mbase\x1b[0m")
    tell(display, "step_reply", "one", 1)
    tell(display, "run_failed", message="not complete: one.")
    said = display._console.file.getvalue()
    assert "one [1]: fallback (role builder, from a/m, to b/n): a/m is down" in said
    assert "run r: base" in said
    assert "step" not in said
    assert "not complete" not in said


@pytest.mark.parametrize("width", [40, 80])
def test_a_command_before_the_first_phase_is_shown_with_its_name_and_time(width):
    display = display_of(width=width, height=12)
    begin(display, *(f"p{number:02}" for number in range(40)))
    tell(display, "command_started", message="set-up: npm ci --no-audit --no-fund \x1b[2J && echo done")
    assert any(line.startswith("   0:00 set-up: npm ci") for line in frame(display))
    tell(display, "command_ended", message="x", seconds=1)
    assert not any("npm" in line for line in frame(display))
