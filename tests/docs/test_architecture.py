from pathlib import Path

import pytest

from autopack.core.states import PhaseState, RunState
from autopack.core.transitions import PHASE, RUN, mermaid

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    ("mark", "table", "first"), [("states", PHASE, PhaseState.QUEUED), ("run states", RUN, RunState.INTERRUPTED)], ids=["phases", "runs"]
)
def test_each_state_diagram_is_the_one_of_its_table(mark, table, first):
    text = (DOCS / "architecture.md").read_text("utf-8")
    assert f"<!-- {mark} -->\n```mermaid\n{mermaid(table, first)}```\n<!-- /{mark} -->" in text
