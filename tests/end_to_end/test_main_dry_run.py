"""``--dry-run`` says what would be done and makes nothing at all: not in the repository, not in its git directory, not at home."""

import pytest

from tests.support.command import ending, oracle_of, phase_of, refusal
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

TWO = {"one": {"app.txt": "two\n"}, "two": {"app.txt": "three\n"}}


def everything(desk):
    """Every file and folder of the repository and of the home, bytes and time of change."""
    places = [desk.repo, *desk.repo.rglob("*"), desk.home, *desk.home.rglob("*")]
    return {str(place): (place.is_file() and place.read_bytes(), place.stat().st_mtime_ns) for place in places}


def test_a_dry_run_makes_nothing_before_the_first_run_and_after_it(desk):
    desk.plan(phase_of("one"), phase_of("two"))
    before = everything(desk)
    told = desk.autopack("run", "--run-id", "r", "--dry-run")
    assert told.exit_code == 0, told.stderr
    assert "run r would be made" in told.stdout
    assert "2. two (low) after one" in told.stdout
    assert "checks: sh check.sh" in told.stdout
    assert "there is no run" in refusal(desk.autopack("resume", "--dry-run"), 2)
    assert everything(desk) == before
    with scripted_server(oracle_of(TWO), faults=("3:status:status=401",)) as server:
        ending(desk.beside(server).autopack("run", "--run-id", "r"), 6)
        after = everything(desk)
        for words in (("run", "--run-id", "r"), ("resume", "r")):
            told = desk.beside(server).autopack(*words, "--dry-run", "--json")
            assert told.exit_code == 0, told.stderr
            assert (told.json["run_id"], told.json["state"]) == ("r", "blocked")
            assert [phase["state"] for phase in told.json["phases"]] == ["complete", "building"]
        assert len(server.calls) == 3
    assert everything(desk) == after
    desk.git("branch", "autopack/taken")
    assert "autopack/taken exists" in refusal(desk.autopack("run", "--new", "--run-id", "taken", "--dry-run"), 7)
    assert "no such model" in refusal(desk.autopack("resume", "r", "--model", "nonsense", "--dry-run"), 2)


def test_it_says_who_would_be_asked_what_it_may_cost_and_what_is_done_already(desk):
    skipped = phase_of("two", "docs/notes.txt", ci={"skip": True, "reason": "only words change"}, depends_on=[])
    desk.plan(phase_of("one"), skipped)
    nobody = desk.autopack("run", "--run-id", "r", "--dry-run").stdout
    assert "builder: none has a key; auditor: none has a key" in nobody
    assert "without a key, so not asked: anthropic/claude-" in nobody
    assert "checks: skipped (only words change)" in nobody
    with scripted_server(oracle_of({"one": TWO["one"], "two": {"docs/notes.txt": "more\n"}}), faults=("3:status:status=401",)) as server:
        keyed = desk.beside(server)
        found = keyed.autopack("run", "--run-id", "r", "--dry-run", "--max-usd", "3", "--json").json
        assert (found["schema"], found["run_id"], found["state"]) == (1, "r", None)
        assert 0 < found["usd"]["likely"] < found["usd"]["most"] <= 3
        one, two = found["phases"]
        assert all(name.startswith("anthropic/") for name in (*one["models"]["builder"], *one["models"]["auditor"]))
        assert any(name.startswith("openai/") for name in one["models"]["without_key"])
        assert (one["checks"], two["checks"], two["unchecked_because"]) == (["sh check.sh"], [], "only words change")
        assert "files shown: 1 as full file; new: 0" in keyed.autopack("run", "--run-id", "r", "--dry-run").stdout
        assert one["context"]["files"] == [{"path": "app.txt", "mode": "full_file", "lines": [[1, 2]], "is_whole": True, "why": "named"}]
        assert 0 < one["usd"]["likely"] < one["usd"]["most"]
        ending(keyed.autopack("run", "--run-id", "r"), 6)
        left = keyed.autopack("resume", "r", "--dry-run", "--json").json
        landed = left["phases"][0]
        assert (landed["state"], landed["commit"], landed["checks"]) == ("complete", desk.git("rev-parse", "autopack/r"), [])
        assert left["usd"]["likely"] == left["phases"][1]["usd"]["likely"]
        lines = keyed.autopack("resume", "r", "--dry-run").stdout.splitlines()
        assert lines[1].startswith("  1. one (low): complete, ")
        assert lines[2].startswith("  2. two (low): building")
