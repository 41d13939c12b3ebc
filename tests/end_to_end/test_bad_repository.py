"""Repositories as users have them: refused with a sentence, or worked on without touching what is the user's."""

import os
import shutil
from pathlib import Path

import pytest

from tests.support.command import FILES, ONE, Desk, ending, oracle_of, phase_of, refusal
from tests.support.repos import commit_files, git, make_repo
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end


def test_a_folder_that_is_no_repository_is_refused(desk, tmp_path):
    folder = tmp_path / "plain"
    folder.mkdir()
    sentence = refusal(desk.autopack("run", cwd=folder), 7)
    assert f"{folder} is not in a git repository" in sentence
    assert "git init" in sentence
    assert list(folder.iterdir()) == []


def test_a_folder_that_is_not_there_is_refused(desk):
    assert "nowhere is not a directory" in refusal(desk.autopack("run", "--repo", "nowhere"), 7)


def test_a_bare_repository_is_refused(desk, tmp_path):
    bare = tmp_path / "bare.git"
    desk.git("clone", "-q", "--bare", str(desk.repo), str(bare))
    before = sorted(bare.rglob("*"))
    sentence = refusal(desk.autopack("run", "--repo", bare), 7)
    assert "is a bare repository" in sentence
    assert "Clone it" in sentence
    assert sorted(bare.rglob("*")) == before


def test_a_repository_without_a_commit_is_refused(desk, tmp_path):
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    git(fresh, "init", "-q")
    sentence = refusal(desk.autopack("run", cwd=fresh), 7)
    assert "has no commit yet" in sentence
    assert "git commit" in sentence
    assert not (fresh / ".git" / "autopack").exists()


def test_without_an_identity_the_commits_are_autopacks_own(desk):
    desk.git("config", "--unset", "user.name")
    desk.git("config", "--unset", "user.email")
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
    assert done.exit_code == 0, done.stderr
    assert (
        desk.git("log", "-1", "--format=%an <%ae> %cn <%ce>", "autopack/r") == "Autopack <autopack@localhost> Autopack <autopack@localhost>"
    )
    assert "autopack@localhost" in done.stderr


def test_the_users_identity_signs_the_commits(desk):
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server:
        assert desk.beside(server).autopack("run", "--run-id", "r").exit_code == 0
    assert desk.git("log", "-1", "--format=%an <%ae>", "autopack/r") == "A. User <user@example.org>"


def test_paths_with_spaces_and_umlauts_work(tmp_path):
    files = {**FILES, "Maße und Gewichte/größe.txt": "één\n"}
    desk = Desk.make(tmp_path / "Bücher und mehr", files, name="Käse & Brot")
    desk.plan(phase_of("one", "Maße und Gewichte/"))
    changes = {"one": {"Maße und Gewichte/größe.txt": "zwei\n", "Maße und Gewichte/länge.txt": "drei\n"}}
    with scripted_server(oracle_of(changes, files)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
    assert done.exit_code == 0, done.stderr
    assert desk.at("autopack/r", "Maße und Gewichte/länge.txt") == "drei\n"
    assert desk.at("autopack/r", "Maße und Gewichte/größe.txt") == "zwei\n"


def test_what_is_not_committed_is_left_out_said_and_untouched(desk):
    make_dirty(desk)
    before = everything_of_the_users(desk)
    with scripted_server(oracle_of(ONE)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
    assert done.exit_code == 0, done.stderr
    assert "uncommitted files are left out" in done.stderr
    for name in ("docs/notes.txt", "staged.txt", "untracked.txt"):
        assert name in done.stderr
        assert name not in desk.git("diff", "--name-only", "main", "autopack/r").split("\n")
    assert everything_of_the_users(desk) == before
    assert desk.at("autopack/r", "app.txt") == "two\n"


def test_a_detached_head_is_worked_on_and_stays_detached(desk):
    base = desk.git("rev-parse", "HEAD")
    commit_files(desk.repo, {"later.txt": "later\n"}, "later")
    desk.git("checkout", "-q", "--detach", base)
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server:
        assert desk.beside(server).autopack("run", "--run-id", "r").exit_code == 0
    assert desk.git("rev-parse", "autopack/r^") == base
    assert (desk.repo / ".git" / "HEAD").read_text() == f"{base}\n"


def test_a_submodule_is_said_and_stays_as_it_is(desk, tmp_path):
    other = make_repo(tmp_path / "other", {"lib.txt": "lib\n"})
    desk.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other), "vendor/lib")
    commit_files(desk.repo, {}, "a submodule")
    entry = desk.git("ls-tree", "HEAD", "vendor/lib")
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
    assert done.exit_code == 0, done.stderr
    assert "Submodules are empty in the run's work tree (vendor/lib)" in done.stderr
    assert desk.git("ls-tree", "autopack/r", "vendor/lib") == entry
    assert (desk.repo / "vendor/lib/lib.txt").read_text() == "lib\n"


