"""Repositories for tests are real, and the same every time."""

import subprocess

from tests.support.repos import commit_files, git, make_repo, tree


def test_same_files_give_the_same_commit(tmp_path):
    files = {"a.txt": "a\r\n", "sub/b.bin": b"\0\xff", "run.sh": "#!/bin/sh\n"}
    first, second = (make_repo(tmp_path / name, files, executable=["run.sh"]) for name in ("one", "two"))
    assert git(first, "rev-parse", "HEAD") == git(second, "rev-parse", "HEAD")
    assert tree(first) == {"a.txt": ("100644", b"a\r\n"), "sub/b.bin": ("100644", b"\0\xff"), "run.sh": ("100755", b"#!/bin/sh\n")}


def test_later_commit_takes_what_it_was_given_and_nothing_else(tmp_path):
    repo = make_repo(tmp_path / "repo", {"a": "1\n", "b": "2\n"})
    (repo / "stray").write_text("not mine\n", encoding="utf-8")
    commit = commit_files(repo, {"a": "3\n", "b": None}, "second")
    assert tree(repo, commit) == {"a": ("100644", b"3\n")}
    assert git(repo, "status", "--porcelain") == "?? stray\n"


def test_another_git_can_commit_in_it_without_configuration(tmp_path):
    repo = make_repo(tmp_path / "repo", {})
    bare = {"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": str(tmp_path)}
    subprocess.run(["git", "commit", "-q", "--allow-empty", "-m", "x"], cwd=repo, env=bare, check=True)
    assert git(repo, "log", "-1", "--format=%ae") == "user@example.org\n"
