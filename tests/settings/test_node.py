from hypothesis import given
from hypothesis import strategies as st

from autopack.settings.node import Node, leaves, merge, node_of, plain

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)
MAPPINGS = st.dictionaries(st.sampled_from("abc"), JSON, max_size=3)


def merged(below, above):
    if isinstance(below, dict) and isinstance(above, dict):
        return {
            key: merged(below[key], above[key]) if key in below and key in above else {**below, **above}[key] for key in {**below, **above}
        }
    return above


@given(JSON)
def test_a_value_is_the_same_after_wrapping(value):
    assert plain(node_of(value, "x")) == value


@given(MAPPINGS, MAPPINGS)
def test_mappings_merge_deeply_and_everything_else_replaces(below, above):
    assert plain(merge(node_of(below, "below"), node_of(above, "above"))) == merged(below, above)


def test_merged_values_keep_their_source_and_line():
    below = Node({"a": Node({"x": Node(1, "low", 2), "y": Node(1, "low", 3)}, "low", 1)}, "low")
    above = Node({"a": Node({"y": Node(2, "high", 8)}, "high", 7)}, "high")
    found = {path: leaf.where for path, leaf in leaves(merge(below, above))}
    assert found == {("a", "x"): "low:2", ("a", "y"): "high:8"}


def test_entries_can_be_set_and_taken_out():
    node = node_of({"a": 1, "self": 2}, "x").with_entries({"a": None, "b": Node(3, "x")})
    assert plain(node) == {"self": 2, "b": 3}
