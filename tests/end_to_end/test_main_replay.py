"""A run is played again from its journal: the same tree, no network, no key, no cost."""

import json

import pytest

from tests.support.command import CHECK, FILES, Desk, oracle_of, phase_of
from tests.support.oracle import Spoil
from tests.support.repos import git
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

ANSWERS = {"one": {"app.txt": "two\n"}, "two": {"docs/notes.txt": "more\n"}}
ONCE = {"command": "date +%N > stamp.txt", "when": ["app.txt"], "writes": ["stamp.txt"]}
"""What this derives is another file each time: a replay that ran it again would end in another tree."""


def test_a_journal_plays_the_same_tree_in_a_fresh_clone(desk, tmp_path):
    plan = desk.plan(phase_of("one", derive=[ONCE]), phase_of("two", "docs/"))
    with scripted_server(oracle_of(ANSWERS, FILES, spoils={"two": Spoil.PROSE})) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
    journal = tmp_path / "journal.jsonl"
    exported = desk.autopack("journal", "export", "r", "-o", journal)
    assert exported.exit_code == 0, exported.stderr
    lines = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    assert lines[0]["journal"] == 1
    assert lines[0]["base_tree"] == desk.git("rev-parse", "main^{tree}")
    assert [(line["phase"], line["attempt"], line["role"]) for line in lines if "role" in line] == [
        ("one", 1, "builder"),
        ("one", 1, "auditor"),
        ("two", 1, "builder"),
        ("two", 2, "builder"),
        ("two", 2, "auditor"),
    ]
    clone = Desk(tmp_path / "clone", desk.environment)
    git(tmp_path, "clone", "-q", str(desk.repo), str(clone.repo))
    (clone.repo / "autopack.yaml").write_bytes(plan.read_bytes())
    played = clone.autopack("run", "--run-id", "again", "--replay", journal, "--replay-strict", "--json", "--max-usd", "0.001")
    assert played.exit_code == 0, played.stdout + played.stderr
    assert played.told("replay_drift") == []
    assert clone.git("rev-parse", "autopack/again^{tree}") == desk.git("rev-parse", "autopack/r^{tree}")
    status = clone.status("again")
    assert status["usage"]["usd"] == 0
    assert (status["budget"]["spent_usd"], status["budget"]["spent_tokens"], status["budget"]["reserved_usd"]) == (0, 0, 0)
    assert [phase["attempts"] for phase in status["phases"]] == [1, 2]
    assert_drift(clone, journal)


def assert_drift(clone, journal):
    """Another text of the plan is another request: said, or with --replay-strict an error."""
    text = (clone.repo / "autopack.yaml").read_text("utf-8").replace("Make the change two", "Make the great change two")
    (clone.repo / "autopack.yaml").write_text(text, "utf-8")
    strict = clone.autopack("run", "--run-id", "strict", "--replay", journal, "--replay-strict")
    assert strict.exit_code == 3, strict.stderr
    assert "is asked something else than was recorded" in strict.stderr
    again = clone.autopack("resume", "strict")
    assert again.exit_code == 3, "a strict replay stays strict"
    assert "is asked something else than was recorded" in again.stderr
    loose = clone.autopack("run", "--run-id", "loose", "--replay", journal, "--json")
    assert loose.exit_code == 0, loose.stderr
    assert {line["phase"] for line in loose.told("replay_drift")} == {"two"}
    assert clone.git("rev-parse", "autopack/loose^{tree}") == clone.git("rev-parse", "autopack/again^{tree}")


def test_a_journal_of_another_plan_is_said_in_a_sentence(desk, tmp_path):
    desk.plan(phase_of("one"), phase_of("two", "docs/"), defaults={"ci": CHECK})
    journal = tmp_path / "journal.jsonl"
    journal.write_text('{"journal": 1, "plan_sha256": null, "base_tree": null}\n', "utf-8")
    done = desk.autopack("run", "--run-id", "r", "--replay", journal)
    assert done.exit_code == 3, done.stderr
    assert "the journal holds no reply 1 of the builder in attempt 1 of phase 'one'" in done.stderr
    assert desk.git("rev-parse", "autopack/r") == desk.git("rev-parse", "main")
