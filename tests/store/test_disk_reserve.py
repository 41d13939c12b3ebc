import errno

import pytest

from autopack.core.errors import EnvironmentBlockedError
from autopack.store.disk_reserve import RESERVE_BYTES, DiskReserve
from tests.support.small_disk import fill, small_disk

FULL = OSError(errno.ENOSPC, "No space left on device")


def test_the_file_is_made_once_and_made_anew_where_it_is_cut(tmp_path):
    reserve = DiskReserve(tmp_path / "x.ballast")
    reserve.keep()
    made = reserve.path.stat()
    assert made.st_size == RESERVE_BYTES
    reserve.keep()
    assert reserve.path.stat().st_mtime_ns == made.st_mtime_ns
    reserve.path.write_bytes(b"cut")
    reserve.keep()
    assert reserve.path.stat().st_size == RESERVE_BYTES


def test_it_is_given_up_once_and_only_for_a_full_disk(tmp_path):
    reserve = DiskReserve(tmp_path / "x.ballast")
    reserve.keep()
    assert not reserve.free_for(ValueError("a defect"))
    assert reserve.path.exists()
    assert reserve.free_for(FULL)
    assert not reserve.path.exists()
    assert not reserve.free_for(FULL)


def test_a_full_disk_has_room_again_without_it_and_none_to_make_it(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=3) as disk:
        reserve = DiskReserve(disk / "x.ballast")
        reserve.keep()
        fill(disk / "filler")
        with pytest.raises(OSError, match="No space left"):
            (disk / "words").write_bytes(b"x")
        assert reserve.free()
        (disk / "words").write_bytes(b"x" * (RESERVE_BYTES - 8192))
        with pytest.raises(EnvironmentBlockedError, match=r"x\.ballast cannot be written \(No space left on device\)"):
            reserve.keep()
        assert not reserve.path.exists(), "what was begun of it is gone"
