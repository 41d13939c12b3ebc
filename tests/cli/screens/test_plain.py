import io

import pytest

from autopack.cli.screens.plain import PlainLines, sentence
from autopack.core.events import Event


def said(event, phase="one", attempt=1, **data):
    return sentence(Event(run_id="r", event=event, time=0, phase=phase, attempt=attempt, data=data))


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (said("phase_recovering", kind="checks_red", message="Red."), "one [1]: attempt failed (checks red): Red."),
        (said("phase_auditing", passed=3, failed=0, flaky=0, seconds=0.4), "one [1]: auditing (3 passed, 0.4 s)"),
        (said("phase_auditing", passed=0, failed=0, flaky=0, seconds=0.4), "one [1]: auditing (no tests, 0.4 s)"),
        (said("step_check", passed=1, failed=2, flaky=1), "one [1]: checks (1 passed, 2 failed, 1 flaky)"),
        (said("phase_building", mode="full_file"), "one [1]: building (full file)"),
        (said("phase_held", held="review", message="Look."), "one [1]: held (review): Look."),
        (said("run_complete", phase=None, attempt=None), "run: complete"),
    ],
)
def test_what_happened_is_said_in_words(line, shown):
    assert line == shown


def test_a_message_of_two_lines_is_one_line():
    stream = io.StringIO()
    PlainLines(stream).observe(Event(run_id="r", event="phase_held", time=0, phase="one", data={"message": "a\nrun r: complete\x1b[2J"}))
    assert stream.getvalue().count("\n") == 1
    assert "a run r: complete" in stream.getvalue()


def test_a_command_before_the_first_phase_has_a_line_and_one_a_minute_until_it_ends():
    stream = io.StringIO()
    lines = PlainLines(stream)
    for event, time, data in (
        ("heartbeat", 0, {}),
        ("command_started", 10, {"message": "set-up: npm ci"}),
        ("heartbeat", 60, {}),
        ("heartbeat", 120, {}),
        ("command_ended", 125, {"message": "set-up: npm ci ended after 115 s", "seconds": 115.2}),
        ("heartbeat", 180, {}),
        ("command_started", 190, {"message": "one, on the base: true"}),
        ("command_ended", 190, {"message": "one, on the base: true ended after 0 s", "seconds": 0.1}),
    ):
        lines.observe(Event(run_id="r", event=event, time=time, data=data))
    assert [line[10:] for line in stream.getvalue().splitlines()] == [
        "set-up: npm ci",
        "set-up: npm ci: running for 50 s",
        "set-up: npm ci: running for 110 s",
        "set-up: npm ci ended after 115 s",
        "one, on the base: true",
    ]
