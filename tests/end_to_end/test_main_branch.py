"""A person on the run's branch: commits are kept and built upon, a rewritten branch is a question, a checkout of it holds the phase."""

import json

import pytest

from tests.support.command import FILES, ONE, ending, oracle_of, phase_of, refusal
from tests.support.repos import commit_files
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

TWO = {"one": {"app.txt": "two\n"}, "two": {"app.txt": "three\n"}}


def commit_on_branch(desk, files, onto="autopack/r"):
    """As a person with a work tree of their own would."""
    mine = desk.repo.parent / "mine"
    desk.git("worktree", "add", "-q", "--detach", str(mine), onto)
    for name, text in files.items():
        (mine / name).write_text(text, "utf-8")
        desk.git("-C", str(mine), "add", name)
    desk.git("-C", str(mine), "commit", "-q", "-m", "By hand")
    commit = desk.git("-C", str(mine), "rev-parse", "HEAD")
    desk.git("worktree", "remove", str(mine))
    desk.git("update-ref", "refs/heads/autopack/r", commit)
    return commit


def test_a_persons_commit_while_a_phase_is_built_is_kept_and_the_phase_goes_on_top(desk):
    oracle, hand = oracle_of(TWO), []

    def script(request):
        if request.headers["x-autopack-phase"] == "two" and request.headers["x-autopack-role"] == "auditor" and not hand:
            hand.append(commit_on_branch(desk, {"docs/notes.txt": "by hand\n"}))
        return oracle(request)

    desk.plan(phase_of("one"), phase_of("two"))
    with scripted_server(script) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
        assert len(server.calls) == 4, "the verdict stands: the phase's own change is the same"
    assert desk.git("rev-parse", "autopack/r~1") == hand[0]
    assert desk.at("autopack/r", "docs/notes.txt") == "by hand\n"
    assert desk.at("autopack/r", "app.txt") == "three\n"
    assert [line["phase"] for line in done.told("phase_complete")] == ["one", "two"]
    assert [(line["phase"], line["commits"]) for line in done.told("person_commits")] == [("two", hand)]
    assert [line["parent"] for line in done.told("phase_checking") if line["by"] == "head_moved"] == hand


def test_a_persons_commit_to_the_same_file_is_a_conflict_that_the_next_attempt_starts_from(desk):
    first, hand = oracle_of(ONE), []
    second = oracle_of({"one": {"app.txt": "by hand\ntwo\n"}}, {**FILES, "app.txt": "by hand\n"})

    def script(request):
        if request.headers["x-autopack-role"] == "auditor" and not hand:
            hand.append(commit_on_branch(desk, {"app.txt": "by hand\n"}))
        return (first if request.headers["x-autopack-attempt"] == "1" else second)(request)

    desk.plan()
    with scripted_server(script) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
        asked = server.asked("builder")[1].text
    assert [line["commits"] for line in done.told("person_commits")] == [hand]
    (lost,) = done.told("phase_recovering")
    assert (lost["kind"], lost["attempt"]) == ("conflict", 1)
    assert "The branch has moved and changed app.txt" in asked
    assert "by hand" in asked
    assert desk.git("rev-parse", "autopack/r~1") == hand[0]
    assert desk.at("autopack/r", "app.txt") == "by hand\ntwo\n"
    assert desk.status("r")["phases"][0]["attempts"] == 2


def test_a_run_begins_where_the_option_or_the_plan_says_and_its_id_is_its_own(desk):
    start = desk.git("rev-parse", "main")
    later = commit_files(desk.repo, {"docs/later.txt": "later\n"}, "later")
    desk.git("tag", "start", start)
    desk.plan(phase_of("one"), base="start")
    with scripted_server(oracle_of(TWO), faults=("5:status:status=401",)) as server:
        keyed = desk.beside(server)
        assert keyed.autopack("run", "--run-id", "planned").exit_code == 0
        assert desk.git("rev-parse", "autopack/planned^") == start
        assert keyed.autopack("run", "--run-id", "chosen", "--base", "main").exit_code == 0
        assert desk.git("rev-parse", "autopack/chosen^") == later
        ending(keyed.autopack("run", "--run-id", "second"), 6)
        assert "has its base already" in refusal(keyed.autopack("run", "--run-id", "second", "--base", "main"), 2)
        assert "run 'chosen' exists already" in refusal(keyed.autopack("run", "--run-id", "chosen", "--new"), 2)
        asked_back = refusal(keyed.autopack("run", "--run-id", "secnod"), 2)
        assert len(server.calls) == 5
    assert "there is no run 'secnod', but 'second' can go on; say --new to make a new one." in asked_back
    assert "next: autopack resume second" in asked_back
    assert [row["run_id"] for row in desk.autopack("runs", "--json").json["runs"]] == ["second", "chosen", "planned"]


