from pathlib import Path

import pytest

from autopack.core.errors import EnvironmentBlockedError
from autopack.worktree.disk_trouble import disk_trouble


def test_full_disk_becomes_a_sentence_with_exit_code_seven(tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with pytest.raises(EnvironmentBlockedError, match=r"No space left on device.*Make room") as caught, disk_trouble(tmp_path):
        Path("/dev/full").write_bytes(b"x")
    assert caught.value.exit_code == 7


def test_other_errors_go_through_unchanged(tmp_path):
    with pytest.raises(ZeroDivisionError), disk_trouble(tmp_path):
        print(1 / 0)
