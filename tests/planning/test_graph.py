from autopack.planning.graph import mermaid, tree_lines
from tests.support.plans import plan, with_phases


def ordered(**needs):
    keys = "".join(
        f"  - {{id: {name}, description: d, scope: {{paths: [x]}}, depends_on: [{', '.join(names)}], gate: {'hold' if name == 'c' else 'auto'}}}\n"
        for name, names in needs.items()
    )
    return plan(with_phases(keys))


def test_each_phase_stands_once_below_the_last_that_it_waits_for():
    found = ordered(a=[], b=["a"], c=["a"], d=["b", "c", "a"], e=[])
    assert list(tree_lines(found)) == [
        "a  (medium)",
        "├── b  (medium)",
        "└── c  (medium; held before it lands)",
        "    └── d  (medium; also after b)",
        "e  (medium)",
    ]


def test_the_diagram_leaves_out_what_follows_anyway():
    assert mermaid(ordered(a=[], b=["a"], c=["a", "b"])) == (
        'flowchart TD\n    p1["a"]\n    p2["b"]\n    p3{{"c"}}\n    p1 --> p2\n    p2 --> p3\n'
    )


def test_a_chain_of_very_many_phases_is_drawn():
    names = [f"p{number}" for number in range(600)]
    found = ordered(**{name: names[max(0, at - 1) : at] for at, name in enumerate(names)})
    assert len(list(tree_lines(found))) == 600
