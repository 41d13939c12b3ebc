import os

import pytest

from autopack.core.errors import AttemptFailed
from autopack.worktree.git import Git
from autopack.worktree.slot_files import hash_files, make_directories
from tests.support.git_repository import toy_repository


@pytest.fixture
def toy(tmp_path):
    return toy_repository(tmp_path)


def test_blobs_and_modes_are_those_git_would_add(toy):
    toy.write({'"odd"\n ü': "1\n", "run": "#!/bin/sh\n", "plain": "p"})
    (toy.root / "run").chmod(0o750)
    (toy.root / "link").symlink_to("plain")
    paths = ['"odd"\n ü', "run", "plain", "link", "gone", "plain/below"]
    found = {file.path: file for file in hash_files(Git(toy.root, toy.environment), toy.root, paths).files}
    toy.git("add", ".")
    for path in paths[:4]:
        mode, blob, *_ = toy.git("ls-files", "-s", "-z", "--", path).split()
        assert (found[path].mode, found[path].blob) == (mode, blob)
    assert found["gone"].blob is None
    assert found["plain/below"].blob is None


def test_file_behind_a_link_is_not_read(toy, tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/key").write_text("key")
    os.symlink(tmp_path / "secret", toy.root / "dir")
    assert hash_files(Git(toy.root, toy.environment), toy.root, ["dir/key"]).files[0].blob is None


def test_pipe_cannot_become_part_of_a_change(toy):
    os.mkfifo(toy.root / "pipe")
    with pytest.raises(AttemptFailed, match="pipe, which is no file"):
        hash_files(Git(toy.root, toy.environment), toy.root, ["pipe"])


def test_directories_of_scope_entries_are_made(tmp_path):
    make_directories(tmp_path, ["a/b/", "c/d.py", "e/*/f.py", "g.py", "./h/", "/abs/", "i?/x"])
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == ["a", "a/b", "c", "e", "h"]
