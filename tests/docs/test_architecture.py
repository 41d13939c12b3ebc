from pathlib import Path

from autopack.core.transitions import mermaid

DOCS = Path(__file__).parents[2] / "docs"


def test_the_state_diagram_is_the_one_of_the_table():
    text = (DOCS / "architecture.md").read_text("utf-8")
    assert f"<!-- states -->\n```mermaid\n{mermaid()}```" in text
