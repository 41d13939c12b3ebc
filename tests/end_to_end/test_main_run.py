"""The main job: a plan of several phases becomes one checked and audited commit a phase, and the checkout stays its user's."""

import json

import pytest

from tests.support import bread_shop
from tests.support.command import PYTEST, Desk, oracle_of
from tests.support.repos import tree
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

CONTRACT = {
    "run_id", "state", "reason", "next", "goal", "branch", "base_commit", "head_commit", "plan", "owner", "sandbox", "budget", "usage",
    "phases", "schema",
}  # fmt: skip
OF_PHASE = {
    "id",
    "state",
    "attempts",
    "commit",
    "model",
    "checks",
    "held",
    "held_because",
    "skipped_because",
    "failure",
    "tests",
    "quality_level",
    "risk",
}
OF_USAGE = {"calls", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "usd"}
MODES = {"prices": "full_file", "catalogue": "diff", "archive": "structured_edit", "pages": "structured_edit"}


@pytest.mark.parametrize("api", ["anthropic", "openai"])
def test_a_plan_becomes_one_commit_a_phase_and_the_checkout_stays_as_it_was(tmp_path, api):
    desk = Desk.make(tmp_path, bread_shop.FILES)
    desk.plan(*bread_shop.PHASES, defaults={"complexity": "low", "ci": PYTEST})
    bread_shop.unsettle(desk.repo)
    before = bread_shop.snapshot(desk.repo)
    with scripted_server(oracle_of(bread_shop.ANSWERS, bread_shop.FILES)) as server:
        keyed = desk.beside(server, api) if api == "anthropic" else desk.beside(server, api).fresh()
        done = keyed.autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
        assert bread_shop.snapshot(desk.repo) == before
        assert [(call.role, call.phase, call.attempt) for call in server.calls] == [
            (role, phase, 1) for phase in MODES for role in ("builder", "auditor")
        ]
        builders = server.asked("builder")
        again = (keyed if api == "anthropic" else desk).autopack("run", "--run-id", "r", "--json")  # with a key or without one
        assert len(server.calls) == 8
    assert again.exit_code == 0, again.stderr
    assert again.events[-1]["event"] == "run_finished"
    assert_stream(done)
    assert_branch(desk)
    assert_modes(done, builders)
    if api == "anthropic":  # what is looked at is the same whoever answered
        assert_status(desk)
        assert_looks(desk)
    assert bread_shop.snapshot(desk.repo) == before


def assert_stream(done):
    last = done.events[-1]
    assert (last["event"], last["state"], last["exit_code"]) == ("run_finished", "complete", 0)
    assert all(line["schema"] == 1 and line["run_id"] == "r" for line in done.events)
    assert [line["phase"] for line in done.told("phase_complete")] == list(MODES)
    introduced = done.told("run_introduced")[0]
    assert {"AGENTS.md", "notes.txt", "shop/prices.py"} <= set(introduced["uncommitted"])
    assert "k-test" not in done.stdout


def assert_branch(desk):
    commits = desk.git("rev-list", "--reverse", "main..autopack/r").split("\n")
    assert len(commits) == len(MODES)
    standing = dict(bread_shop.FILES)
    for commit, phase in zip(commits, MODES, strict=True):
        standing = {path: text for path, text in {**standing, **bread_shop.ANSWERS[phase]}.items() if text is not None}
        assert {path: data.decode() for path, (_, data) in tree(desk.repo, commit).items()} == standing, phase
        assert desk.git("log", "-1", "--format=%s", commit) == f"{phase}: {phase}"
        assert desk.git("log", "-1", "--format=%an <%ae>", commit) == "A. User <user@example.org>"
        trailers = dict(line.split(": ", 1) for line in desk.git("log", "-1", "--format=%(trailers)", commit).splitlines() if line)
        assert (trailers["Autopack-Run"], trailers["Autopack-Phase"], trailers["Autopack-Attempt"]) == ("r", phase, "1")
        assert trailers["Autopack-Model"]
    assert desk.git("rev-parse", f"{commits[0]}^") == desk.git("rev-parse", "main")


def assert_modes(done, builders):
    assert {line["phase"]: line["mode"] for line in done.told("phase_building")} == MODES
    word = {"full_file": 'answer=\\"replace\\"', "diff": 'answer=\\"patch\\"', "structured_edit": 'answer=\\"edit\\"'}
    for call in builders:
        others = [said for mode, said in word.items() if mode != MODES[call.phase]]
        assert word[MODES[call.phase]] in call.text
        assert not any(said in call.text for said in others), call.phase
    assert "Prices are whole cents." in builders[0].text  # the base's instructions, not the changed ones of the checkout
    assert "Changed by me" not in builders[0].text


def assert_status(desk):
    status = desk.autopack("status", "r", "--json")
    assert status.exit_code == 0
    found = status.json
    assert set(found) >= CONTRACT
    assert (found["schema"], found["state"], found["reason"], found["branch"]) == (1, "complete", None, "autopack/r")
    assert found["base_commit"] == desk.git("rev-parse", "main")
    assert found["head_commit"] == desk.git("rev-parse", "autopack/r")
    assert set(found["plan"]) >= {"path", "sha256", "revision"}
    assert set(found["budget"]) >= {"max_usd", "spent_usd", "reserved_usd"}
    assert set(found["usage"]) == OF_USAGE
    assert found["usage"]["calls"] == 8
    assert found["usage"]["usd"] == pytest.approx(found["budget"]["spent_usd"])
    assert found["usage"]["usd"] > 0
    assert found["budget"]["reserved_usd"] == 0
    assert all(set(phase) == OF_PHASE for phase in found["phases"])
    assert [phase["checks"]["passed"] for phase in found["phases"]] == [2, 2, 2, 2]


def assert_looks(desk):
    usage = desk.autopack("usage", "r", "--json").json
    assert usage["total"]["calls"] == 8
    assert {(row["phase"], row["role"]) for row in usage["rows"]} == {(phase, role) for phase in MODES for role in ("builder", "auditor")}
    assert "catalogue" in desk.autopack("usage", "r").stdout
    shown = desk.autopack("show", "r", "prices").stdout
    for word in ("complete", "a price below zero is zero", desk.git("rev-list", "--reverse", "main..autopack/r")[:7]):
        assert word in shown
    logs = desk.autopack("logs", "r", "--events", "--json")
    assert json.loads(logs.stdout.splitlines()[-1])["event"] == "run_complete"
    assert "max(0, cents)" in desk.autopack("logs", "r", "prices", "--model").stdout
    diff = desk.autopack("diff", "r", "prices").stdout
    assert "+    return max(0, cents)" in diff
    assert "catalogue" not in diff
    assert desk.autopack("diff", "r").stdout.count("diff --git") == 7
