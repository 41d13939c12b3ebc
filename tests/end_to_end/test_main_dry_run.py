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
            assert "run r goes on" in told.json["dry_run"][0]
        assert len(server.calls) == 3
    assert everything(desk) == after
    desk.git("branch", "autopack/taken")
    assert "autopack/taken exists" in refusal(desk.autopack("run", "--new", "--run-id", "taken", "--dry-run"), 7)
    assert "no such model" in refusal(desk.autopack("resume", "r", "--model", "nonsense", "--dry-run"), 2)
