from autopack.memory.fusion import fused


def test_what_stands_in_both_orders_comes_before_what_leads_one():
    assert fused(["a", "b"], ["c", "b"])[0] == "b"


def test_one_order_alone_stays_as_it_is():
    assert fused(["b", "a", "c"]) == ["b", "a", "c"]
    assert fused(["b", "a", "c"], []) == ["b", "a", "c"]
    assert fused() == []


def test_of_equals_the_earlier_order_leads():
    assert fused(["a"], ["b"]) == ["a", "b"]
