"""One is one thing, all else are several."""

import pytest

from autopack.core.counted import counted


@pytest.mark.parametrize(("count", "said"), [(0, "0 phases"), (1, "1 phase"), (2, "2 phases"), (1_000, "1,000 phases")])
def test_a_count_is_said_with_its_noun(count, said):
    assert counted(count, "phase") == said
