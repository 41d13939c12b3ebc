import os

import pytest

from autopack.core.errors import AttemptFailed
from autopack.worktree.repository import Repository
from autopack.worktree.work_tree_files import make_directories
from tests.support.git_repository import toy_repository, work_tree_at


@pytest.fixture
def toy(tmp_path):
    return toy_repository(tmp_path)


@pytest.fixture
def work_tree(toy, tmp_path):
    repository = Repository.discover(toy.root, toy.environment).owned_by("r1", "autopack/r1")
    return work_tree_at(repository, tmp_path / "state/r1/s1", toy.git("rev-parse", "HEAD"))


def test_blobs_and_modes_are_those_git_would_add(toy, work_tree):
    place = work_tree.place
    for path, text in {'"odd"\n ü': "1\n", "run": "#!/bin/sh\n", "plain": "p"}.items():
        (place / path).write_text(text)
    (place / "run").chmod(0o750)
    (place / "link").symlink_to("plain")
    paths = ['"odd"\n ü', "run", "plain", "link", "gone", "plain/below"]
    found = {file.path: file for file in work_tree.hash_files(paths).files}
    toy.git("add", ".", cwd=place)
    for path in paths[:4]:
        mode, blob, *_ = toy.git("ls-files", "-s", "-z", "--", path, cwd=place).split()
        assert (found[path].mode, found[path].blob) == (mode, blob)
    assert found["gone"].blob is None
    assert found["plain/below"].blob is None


def test_file_behind_a_link_is_not_read(work_tree, tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/key").write_text("key")
    os.symlink(tmp_path / "secret", work_tree.place / "dir")
    assert work_tree.hash_files(["dir/key"]).files[0].blob is None


def test_pipe_cannot_become_part_of_a_change(work_tree):
    os.mkfifo(work_tree.place / "pipe")
    with pytest.raises(AttemptFailed, match="pipe, which is no file"):
        work_tree.hash_files(["pipe"])


def test_directories_of_scope_entries_are_made(tmp_path):
    make_directories(tmp_path, ["a/b/", "c/d.py", "e/*/f.py", "g.py", "./h/", "/abs/", "i?/x"])
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == ["a", "a/b", "c", "e", "h"]
