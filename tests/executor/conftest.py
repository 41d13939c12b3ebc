import pytest

from tests.support.run_context import opened


@pytest.fixture
def run(tmp_path):
    """A run of one phase, `one`, on app.txt, whose check is green."""
    with opened(tmp_path) as run:
        yield run
