import errno

import pytest

from autopack.core.errors import EnvironmentBlockedError
from autopack.store.ballast import BALLAST_BYTES, Ballast
from tests.support.small_disk import fill, small_disk

FULL = OSError(errno.ENOSPC, "No space left on device")


def test_the_file_is_made_once_and_made_anew_where_it_is_cut(tmp_path):
    ballast = Ballast(tmp_path / "x.ballast")
    ballast.keep()
    made = ballast.path.stat()
    assert made.st_size == BALLAST_BYTES
    ballast.keep()
    assert ballast.path.stat().st_mtime_ns == made.st_mtime_ns
    ballast.path.write_bytes(b"cut")
    ballast.keep()
    assert ballast.path.stat().st_size == BALLAST_BYTES


def test_it_is_given_up_once_and_only_for_a_full_disk(tmp_path):
    ballast = Ballast(tmp_path / "x.ballast")
    ballast.keep()
    assert not ballast.free_for(ValueError("a defect"))
    assert ballast.path.exists()
    assert ballast.free_for(FULL)
    assert not ballast.path.exists()
    assert not ballast.free_for(FULL)


def test_a_full_disk_has_room_again_without_it_and_none_to_make_it(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=3) as disk:
        ballast = Ballast(disk / "x.ballast")
        ballast.keep()
        fill(disk / "filler")
        with pytest.raises(OSError, match="No space left"):
            (disk / "words").write_bytes(b"x")
        assert ballast.free()
        (disk / "words").write_bytes(b"x" * (BALLAST_BYTES - 8192))
        with pytest.raises(EnvironmentBlockedError, match=r"x\.ballast cannot be written \(No space left on device\)"):
            ballast.keep()
        assert not ballast.path.exists(), "what was begun of it is gone"