@pytest.mark.parametrize(
    ("branch", "setting", "said"),
    [
        ("autopack", "", "refs/heads/autopack exists, so git cannot make the branch autopack/r"),
        ("autopack/r", "", "The branch autopack/r exists, and this run did not make it"),
        ("release", "git: {branch: release}\n", "The branch release exists, and this run did not make it"),
    ],
    ids=["a folder's name", "an older run's", "the repository's own"],
)
def test_a_branch_that_this_run_did_not_make_stands_in_the_way(desk, branch, setting, said):
    """Also without a key: what is wrong with the repository is told first."""
    desk.git("branch", branch)
    (desk.repo / ".autopack").mkdir()
    (desk.repo / ".autopack" / "settings.yaml").write_text(setting, "utf-8")
    desk.plan()
    before = desk.branches()
    sentence = refusal(desk.autopack("run", "--run-id", "r"), 7)
    assert said in sentence
    assert f"git branch -m {branch} NEW" in sentence
    assert desk.branches() == before
    assert desk.autopack("runs", "--json").json["runs"] == []


def test_a_run_whose_branch_the_user_stands_on_is_held_for_review(desk):
    desk.plan(phase_of("one"), phase_of("two"))
    oracle = oracle_of({"one": {"app.txt": "two\n"}, "two": {"app.txt": "three\n"}})

    def meanwhile(request):
        if (request.headers["x-autopack-phase"], request.headers["x-autopack-role"]) == ("two", "builder"):
            desk.git("checkout", "-q", "autopack/r")
        return oracle(request)

    with scripted_server(meanwhile) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
    assert "two" in ending(done, 4)
    assert f"autopack/r is checked out in {desk.repo}" in done.stderr
    assert "Then approve" in done.stderr
    assert (desk.repo / "app.txt").read_text() == "two\n"
    assert desk.git("status", "--porcelain", "--untracked-files=no") == ""
    phases = {phase["id"]: phase for phase in desk.status("r")["phases"]}
    assert (phases["one"]["state"], phases["two"]["state"], phases["two"]["held"]) == ("complete", "held", "review")


def test_without_git_there_is_one_sentence(desk, tmp_path):
    empty = tmp_path / "bin"
    empty.mkdir()
    sentence = refusal(desk.with_env(PATH=str(empty)).autopack("run"), 7)
    assert "git is not on PATH" in sentence
    assert "install git 2.30 or newer" in sentence


def test_a_git_that_is_too_old_is_refused(desk, tmp_path):
    programs = tmp_path / "bin"
    programs.mkdir()
    old = programs / "git"
    old.write_text("#!/bin/sh\necho git version 2.20.1\n")
    old.chmod(0o755)
    sentence = refusal(desk.with_env(PATH=f"{programs}:{desk.environment['PATH']}").autopack("run"), 7)
    assert "git version 2.20.1 is too old" in sentence
    assert "Install git 2.30 or newer" in sentence


def make_dirty(desk: Desk) -> None:
    """One of each: stashed, staged, changed, untracked, ignored; the plan too is uncommitted."""
    commit_files(desk.repo, {".gitignore": "*.log\n"}, "ignore")
    (desk.repo / "app.txt").write_text("stashed\n")
    desk.git("stash", "-q")
    (desk.repo / "staged.txt").write_text("staged\n")
    desk.git("add", "staged.txt")
    (desk.repo / "staged.txt").write_text("staged, then changed\n")
    (desk.repo / "docs/notes.txt").write_text("changed\n")
    (desk.repo / "untracked.txt").write_text("untracked\n")
    (desk.repo / "ignored.log").write_text("ignored\n")
    desk.plan()
    os.utime(desk.repo / "check.sh", (1_600_000_000, 1_600_000_000))  # an index refreshed on the way would show


def everything_of_the_users(desk: Desk) -> dict[str, tuple[bytes, int]]:
    """Every file of the checkout and of its git directory that Autopack has no business with: bytes and time of change."""
    files = (path for path in sorted(desk.repo.rglob("*")) if path.is_file())
    kept = (path for path in files if not is_autopacks(path.relative_to(desk.repo)))
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in kept}


def is_autopacks(path: Path) -> bool:
    own = (".autonomous_runs", ".git/autopack", ".git/objects", ".git/worktrees", ".git/refs/autopack", ".git/refs/heads/autopack")
    return any(path.is_relative_to(place) for place in (*own, ".git/logs/refs/heads/autopack"))


def test_the_guard_of_this_file_sees_a_refreshed_index(desk):
    make_dirty(desk)
    before = everything_of_the_users(desk)
    desk.git("status")
    assert everything_of_the_users(desk) != before


def test_a_linked_work_tree_of_the_users_shares_the_state(desk, tmp_path):
    desk.plan()
    linked = tmp_path / "linked"
    desk.git("worktree", "add", "-q", "--detach", str(linked))
    shutil.copy(desk.repo / "autopack.yaml", linked)
    with scripted_server(oracle_of(ONE)) as server:
        assert desk.beside(server).autopack("run", "--run-id", "r", cwd=linked).exit_code == 0
    assert desk.status("r")["state"] == "complete"
    assert (linked / "app.txt").read_text() == "one\n"
