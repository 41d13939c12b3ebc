import errno

import pytest

from autopack.core.machine import machine_sentence


def test_a_full_disk_is_named_with_its_file_and_what_to_do():
    error = OSError(errno.ENOSPC, "No space left on device", "/repo/x.log")
    assert machine_sentence(error) == "The machine refused: No space left on device (/repo/x.log). Make room on that disk, then resume."


@pytest.mark.parametrize("error", [FileNotFoundError(errno.ENOENT, "No such file"), OSError("odd"), IsADirectoryError(errno.EISDIR, "x")])
def test_what_only_a_defect_explains_has_no_sentence(error):
    assert machine_sentence(error) is None
