"""The display on a terminal of 80 columns: ids, states, attempts, the model that is asked, tokens and cost, also of earlier starts."""

import json
import threading

import pytest
from rich.cells import cell_len

from tests.support.command import CHECK, held_until, oracle_of, phase_of
from tests.support.server import scripted_server
from tests.support.terminal import on_terminal

pytestmark = pytest.mark.end_to_end

LONG = "die-preise-der-baeckerei-in-die-tabelle-eintragen-und-pruefen"
RED = {**CHECK, "command": "grep -q drei app.txt || { echo 'Prüfung: größer denn erwartet, «nötig» wäre anderes'; exit 1; }"}
CHANGES = {LONG: {"app.txt": "zwei\n"}, "after": {"docs/notes.txt": "für später\n"}}


def row(frame, name):
    """The cells of a phase's line on the screen."""
    return next(line.split() for line in frame.splitlines() if f" {name} " in line)


def test_a_terminal_of_80_columns_shows_each_phase_whole_and_goes_on_where_the_last_start_ended(desk):
    desk.plan(
        phase_of(LONG, max_attempts=1, ci=RED, description="Die Größe ändern."),
        phase_of("after", "docs/", depends_on=[]),
    )
    release = threading.Event()
    with scripted_server(held_until(release, oracle_of(CHANGES))) as server:
        keyed = desk.beside(server)
        with on_terminal(keyed, 80, "run", "--run-id", "r") as seen:
            waiting = seen.until(lambda frame: "asking " in frame)
            release.set()
            assert seen.end() == 1
        assert row(waiting, LONG)[2:4] == ["building", "1"]
        assert "attempt 1: asking claude-" in waiting
        assert "0/2 phases" in waiting
        last = seen.frame
        assert row(last, LONG)[:4] == ["✗", LONG, "failed", "1"]
        assert row(last, "after")[:4] == ["✓", "after", "complete", "1"]
        assert all(cell_len(line) <= 80 for line in last.split("\nrun r:")[0].splitlines())
        assert "run r: failed: not complete" in last
        assert f"next: autopack show r {LONG}" in last
        usage = desk.status("r")["usage"]
        desk.autopack("retry", "r", LONG, "--note", "größer")
        with on_terminal(keyed, 80, "resume", "r") as again:
            assert again.end() == 1
    both = desk.status("r")["usage"]
    assert both["input_tokens"] > usage["input_tokens"]
    assert f"{both['input_tokens']:,} in, {both['output_tokens']:,} out · ${both['usd']:.4f}" in again.frame
    assert row(again.frame, LONG)[:4] == ["✗", LONG, "failed", "2"]
    assert row(again.frame, "after")[:4] == ["✓", "after", "complete", "1"]
    for words in (("status", "r"), ("show", "r", LONG)):
        with on_terminal(desk, 80, *words) as screen:
            assert screen.end() == (1 if words[0] == "status" else 0)
        wide = [line for line in screen.frame.splitlines() if cell_len(line) > 80]
        assert all(LONG in line or line.startswith("plan ") for line in wide), "only a path, a ref or a command is never cut"
        assert LONG in screen.frame
        assert "größer denn erwartet" in screen.frame or words[0] == "status"
    logs = desk.autopack("logs", "r", "--events", "--json").stdout
    assert "call_sent" not in {json.loads(line)["event"] for line in logs.splitlines()}
