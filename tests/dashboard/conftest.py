"""A server of one repository with runs, asked as a browser or a program asks."""

import pytest

from tests.support.dashboard import Desk, served
from tests.support.told_run import told_repo


@pytest.fixture
def told(tmp_path):
    """A repository with one run that nothing has worked on."""
    run = told_repo(tmp_path / "mein läden")
    yield run
    run.database.close()


@pytest.fixture
def desk(told, tmp_path) -> Desk:
    """The server that shows that repository; its clock stands still until a test moves it."""
    with served(tmp_path, told.repo) as desk:
        yield desk
