"""The judge of the trials sees what it should: each promise, broken on purpose after a run that kept them all."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import pytest

from tests.support.crash_checker import violations
from tests.support.crash_trial import Trial
from tests.support.repos import git

pytestmark = pytest.mark.crash


@pytest.fixture(scope="module")
def story(at):
    return at.finished("checked")


def change(story, statement):
    with closing(sqlite3.connect(story.repo / ".git/autopack/autopack.db")) as connection, connection:
        assert connection.execute(statement).rowcount > 0, statement


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
    ],
    ids=lambda value: value[:40],
)
def test_a_row_that_is_not_as_it_should_be_is_seen(at, story, statement, undo, said):
    change(story, statement)
    try:
        assert said in wrong(at, story)
    finally:
        change(story, undo)


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
            file.parent.parent.rmdir()


def test_a_changed_file_of_the_user_is_seen(at, story):
    file = story.repo / "mine.txt"
    before = file.read_bytes()
    file.write_bytes(b"lost\n")
    try:
        assert "the user's ['mine.txt'] changed" in wrong(at, story)
    finally:
        file.write_bytes(before)


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
