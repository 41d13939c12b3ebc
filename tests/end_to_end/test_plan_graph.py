import pytest

from tests.support.command import phase_of

pytestmark = pytest.mark.end_to_end


def test_the_order_of_a_plan_is_drawn_as_a_tree_and_as_a_diagram(desk):
    desk.plan(phase_of("one"), phase_of("two"), phase_of("three", depends_on=["one"]))
    assert desk.autopack("plan", "graph").stdout == "one  (low)\n├── two  (low)\n└── three  (low)\n"
    drawn = desk.autopack("plan", "graph", "--mermaid").stdout
    assert drawn.startswith("flowchart TD\n")
    told = desk.autopack("plan", "graph", "--json").json
    assert told["mermaid"] == drawn
    assert told["phases"][2] == {"id": "three", "depends_on": ["one"]}


def test_a_plan_with_faults_is_not_drawn(desk):
    (desk.repo / "autopack.yaml").write_text("version: 1\n", "utf-8")
    assert desk.autopack("plan", "graph").exit_code == 3
