from autopack.context.windows import closed, numbered_cost, stretches_of


def test_small_gaps_are_closed():
    assert stretches_of(["a", "b", "c", "d", "e", "f", "g", "h", "i"], [1, 4, 9]) == ((1, "a\nb\nc\nd"), (9, "i"))
    assert closed([9, 1, 4]) == {1, 2, 3, 4, 9}


def test_no_line_makes_no_stretch():
    assert stretches_of(["a"], []) == ()


def test_a_number_costs_its_digits():
    assert numbered_cost(["ab"] * 10) == 10 * (2 + 2 + 2)