def test_a_persons_commit_between_starts_is_shown_to_the_next_phase(desk):
    oracle = oracle_of({"two": {"docs/more.txt": "more\n"}})
    first = oracle_of({"one": {"app.txt": "two\n"}})
    desk.plan(phase_of("one"), phase_of("two", "docs/", "app.txt"))

    def script(request):
        return (first if request.headers["x-autopack-phase"] == "one" else oracle)(request)

    with scripted_server(script, faults=("3:status:status=401",)) as server:
        keyed = desk.beside(server)
        ending(keyed.autopack("run", "--run-id", "r"), 6)
        hand = commit_on_branch(desk, {"app.txt": "by hand\n"})
        done = keyed.autopack("resume", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
    assert [(line["phase"], line["commits"]) for line in done.told("person_commits")] == [("two", [hand])]
    assert desk.at("autopack/r", "app.txt") == "by hand\n"
    assert desk.git("merge-base", "autopack/r", hand) == hand
    assert desk.at("autopack/r", "docs/more.txt") == "more\n"


def test_a_rewritten_branch_is_a_question_that_adopt_answers(desk):
    oracle = oracle_of({"one": {"app.txt": "two\n"}, "two": {"docs/more.txt": "more\n"}, "three": {"docs/last.txt": "last\n"}})
    blocked = json.dumps({"summary": "", "files": [], "blocked": {"kind": "question", "paths": [], "message": "How many?"}})
    desk.plan(phase_of("one"), phase_of("two", "docs/"), phase_of("three", "docs/"))

    def script(request):
        is_blocked = (request.headers["x-autopack-phase"], request.headers["x-autopack-attempt"]) == ("two", "1")
        return blocked if is_blocked else oracle(request)

    with scripted_server(script) as server:
        keyed = desk.beside(server)
        ending(keyed.autopack("run", "--run-id", "r"), 4)
        hand = commit_on_branch(desk, {"app.txt": "mine\n"}, onto="main")
        desk.autopack("retry", "r", "two")
        ending(keyed.autopack("resume", "r"), 4)
        phase = desk.status("r")["phases"][1]
        assert (phase["state"], phase["held"]) == ("held", "question")
        assert phase["failure"]["kind"] == "conflict"
        assert "no longer holds" in phase["failure"]["message"]
        taken = desk.autopack("adopt", "r", "two")
        assert taken.exit_code == 0, taken.stderr
        done = keyed.autopack("resume", "r")
        assert done.exit_code == 0, done.stderr
    assert desk.git("rev-parse", "autopack/r~2") == hand
    assert desk.at("autopack/r", "app.txt") == "mine\n"
    assert desk.at("autopack/r", "docs/last.txt") == "last\n"


def test_a_branch_that_is_rewritten_while_a_phase_is_built_is_a_question_and_what_had_landed_is_not_lost(desk):
    oracle = oracle_of({"one": {"docs/notes.txt": "more\n"}, "two": {"app.txt": "two\n"}})

    def script(request):
        if request.headers["x-autopack-phase"] == "two" and request.headers["x-autopack-role"] == "auditor":
            desk.git("update-ref", "refs/heads/autopack/r", "main")
        return oracle(request)

    desk.plan(phase_of("one", "docs/"), phase_of("two"))
    with scripted_server(script) as server:
        ending(desk.beside(server).autopack("run", "--run-id", "r"), 4)
        assert len(server.calls) == 4, "nobody is asked to build on a branch that may not be meant"
    status = desk.status("r")
    phase = status["phases"][1]
    assert (phase["state"], phase["held"], phase["failure"]["kind"]) == ("held", "question", "conflict")
    assert f"no longer holds {status['phases'][0]['commit'][:10]}, which had landed" in phase["failure"]["message"]
    assert desk.git("rev-parse", "autopack/r") == desk.git("rev-parse", "main")


def test_a_branch_that_is_checked_out_holds_the_phase_until_it_is_free(desk):
    desk.plan(phase_of("one"), phase_of("two"))
    oracle, mine = oracle_of(TWO), desk.repo.parent / "mine"

    def script(request):
        if request.headers["x-autopack-phase"] == "two" and not mine.exists():
            desk.git("worktree", "add", "-q", str(mine), "autopack/r")
        return oracle(request)

    with scripted_server(script) as server:
        keyed = desk.beside(server)
        ending(keyed.autopack("run", "--run-id", "r"), 4)
        phase = desk.status("r")["phases"][1]
        assert (phase["state"], phase["held"]) == ("held", "review")
        assert str(mine) in desk.autopack("show", "r", "two").stdout.replace("\n", "")
        assert (mine / "app.txt").read_text("utf-8") == "two\n"
        desk.git("worktree", "remove", str(mine))
        assert desk.autopack("approve", "r", "two").exit_code == 0
        assert keyed.autopack("resume", "r").exit_code == 0
        assert len(server.calls) == 4
    assert desk.at("autopack/r", "app.txt") == "three\n"


def test_a_branch_that_was_deleted_is_made_again_at_the_last_commit(desk):
    """Before an attempt that is open, after the run is complete, and while it is worked on."""
    desk.plan(phase_of("one"), phase_of("two"))
    oracle = oracle_of(TWO)

    def script(request):
        if len(server.asked("auditor", "two")) == 1:
            desk.git("update-ref", "-d", "refs/heads/autopack/r")
        return oracle(request)

    with scripted_server(script, faults=("3:status:status=401",)) as server:
        keyed = desk.beside(server)
        ending(keyed.autopack("run", "--run-id", "r"), 6)
        landed = desk.git("rev-parse", "autopack/r")
        desk.git("branch", "-q", "-D", "autopack/r")
        again = keyed.autopack("resume", "r")
        assert "The branch autopack/r is gone. The next start makes it again" in ending(again, 7)
        assert f"The branch autopack/r was gone; it was made again at {landed[:10]}" in again.stderr
        done = keyed.autopack("resume", "r")
        assert done.exit_code == 0, done.stderr
        assert len(server.calls) == 5, "nothing was bought twice"
        assert desk.git("rev-parse", "autopack/r~1") == landed
    complete = desk.git("rev-parse", "autopack/r")
    desk.git("branch", "-q", "-D", "autopack/r")
    assert f"made again at {complete[:10]}" in desk.autopack("resume", "r").stderr
    assert desk.git("rev-parse", "autopack/r") == complete
    assert desk.at("autopack/r", "app.txt") == "three\n"
    desk.git("branch", "-q", "-f", "autopack/r", "main")
    assert f"no longer holds {complete[:10]}, which had landed" in ending(desk.autopack("resume", "r"), 7)
