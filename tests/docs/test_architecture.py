import re
import tomllib
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


def test_the_picture_of_the_rooms_is_what_import_linter_holds():
    contracts = tomllib.loads((DOCS.parent / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    floors = [re.sub(r" [|:] ", " & ", floor) for floor in contracts[0]["layers"]]
    picture = (DOCS / "architecture.md").read_text("utf-8").split("<!-- rooms -->")[1].split("<!-- /rooms -->")[0]
    assert f"    {' --> '.join(floors)}\n" in picture
    within = {room: set(names.split(", ")) for room, names in re.findall(r'(\w+)\["\w+: (.+)"\]', picture)}
    package = DOCS.parent / "autopack"
    rooms = {
        path.name: {below.name for below in path.iterdir() if (below / "__init__.py").exists()}
        for path in package.iterdir()
        if path.is_dir()
    }
    assert within == {room: below for room, below in rooms.items() if below}
