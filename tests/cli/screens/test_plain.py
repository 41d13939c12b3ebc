import io

from autopack.cli.screens.plain import PlainLines
from autopack.core.events import Event


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
