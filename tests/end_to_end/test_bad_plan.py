"""Plans and words that cannot be used: every fault is one sentence with its place, before anything is made."""

import json

import pytest

from tests.support.command import CHECK, ONE, ending, oracle_of, phase_of, plan_of, refusal
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

FAULTS = {
    "missing": (None, ("There is no autopack.yaml in", "autopack init", "--plan FILE")),
    "empty": ("", ("autopack.yaml", "empty", "version: 1")),
    "no yaml": ("version: 1\ngoal: [unclosed\nphases:\n", ("autopack.yaml:", "]")),
    "wrong version": (json.dumps({**plan_of(), "version": 7}), ("autopack.yaml:1", "`version` is 7", "reads version 1")),
    "key twice": ('{\n"version": 1,\n"version": 1}', ("autopack.yaml:3", "`version` stands here a second time (first on line 2)")),
    "no JSON": ('{\n"version": 1\n"goal": "x"}', ("autopack.yaml:3", "not YAML (column 7)")),
    "unknown key": (json.dumps(plan_of(phase_of("one", complexty="low")), indent=1), ("complexty", "complexity", "autopack.yaml:")),
    "duplicate id": (json.dumps(plan_of(phase_of("one"), phase_of("one"))), ("'one'", "autopack.yaml:1")),
    "cycle": (
        json.dumps(plan_of(phase_of("one", depends_on=["two"]), phase_of("two", depends_on=["one"]))),
        ("one -> two -> one", "circle"),
    ),
    "git's own file in a scope": (
        json.dumps(plan_of(phase_of("one", ".git/config"))),
        ("autopack.yaml:1", "`.git/config` can never be changed: `.git` belongs to git or to Autopack"),
    ),
    "no text": ("\udcff\udcfe", ("autopack.yaml", "UTF-8")),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_plan_is_refused_with_its_place(desk, fault):
    text, words = FAULTS[fault]
    if text is not None:
        (desk.repo / "autopack.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))
    before = desk.branches()
    sentence = refusal(desk.autopack("run", "--run-id", "r"), 3)
    for word in words:
        assert word in sentence
    assert desk.branches() == before
    assert not (desk.repo / ".autonomous_runs").exists()


def test_every_fault_of_a_plan_is_told_at_once(desk):
    desk.plan(phase_of("one", complexity="huge"), phase_of("Two", "../up.txt"), goal="", version="1")
    sentence = refusal(desk.autopack("run"), 3)
    assert "faults" in sentence
    for word in ("huge", "Two", "../up.txt", "goal", "`version` is '1'"):
        assert word in sentence


@pytest.mark.parametrize("run_id", ["a/b", "..", ""])
def test_a_run_id_that_cannot_be_one_is_wrong_usage(desk, run_id):
    desk.plan()
    sentence = refusal(desk.autopack("run", f"--run-id={run_id}"), 2)
    assert f"'{run_id}' cannot be a run id" in sentence
    assert "use lower-case letters" in sentence


def test_words_that_no_command_knows_are_wrong_usage(desk):
    done = desk.autopack("run", "--no-such-option")
    assert done.exit_code == 2
    assert "--no-such-option" in done.stderr
    assert desk.autopack("resume", "nothing").exit_code == 2


def test_a_plan_that_changed_since_is_refused_with_the_difference(desk):
    desk.plan(phase_of("one"), phase_of("two"))
    oracle = oracle_of({"one": {"app.txt": "two\n"}, "two": {"app.txt": "three\n"}})
    with scripted_server(oracle, faults=("3:status:status=401",)) as server:
        keyed = desk.beside(server)
        ending(keyed.autopack("run", "--run-id", "r"), 6)
        asked = len(server.calls)
        desk.plan(phase_of("one"), phase_of("two", description="Something else."), phase_of("three"))
        sentence = refusal(keyed.autopack("resume", "r"), 3)
        for word in ("the plan has changed since run 'r' began", "Something else.", "three", "--new"):
            assert word in sentence
        assert len(server.calls) == asked
        desk.plan(phase_of("one"), phase_of("two"))
        assert keyed.autopack("resume", "r").exit_code == 0
    assert desk.at("autopack/r", "app.txt") == "three\n"


def test_a_plan_written_anew_with_the_same_meaning_is_no_change(desk):
    plan = desk.plan()
    with scripted_server(oracle_of(ONE), faults=("1:status:status=401",)) as server:
        keyed = desk.beside(server)
        ending(keyed.autopack("run", "--run-id", "r"), 6)
        plan.write_text("# the same\n" + json.dumps(plan_of(defaults={"ci": CHECK, "complexity": "low"})), "utf-8")
        assert keyed.autopack("resume", "r").exit_code == 0
