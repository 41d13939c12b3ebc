"""``autopack run`` typed again: what was bought is not bought again, whatever became of it."""

import re

import pytest

from tests.support.command import FILES, Desk, ending, oracle_of, phase_of, refusal, shell_environment
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

CHANGES = {"one": {"app.txt": "two\n"}, "two": {"docs/two.txt": "two\n"}, "three": {"docs/three.txt": "three\n"}}
ONE, TWO, THREE = phase_of("one"), phase_of("two", "docs/two.txt"), phase_of("three", "docs/three.txt")


def run_ids(desk):
    return [run["run_id"] for run in desk.autopack("runs", "--json").json["runs"]]


def colleague_of(desk, folder):
    """A clone, and somebody else's home."""
    folder.mkdir()
    desk.git("clone", "-q", str(desk.repo), str(folder / "shop"))
    other = Desk(folder / "shop", shell_environment(folder))
    for name in ("user.name", "user.email"):
        other.git("config", name, "colleague@example.org")
    return other


def test_a_complete_run_is_named_and_nothing_is_bought(desk):
    desk.plan(ONE, TWO)
    with scripted_server(oracle_of(CHANGES)) as server:
        keyed = desk.beside(server)
        assert keyed.autopack("run").exit_code == 0
        (made,) = run_ids(desk)
        again = desk.autopack("run")
        assert again.exit_code == 0, "no key is needed either"
        assert f"run {made}: complete" in again.stderr
        assert f"autopack diff {made}" in again.stderr
        assert "autopack run --new" in again.stderr
        last = keyed.autopack("run", "--json").events[-1]
        assert (last["event"], last["run_id"], last["state"], last["exit_code"]) == ("run_finished", made, "complete", 0)
        assert len(server.asked("builder")) == 2
        assert run_ids(desk) == [made]
        assert keyed.autopack("run", "--new").exit_code == 0
        assert run_ids(desk) == [made.removesuffix("1") + "2", made]
        assert len(server.asked("builder")) == 4


def test_a_plan_that_grew_after_its_run_was_complete_goes_on_with_what_is_new(desk):
    desk.plan(ONE)
    with scripted_server(oracle_of(CHANGES)) as server:
        keyed = desk.beside(server)
        assert keyed.autopack("run", "--run-id", "r").exit_code == 0
        desk.plan(ONE, TWO)
        told = refusal(keyed.autopack("run"), 3)
        assert "since run 'r' began, which is complete now" in told
        assert "phase 'two' was added" in told
        assert "autopack resume r --accept-plan-change" in told
        done = keyed.autopack("run", "--accept-plan-change")
        assert done.exit_code == 0, done.stderr
        assert [call.phase for call in server.asked("builder")] == ["one", "two"]
    assert run_ids(desk) == ["r"]


def test_a_failed_run_is_named_with_what_leads_on_and_goes_on_after_a_retry(desk):
    answers = oracle_of(CHANGES)
    desk.plan({**ONE, "max_attempts": 1})

    def script(request):
        return "No." if request.headers["x-autopack-attempt"] == "1" else answers(request)

    with scripted_server(script) as server:
        keyed = desk.beside(server)
        assert keyed.autopack("run", "--run-id", "r").exit_code == 1
        again = keyed.autopack("run")
        assert again.exit_code == 1
        assert "not complete: one." in ending(again, 1)
        assert 'autopack retry r one --note "..."' in again.stderr
        assert "autopack run --new" in again.stderr
        assert len(server.calls) == 1
        assert desk.autopack("retry", "r", "one").exit_code == 0
        assert desk.status("r")["next"][0] == "autopack resume r"
        assert keyed.autopack("run").exit_code == 0
    assert run_ids(desk) == ["r"]


def test_another_plan_in_the_same_file_is_a_run_of_its_own(desk):
    desk.plan(ONE)
    with scripted_server(oracle_of(CHANGES)) as server:
        keyed = desk.beside(server)
        assert keyed.autopack("run", "--run-id", "r").exit_code == 0
        desk.plan(TWO)
        assert keyed.autopack("run").exit_code == 0
        assert [call.phase for call in server.asked("builder")] == ["one", "two"]
    assert len(run_ids(desk)) == 2


