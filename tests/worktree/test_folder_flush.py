"""A folder is flushed; a file system that knows no such thing is no error, a failing disk is one."""

import errno
import os

import pytest

from autopack.worktree.folder_flush import flush_folder


def refusing(number):
    def refuse(_descriptor):
        raise OSError(number, os.strerror(number))

    return refuse


def test_a_folder_is_flushed_and_closed_again(tmp_path, monkeypatch):
    flushed = []
    monkeypatch.setattr(
        os, "fsync", lambda descriptor: flushed.append((descriptor, os.path.samestat(os.fstat(descriptor), tmp_path.stat())))
    )
    flush_folder(tmp_path)
    ((descriptor, is_it),) = flushed
    assert is_it
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_file_system_that_flushes_no_folder_is_no_error(tmp_path, monkeypatch, number):
    monkeypatch.setattr(os, "fsync", refusing(number))
    flush_folder(tmp_path)


def test_a_failing_disk_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", refusing(errno.EIO))
    with pytest.raises(OSError, match="Input/output error"):
        flush_folder(tmp_path)
