"""What every end-to-end test stands on: a desk of its own."""

from pathlib import Path

import pytest

from tests.support.command import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A repository of three files and a shell in it, without a key."""
    return Desk.make(tmp_path)
