"""``git gc --prune=now`` in the user's checkout beside a run: what it takes away is made again from what is stored."""

import subprocess
import threading

import pytest

from tests.support.command import CHECK, FILES, Desk, oracle_of, phase_of
from tests.support.repos import git
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end
DERIVE = [
    {"command": "cp app.txt copy.txt", "when": ["app.txt"], "writes": ["copy.txt"]},
    {"command": "cat copy.txt app.txt > both.txt", "when": ["app.txt"], "writes": ["both.txt"]},
]


def collect(desk: Desk) -> None:
    subprocess.run(["git", "gc", "-q", "--prune=now"], cwd=desk.repo, capture_output=True, check=False)


def without_the_candidate(desk: Desk) -> None:
    """As a gc leaves it that looked for names before the candidate had its own, and for objects after they were made."""
    (commit,) = git(desk.repo, "for-each-ref", "--format=%(objectname)", "refs/autopack/r/one").strip().split("\n")
    rows = git(desk.repo, "rev-list", "--objects", commit, f"^{commit}^").strip().split("\n")
    assert len(rows) >= 4, "a commit, its tree and two files"
    for oid in (row.split(" ")[0] for row in rows):
        (desk.repo / ".git" / "objects" / oid[:2] / oid[2:]).unlink()


def test_a_candidate_that_is_gone_at_a_resume_is_made_again_and_nothing_is_bought_again(tmp_path):
    desk = Desk.make(tmp_path)
    here, go = tmp_path / "here", tmp_path / "go"
    check = f"grep -q one app.txt && exit 0; touch {here}; while ! test -e {go}; do sleep 0.1; done; grep -q two both.txt"
    desk.plan(phase_of("one", derive=DERIVE, ci={**CHECK, "command": check, "timeout_s": 600}))
    with scripted_server(oracle_of({"one": {"app.txt": "two\n"}})) as server:
        shell = desk.beside(server).with_env(AUTOPACK_SANDBOX="off")
        with shell.start("run", "--run-id", "r", "--json") as running:
            running.until(here.exists)
            running.process.kill()
        go.touch()
        without_the_candidate(desk)
        done = shell.autopack("resume", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
        assert len(server.asked("builder", "one")) == 1
    assert desk.at("autopack/r", "both.txt") == "two\ntwo\n"
    git(desk.repo, "fsck", "--connectivity-only")


def test_a_gc_that_runs_all_the_time_wedges_no_run(tmp_path):
    desk = Desk.make(tmp_path)
    phases = [f"p{number}" for number in range(4)]
    desk.plan(*(phase_of(name, derive=DERIVE, ci=CHECK) for name in phases))
    ended = threading.Event()

    def keep_collecting() -> None:
        while not ended.is_set():
            collect(desk)

    beside = threading.Thread(target=keep_collecting)
    beside.start()
    try:
        with scripted_server(oracle_of({name: {"app.txt": f"{name}\n"} for name in phases})) as server:
            done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
            assert done.exit_code == 0, done.stdout + done.stderr
            assert [len(server.asked("builder", name)) for name in phases] == [1] * len(phases)
    finally:
        ended.set()
        beside.join()
    assert desk.at("autopack/r", "both.txt") == "p3\np3\n"
    assert {*desk.git("ls-tree", "-r", "--name-only", "autopack/r").split("\n")} == {*FILES, "copy.txt", "both.txt"}
