"""A text of our own is replaced as a whole: what was there before stands until the new one is on the disk."""

import os
import stat

import pytest

from autopack.worktree.replace_own import replace_own


def test_a_new_text_stands_there_and_nothing_beside_it(tmp_path):
    path = tmp_path / ".autopack" / "rules.yaml"
    replace_own(path, "grün\n")
    replace_own(path, "rot\n")
    assert path.read_text("utf-8") == "rot\n"
    assert [one.name for one in path.parent.iterdir()] == ["rules.yaml"]


def test_what_the_disk_refuses_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "rules.yaml"
    path.write_text("a person's\n")

    def refuse(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="No space left"):
        replace_own(path, "new\n")
    assert path.read_text("utf-8") == "a person's\n"
    assert [one.name for one in tmp_path.iterdir()] == ["rules.yaml"]


def test_permissions_stay(tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text("old\n")
    path.chmod(0o640)
    replace_own(path, "new\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
