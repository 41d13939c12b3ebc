"""One server, one shim and one uninjured run for all trials of a session."""

import pytest

from tests.crash.sweep import ctx
from tests.support.crash_shim import why_not


@pytest.fixture(scope="session")
def at(tmp_path_factory):
    reason = why_not()
    if reason:
        pytest.skip(reason)
    with ctx(tmp_path_factory.mktemp("crash"), 2, seed=11) as made:
        yield made
