from autopack.dashboard.access.throttle import MOST, Throttle


def test_ten_in_a_minute_are_too_many_and_a_minute_later_no_more():
    throttle = Throttle()
    assert [throttle.wrong("a", 100.0 + number) for number in range(MOST)] == [0.0] * MOST
    assert throttle.wrong("a", 110.0) == 50.0
    assert throttle.wrong("b", 110.0) == 0.0
    assert throttle.wrong("a", 160.0) == 0.0


def test_it_remembers_a_bounded_number_of_addresses():
    throttle = Throttle()
    for number in range(5000):
        throttle.wrong(str(number), 1.0)
    assert len(throttle._wrong) == 1000
