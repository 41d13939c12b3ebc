from pathlib import Path

import pytest

from autopack.core.states import PhaseState, RunState
from autopack.core.transitions import COUNTED, PHASE, RUN, mermaid

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    ("mark", "diagram"),
    [("states", mermaid(PHASE, PhaseState.QUEUED, COUNTED)), ("run states", mermaid(RUN, RunState.INTERRUPTED))],
    ids=["phases", "runs"],
)
def test_each_state_diagram_is_the_one_of_its_table(mark, diagram):
    text = (DOCS / "architecture.md").read_text("utf-8")
    assert f"<!-- {mark} -->\n```mermaid\n{diagram}```\n<!-- /{mark} -->" in text
