from autopack.context.allot import allot


def test_what_wants_little_gets_it_and_the_rest_share_alike():
    assert allot([10, 1000, 500], 410) == (10, 200, 200)


def test_nothing_is_held_back_when_all_fits():
    assert allot([10, 20, 30], 1000) == (10, 20, 30)


def test_the_sum_never_passes_the_budget():
    for budget in range(60):
        shares = allot([7, 3, 50, 1], budget)
        assert sum(shares) <= budget
        assert all(share <= wanted for share, wanted in zip(shares, [7, 3, 50, 1], strict=True))


def test_a_spent_budget_gives_nothing():
    assert allot([5, 5], -3) == (0, 0)
