"""A plan that is changed while its run is under way: refused with the difference, or taken over by name."""

import pytest

from tests.support.command import CHECK, ending, oracle_of, phase_of, refusal
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

CHANGES = {"one": {"app.txt": "two\n"}, "two": {"docs/two.txt": "two\n"}, "three": {"docs/three.txt": "three\n"}}


def states(desk):
    return {phase["id"]: phase["state"] for phase in desk.status("r")["phases"]}


def test_a_changed_plan_goes_on_by_name_with_what_landed_kept(desk):
    answers = oracle_of(CHANGES)

    def script(request):
        return "No." if request.headers["x-autopack-phase"] == "gone" else answers(request)

    first = (phase_of("one"), phase_of("gone", "docs/gone.txt", max_attempts=1, gate="auto"), phase_of("two", "docs/two.txt", gate="hold"))
    desk.plan(*first)
    with scripted_server(script) as server:
        keyed = desk.beside(server)
        assert keyed.autopack("run", "--run-id", "r").exit_code == 1
        assert states(desk) == {"one": "complete", "gone": "failed", "two": "skipped"}
        desk.plan(phase_of("one"), phase_of("three", "docs/three.txt"))
        assert "phase 'gone' was removed" in refusal(keyed.autopack("resume", "r"), 3)
        done = keyed.autopack("resume", "r", "--accept-plan-change")
        assert done.exit_code == 0, done.stderr
        assert len(server.asked("builder", "one")) == 1
    assert states(desk)["three"] == "complete"
    assert desk.at("autopack/r", "docs/three.txt") == "three\n"
    assert desk.status("r")["plan"]["revision"] == 2


def test_what_has_landed_cannot_change(desk):
    desk.plan(phase_of("one"), phase_of("two", "docs/two.txt", gate="hold"))
    with scripted_server(oracle_of(CHANGES)) as server:
        keyed = desk.beside(server)
        assert keyed.autopack("run", "--run-id", "r").exit_code == 4
        desk.plan(phase_of("one", description="Something else."), phase_of("two", "docs/two.txt", gate="hold"))
        told = refusal(keyed.autopack("resume", "r", "--accept-plan-change"), 3)
        assert "phase 'one' has landed and cannot change" in told
        desk.plan(phase_of("one"), phase_of("two", "docs/two.txt", ci={**CHECK, "command": "pytset -q"}))
        for option in (["--accept-plan-change"], []):
            assert "'pytset' is not found" in ending(keyed.autopack("resume", "r", *option), 7), "a new command is tried first"
        assert len(server.asked("builder", "two")) == 1
        desk.plan(phase_of("one"), phase_of("two", "docs/two.txt", description="Otherwise."))
        assert keyed.autopack("resume", "r", "--accept-plan-change").exit_code == 0
        assert len(server.asked("builder", "two")) == 2
    assert states(desk) == {"one": "complete", "two": "complete"}