@pytest.mark.parametrize("merge", [("merge", "-q", "--no-edit"), ("merge", "-q", "--squash")], ids=["merged", "squashed"])
def test_what_was_merged_is_known_by_its_trailers_and_not_bought_again(desk, merge):
    desk.plan(ONE, TWO)
    with scripted_server(oracle_of(CHANGES)) as server:
        keyed = desk.beside(server)
        assert keyed.autopack("run", "--run-id", "r").exit_code == 0
        desk.git(*merge, "autopack/r")
        if "--squash" in merge:
            desk.git("commit", "-q", "--no-edit")
    desk.plan(ONE, {**TWO, "description": "Make it otherwise."}, THREE)
    merged = {**FILES, "app.txt": "two\n", "docs/two.txt": "two\n"}
    with scripted_server(oracle_of({"two": {"docs/two.txt": "otherwise\n"}, "three": CHANGES["three"]}, merged)) as server:
        done = desk.beside(server).autopack("run", "--new", "--run-id", "s")
        assert done.exit_code == 0, done.stderr
        assert "The base holds these phases already, so nobody pays for them again: one (" in done.stderr
        assert [call.phase for call in server.asked("builder")] == ["two", "three"]
    one = desk.status("s")["phases"][0]
    assert (one["id"], one["state"], one["attempts"]) == ("one", "complete", 0)
    assert "had landed before this run began" in refusal(desk.autopack("rollback", "s", "--to", "one"), 2)


def test_what_was_reverted_after_the_merge_is_built_again(desk):
    desk.plan(ONE, TWO)
    with scripted_server(oracle_of(CHANGES)) as server:
        keyed = desk.beside(server)
        assert keyed.autopack("run", "--run-id", "r").exit_code == 0
        desk.git("merge", "-q", "autopack/r")
        desk.git("revert", "--no-edit", "HEAD~1")
        done = keyed.autopack("run", "--new", "--run-id", "s")
        assert done.exit_code == 0, done.stderr
        assert [call.phase for call in server.asked("builder")] == ["one", "two", "one"]
    assert desk.at("autopack/s", "app.txt") == "two\n"


def test_what_a_colleagues_run_landed_is_not_bought_again_in_another_clone(desk, tmp_path):
    """Their trailers are in the history; of their run nothing is known here."""
    desk.plan(ONE, TWO)
    with scripted_server(oracle_of(CHANGES)) as server:
        assert desk.beside(server).autopack("run", "--run-id", "r").exit_code == 0
    desk.git("merge", "-q", "--no-edit", "autopack/r")
    other = colleague_of(desk, tmp_path / "other")
    with scripted_server(oracle_of({})) as server:
        other.plan(ONE, TWO)
        told = other.beside(server).autopack("run", "--dry-run")
        assert told.exit_code == 0, told.stderr
        done = other.beside(server).autopack("run", "--run-id", "s")
        assert done.exit_code == 0, done.stderr
        (line,) = [line for line in done.stderr.splitlines() if "nobody pays" in line]
        assert "The base holds these phases already, so nobody pays for them again: one (" in line
        assert ", two (" in line
        assert server.calls == []
    merged = {**FILES, "app.txt": "two\n", "docs/two.txt": "two\n"}
    with scripted_server(oracle_of({"two": {"docs/two.txt": "otherwise\n"}}, merged)) as server:
        other.plan(ONE, {**TWO, "description": "Make it otherwise."})
        done = other.beside(server).autopack("run", "--new", "--run-id", "t")
        assert done.exit_code == 0, done.stderr
        assert "nobody pays for them again: one (" in done.stderr
        assert [call.phase for call in server.asked("builder")] == ["two"]


def test_commits_that_do_not_say_what_they_were_asked_for_count_where_their_run_is_known(desk, tmp_path):
    """As those of older versions."""
    desk.plan(ONE)
    with scripted_server(oracle_of(CHANGES)) as server:
        assert desk.beside(server).autopack("run", "--run-id", "r").exit_code == 0
        told = desk.git("log", "-1", "--format=%B", "autopack/r")
        desk.git("merge", "-q", "--ff-only", "autopack/r")
        desk.git("commit", "-q", "--amend", "-m", re.sub("^Autopack-Asked: .*\n", "", told, flags=re.MULTILINE))
        done = desk.autopack("run", "--new", "--run-id", "s")
        assert "nobody pays for them again: one (" in done.stderr
        assert len(server.asked("builder")) == 1
        other = colleague_of(desk, tmp_path / "other")
        other.plan({**ONE, "max_attempts": 1})
        assert "nobody pays" not in other.beside(server).autopack("run", "--run-id", "s").stderr
        assert len(server.asked("builder")) == 2
