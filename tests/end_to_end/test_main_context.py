"""What a builder knows of what came before: its own refused edits, and the phases that are done."""

import json

import pytest

from tests.support.command import oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

TWO = {"one": {"app.txt": "two\n"}, "two": {"docs/notes.txt": "more notes\n"}}
OUTSIDE = json.dumps({"summary": "too much", "files": [{"path": "elsewhere.txt", "action": "create", "content": "words of attempt one\n"}]})


def test_a_retry_shows_the_edits_that_were_refused_and_a_later_phase_what_is_done(desk):
    desk.plan(phase_of("one"), phase_of("two", "docs/notes.txt"))
    oracle, given = oracle_of(TWO), []

    def script(request):
        key = request.headers["x-autopack-phase"], request.headers["x-autopack-role"]
        if key == ("one", "builder") and not given:
            given.append(key)
            return OUTSIDE
        return oracle(request)

    with scripted_server(script) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
        first, second = server.asked("builder", "one")
        (later,) = server.asked("builder", "two")
    assert "words of attempt one" not in first.text
    assert "words of attempt one" in second.text
    assert second.text.index("words of attempt one") < second.text.index("elsewhere.txt: ")
    assert "Done by earlier phases" not in first.text
    assert "- one: Make the change one. (app.txt)" in later.text
