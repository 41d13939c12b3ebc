"""The judge of the trials sees what it should: each promise, broken on purpose after a run that kept them all."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import pytest

from autopack.store.migrations import CURRENT
from tests.support.crash_checker import violations
from tests.support.crash_points import reaches_all
from tests.support.crash_shim import Kind, Made
from tests.support.crash_trial import Trial
from tests.support.repos import git

pytestmark = pytest.mark.crash
HEAD_BACK = "UPDATE run SET head_commit = (SELECT \"commit\" FROM phase WHERE phase_id = 'two')"
STEP_BACK = "INSERT INTO step SELECT run_id, 'two', 1, 'audit', result_json, at FROM step WHERE name = 'audit' AND phase_id = 'one'"


@pytest.fixture(scope="session")  # a worker that steals tests comes back to a module, and the run has a name
def story(at):
    return at.finished("checked")


def change(story, statement):
    with closing(sqlite3.connect(story.repo / ".git/autopack/autopack.db")) as connection, connection:
        assert connection.execute(statement).rowcount != 0, statement  # -1: a pragma


def wrong(at, story):
    return "\n".join(violations(story, at.reference))


def test_an_uninjured_run_keeps_every_promise(at, story):
    assert wrong(at, story) == ""


@pytest.mark.parametrize(
    ("statement", "undo", "said"),
    [
        ("UPDATE call SET text = text || 'x' WHERE id = 1", "UPDATE call SET text = rtrim(text, 'x') WHERE id = 1", "gone or changed"),
        ("UPDATE call SET state = 'unknown' WHERE id = 1", "UPDATE call SET state = 'replied' WHERE id = 1", "unknown after 0 kills"),
        ("UPDATE call SET state = 'intent' WHERE id = 1", "UPDATE call SET state = 'replied' WHERE id = 1", "still an intent"),
        ("UPDATE call SET output_tokens = output_tokens + 1", "UPDATE call SET output_tokens = output_tokens - 1", "is settled with"),
        ("UPDATE attempt SET ended_at = NULL", "UPDATE attempt SET ended_at = 1", "an attempt is still open"),
        ("INSERT INTO child VALUES ((SELECT run_id FROM run), 1, 1, 'b')", "DELETE FROM child", "a child is still journaled"),
        ("UPDATE phase SET state = 'checking' WHERE phase_id = 'two'", "UPDATE phase SET state = 'complete'", "rows say"),
        ("INSERT INTO owner SELECT run_id, 1, 1, 'b', 1 FROM run", "DELETE FROM owner", "still has an owner"),
        ("UPDATE run SET head_commit = base_commit || '-'", HEAD_BACK, "the run's head is"),
        ("UPDATE attempt SET mode = mode || '-' WHERE number = 2", "UPDATE attempt SET mode = rtrim(mode, '-')", "the attempts went"),
        ("DELETE FROM step WHERE name = 'audit' AND phase_id = 'two'", STEP_BACK, "the attempts went"),
    ],
    ids=lambda value: value[:40],
)
def test_a_row_that_is_not_as_it_should_be_is_seen(at, story, statement, undo, said):
    change(story, statement)
    try:
        assert said in wrong(at, story)
    finally:
        change(story, undo)


def test_another_version_of_the_schema_is_seen(at, story):
    change(story, f"PRAGMA user_version = {CURRENT + 1}")
    try:
        assert f"version is {CURRENT + 1}" in wrong(at, story)
    finally:
        change(story, f"PRAGMA user_version = {CURRENT}")


def test_a_database_that_is_damaged_is_seen(at, story):
    change(story, "PRAGMA wal_checkpoint(TRUNCATE)")
    file = story.repo / ".git/autopack/autopack.db"
    before = file.read_bytes()
    with closing(sqlite3.connect(file)) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'call_by_run'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    start = (page - 1) * size
    file.write_bytes(before[: start + 3] + b"\0\0" + before[start + 5 :])  # the index says that it has no rows
    try:
        assert "integrity_check: " in wrong(at, story)
    finally:
        file.write_bytes(before)


def test_a_row_that_belongs_to_nothing_is_seen(at, story):
    change(story, "INSERT INTO child VALUES ('nobody', 1, 1, 'b')")
    try:
        assert "foreign_key_check: " in wrong(at, story)
    finally:
        change(story, "DELETE FROM child")


def test_tokens_that_nobody_accounts_for_are_seen(at, story):
    first, *others = story.sold
    more = {**first, "usage": {**first["usage"], "output_tokens": first["usage"]["output_tokens"] + 1_000_000}}
    said = wrong(at, replace(story, sold=(more, *others)))
    assert "the ceilings of the unknown hold 0" in said


def test_a_status_that_differs_is_seen(at, story):
    assert "status says" in wrong(at, replace(story, status={**story.status, "goal": "Another."}))
    fewer = [{**phase, "attempts": 7} for phase in story.status["phases"]]
    assert "status tells of attempts" in wrong(at, replace(story, status={**story.status, "phases": fewer}))


def test_a_call_that_was_bought_twice_is_seen(at, story):
    assert "6 calls were sold, 5 are settled" in wrong(at, replace(story, sold=(*story.sold, story.sold[0])))


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (".git/index.lock", "the user's"),
        (".git/worktrees/autopack+x+1/index.lock", "files are left over"),
        ("untracked-too.txt", "the user's"),
        (".autonomous_runs/part.tmp", "files are left over"),
    ],
)
def test_a_file_that_was_left_is_seen(at, story, path, said):
    file = story.repo / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    if "worktrees" in path:
        (file.parent / "gitdir").write_text(f"{story.repo.parent}/state/nowhere/.git\n", "utf-8")
    try:
        assert said in wrong(at, story)
    finally:
        for left in (file, file.parent / "gitdir") if "worktrees" in path else (file,):
            left.unlink()
        if "worktrees" in path:
            file.parent.rmdir()


def test_a_changed_file_of_the_user_is_seen(at, story):
    file = story.repo / "mine.txt"
    before = file.read_bytes()
    file.write_bytes(b"lost\n")
    try:
        assert "the user's ['mine.txt'] changed" in wrong(at, story)
    finally:
        file.write_bytes(before)


def test_a_changed_mode_of_a_users_file_is_seen(at, story):
    file = story.repo / "mine.txt"
    file.chmod(file.stat().st_mode ^ 0o111)
    try:
        assert "the user's ['mine.txt'] changed" in wrong(at, story)
    finally:
        file.chmod(file.stat().st_mode ^ 0o111)


def test_a_broken_object_of_git_is_seen(at, story):
    blob = git(story.repo, "rev-parse", f"{story.branch}:app.txt").strip()
    file = story.repo / ".git/objects" / blob[:2] / blob[2:]
    before, mode = file.read_bytes(), file.stat().st_mode
    file.chmod(0o644)
    file.write_bytes(before[:-3])
    try:
        assert "git fsck: " in wrong(at, story)
    finally:
        file.write_bytes(before)
        file.chmod(mode)


def test_a_work_tree_that_git_knows_and_nobody_has_is_seen(at, story):
    made = story.folder / "tmp" / "made"
    git(story.repo, "worktree", "add", "-q", "--detach", str(made))
    shutil.rmtree(made)
    try:
        said = wrong(at, story)
        assert "a work tree could be pruned" in said
        assert "the work tree made is not clean: it is not there" in said
    finally:
        git(story.repo, "worktree", "prune", "--expire=now")
        (story.repo / ".git/worktrees").mkdir(exist_ok=True)  # git removes it with the last one


def test_a_commit_that_was_made_twice_is_seen(at, story):
    head = git(story.repo, "rev-parse", story.branch).strip()
    message = git(story.repo, "log", "-1", "--format=%B", head)
    again = git(story.repo, "commit-tree", f"{head}^{{tree}}", "-p", head, "-m", message).strip()
    git(story.repo, "update-ref", f"refs/heads/{story.branch}", again)
    try:
        assert "the branch holds" in wrong(at, story)
    finally:
        git(story.repo, "update-ref", f"refs/heads/{story.branch}", head)


def test_a_process_that_goes_on_is_seen(at, story):
    with subprocess.Popen([sys.executable, "-c", "input()"], cwd=story.folder, stdin=subprocess.PIPE) as process:
        assert "processes are left running" in wrong(at, story)
        process.communicate(b"\n")


HIDING = """\
import os, socket, subprocess, sys
listens = "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); input()"
subprocess.run(["env", "-i", sys.executable, "-c", listens], cwd="/")
"""


def test_a_process_that_hides_and_the_port_it_holds_are_seen(at, story):
    with subprocess.Popen([sys.executable, "-c", HIDING], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as starter:
        port = int(starter.stdout.readline())
        said = wrong(at, replace(story, starter=starter.pid))
        assert "processes are left running: [(" in said
        assert "without a mark: " in said
        assert f"ports are still bound: [{port}]" in said
        starter.communicate(b"\n")


def made(pid, path, number=1):
    return Made(number, pid, Kind.WRITE, path)


@pytest.mark.parametrize(
    ("calls", "is_seen"),
    [
        ([made(1, "/r/.git/autopack/autopack.db"), made(1, "/s/1/build/x")], False),
        ([made(1, "/r/.git/a"), made(2, "/r/.git/objects/x")], False),
        ([made(1, "/r/.git/a"), made(2, "/s/1/build/x")], False),
        ([made(1, "/r/.git/a"), made(2, "/r/.git/build/x")], False),
        ([made(1, "/r/.git/a"), made(2, "/r/.git/objects/x"), made(3, "/s/1/build/x")], True),
    ],
    ids=["only the first process", "only git", "only a check", "a folder of git named build", "all"],
)
def test_a_log_that_lacks_git_or_the_checks_is_no_ground_to_stand_on(calls, is_seen):
    assert reaches_all(calls) is is_seen


def test_the_shim_reaches_git_and_the_checks(at):
    main = at.calls[0].pid
    kinds = {made.kind.name for made in at.calls}
    assert {"WRITE", "FSYNC", "RENAME", "UNLINK", "MKDIR", "OPEN", "EXEC", "NET"} <= kinds
    assert len({made.pid for made in at.calls} - {main}) > 10


def test_a_program_that_buys_again_after_every_kill_would_be_caught(at):
    """A journal that forgets: the rows of the last start are all there is."""
    starter = at.borrow()
    trial = Trial(at.ground, starter, "forgets")
    try:
        story = trial.uninjured()
        change(story, "DELETE FROM call")
        assert "a stored reply is gone" in wrong(at, story)
        assert "calls were sold, 0 are settled" in wrong(at, story)
    finally:
        at.give_back(starter)
