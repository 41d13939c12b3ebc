"""``git gc --prune=now`` in the user's checkout beside a run: what it takes away is made again from what is stored."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.end_to_end.test_commits import is_signed, signs_commits
from tests.support.command import CHECK, FILES, Desk, ending, oracle_of, phase_of
from tests.support.repos import git
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end
DERIVE = [
    {"command": "cp app.txt copy.txt", "when": ["app.txt"], "writes": ["copy.txt"]},
    {"command": "cat copy.txt app.txt > both.txt", "when": ["app.txt"], "writes": ["both.txt"]},
]


@contextmanager
def collecting(desk: Desk) -> Iterator[None]:
    """One gc after the other."""
    ended = threading.Event()

    def keep_collecting() -> None:
        while not ended.is_set():
            subprocess.run(["git", "gc", "-q", "--force", "--prune=now"], cwd=desk.repo, capture_output=True, check=False)

    beside = threading.Thread(target=keep_collecting)
    beside.start()
    try:
        yield
    finally:
        ended.set()
        beside.join()


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
    phases = [f"p{number}" for number in range(3)]
    desk.plan(*(phase_of(name, derive=DERIVE, ci=CHECK) for name in phases))
    with collecting(desk), scripted_server(oracle_of({name: {"app.txt": f"{name}\n"} for name in phases})) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json", patience_s=600)
        assert done.exit_code == 0, done.stdout + done.stderr
        assert [len(server.asked("builder", name)) for name in phases] == [1] * len(phases)
    assert desk.at("autopack/r", "both.txt") == "p2\np2\n"
    assert {*desk.git("ls-tree", "-r", "--name-only", "autopack/r").split("\n")} == {*FILES, "copy.txt", "both.txt"}


DIES_AS_IT_LANDS = """
import os
from autopack.worktree.run_branch import RunBranch
integrate = RunBranch.integrate
def die(self, candidate, expected_head):
    if self.head() == expected_head:
        os._exit(9)
    return integrate(self, candidate, expected_head)
