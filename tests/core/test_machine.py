import errno

import pytest

from autopack.core.machine import machine_sentence, twice


def test_a_full_disk_is_named_with_its_file_and_what_to_do():
    error = OSError(errno.ENOSPC, "No space left on device", "/repo/x.log")
    assert machine_sentence(error) == "The machine refused: No space left on device (/repo/x.log). Make room on that disk, then resume."


@pytest.mark.parametrize("error", [FileNotFoundError(errno.ENOENT, "No such file"), OSError("odd"), IsADirectoryError(errno.EISDIR, "x")])
def test_what_only_a_defect_explains_has_no_sentence(error):
    assert machine_sentence(error) is None


def refusing(times):
    """Work that the disk refuses so often, and the calls of it."""
    calls = []

    def work():
        calls.append(1)
        if len(calls) <= times:
            raise OSError(errno.EIO, "refused")
        return "done"

    return work, calls


def test_what_a_disk_refuses_once_is_done_all_the_same():
    work, calls = refusing(1)
    assert (twice(work, OSError), len(calls)) == ("done", 2)


def test_what_is_done_at_once_is_not_done_again():
    work, calls = refusing(0)
    assert (twice(work, OSError), len(calls)) == ("done", 1)


def test_what_is_refused_twice_or_fails_otherwise_is_raised():
    work, calls = refusing(3)
    with pytest.raises(OSError, match="refused"):
        twice(work, OSError)
    with pytest.raises(OSError, match="refused"):
        twice(work, ValueError)
    assert len(calls) == 3