RunBranch.integrate = die
from autopack.__main__ import main
main()
"""


def without(desk: Desk, ref: str) -> str:
    """Takes the commit at a name away, and what came into git with it alone."""
    commit = desk.git("rev-parse", ref)
    for row in desk.git("rev-list", "--objects", commit, f"^{commit}^", "^refs/autopack/r/one/1").split("\n"):
        oid = row.split(" ")[0]
        (desk.repo / ".git/objects" / oid[:2] / oid[2:]).unlink()
    return commit


def test_a_signed_commit_that_is_gone_is_signed_again(tmp_path):
    desk = Desk.make(tmp_path)
    desk.plan(phase_of("one", ci=CHECK))
    signs_commits(desk)
    with scripted_server(oracle_of({"one": {"app.txt": "two\n"}})) as server:
        shell = desk.beside(server)
        assert shell.python(DIES_AS_IT_LANDS, "run", "--run-id", "r").exit_code == 9
        lost = without(desk, "refs/autopack/r/one/1.signed")
        signs_commits(desk, key="another")  # as a signature that holds the time is another one
        done = shell.autopack("resume", "r")
        assert done.exit_code == 0, done.stderr
        assert len(server.asked("builder")) == 1
    assert is_signed(desk, "autopack/r")
    assert desk.git("rev-parse", "autopack/r") not in (lost, desk.git("rev-parse", "refs/autopack/r/one/1"))


def test_a_commit_with_the_trailer_of_an_override_that_is_gone_is_made_again(tmp_path):
    desk = Desk.make(tmp_path)
    desk.plan(phase_of("one", ci=CHECK, max_attempts=1))
    answers = oracle_of({"one": {"app.txt": "two\n"}})
    reject = json.dumps({"verdict": "reject", "confidence": 0.9, "summary": "No.", "issues": [], "criteria": []})
    with scripted_server(lambda asked: reject if asked.headers["x-autopack-role"] == "auditor" else answers(asked)) as server:
        shell = desk.beside(server)
        ending(shell.autopack("run", "--run-id", "r"), 4)
        assert desk.autopack("approve", "r", "one", "--override", "audit").exit_code == 0
        assert shell.python(DIES_AS_IT_LANDS, "resume", "r").exit_code == 9
        lost = without(desk, "refs/autopack/r/one/1.override")
        done = shell.autopack("resume", "r")
        assert done.exit_code == 0, done.stderr
        assert len(server.asked("builder")) == 1
    assert desk.git("rev-parse", "autopack/r") == lost, "the same commit again"
    assert "Autopack-Override: audit" in desk.git("log", "-1", "--format=%B", "autopack/r")


def test_a_candidate_laid_on_a_new_head_that_is_gone_is_laid_there_again(tmp_path):
    desk = Desk.make(tmp_path)
    desk.plan(phase_of("one", ci=CHECK, gate="hold"))
    with scripted_server(oracle_of({"one": {"app.txt": "two\n"}})) as server:
        shell = desk.beside(server)
        ending(shell.autopack("run", "--run-id", "r"), 4)
        mine = desk.repo.parent / "mine"
        desk.git("worktree", "add", "-q", str(mine), "autopack/r")
        (mine / "docs/notes.txt").write_text("mine\n", "utf-8")
        desk.git("-C", str(mine), "commit", "-q", "-am", "By hand")
        desk.git("worktree", "remove", str(mine))
        assert desk.autopack("approve", "r", "one").exit_code == 0
        assert shell.python(DIES_AS_IT_LANDS, "resume", "r").exit_code == 9
        lost = without(desk, "refs/autopack/r/one/1.2")
        done = shell.autopack("resume", "r")
        assert done.exit_code == 0, done.stderr
        assert len(server.asked("builder")) == 1
    assert desk.git("rev-parse", "autopack/r") == lost, "the same commit again"
    assert (desk.at("autopack/r", "app.txt"), desk.at("autopack/r", "docs/notes.txt")) == ("two\n", "mine\n")


_LOSING_GIT = """#!/bin/sh
{git} "$@"
code=$?
case " $* " in *" fast-import "*) rm -f {objects}/??/*;; esac
exit $code
"""


def test_a_store_that_keeps_nothing_is_the_machines_trouble_and_no_defect(tmp_path):
    desk = Desk.make(tmp_path)
    desk.git("gc", "-q")  # so that what lies loose is Autopack's
    desk.plan(phase_of("one", ci=CHECK))
    shim = tmp_path / "bin" / "git"
    shim.parent.mkdir()
    shim.write_text(_LOSING_GIT.format(git=shutil.which("git"), objects=desk.repo / ".git/objects"), "utf-8")
    shim.chmod(0o755)
    with scripted_server(oracle_of({"one": {"app.txt": "two\n"}})) as server:
        shell = desk.beside(server)
        losing = shell.with_env(PATH=f"{shim.parent}:{shell.environment['PATH']}")
        done = losing.autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 7, done.stdout + done.stderr
        assert "Something prunes it all the time (git gc --prune=now, git prune): end that, then resume." in done.stdout
        resumed = shell.autopack("resume", "r", "--json")
        assert resumed.exit_code == 0, resumed.stdout + resumed.stderr
        assert len(server.asked("builder", "one")) == 1
    assert desk.at("autopack/r", "app.txt") == "two\n"


_LOCK_TAKING_GIT = """#!/bin/sh
case " $* " in
*" update-ref --no-deref HEAD "*)
    if mkdir {once} 2>/dev/null; then
        echo "fatal: update_ref failed for ref 'HEAD': couldn't set 'HEAD'" >&2
        exit 128
    fi
esac
exec {git} "$@"
"""


def test_a_gc_that_takes_the_lock_of_the_work_trees_head_away_stops_no_run(tmp_path):
    desk = Desk.make(tmp_path)
    desk.plan(phase_of("one", ci=CHECK))
    once, git_there = tmp_path / "once", shutil.which("git")
    shim = tmp_path / "bin" / "git"
    shim.parent.mkdir()
    shim.write_text(_LOCK_TAKING_GIT.format(git=git_there, once=once), "utf-8")
    shim.chmod(0o755)
    with scripted_server(oracle_of({"one": {"app.txt": "two\n"}})) as server:
        shell = desk.beside(server)
        done = shell.with_env(PATH=f"{shim.parent}:{shell.environment['PATH']}").autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
    assert once.is_dir()
