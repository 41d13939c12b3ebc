from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from autopack.core.models_settings import WireRetries
from autopack.llm.calls.circuit import LONGEST_PAUSE_S, Failing, after, half_open, pause
from autopack.llm.wire import WireFailure, WireKind

RETRIES = WireRetries(times=2, first_wait_s=1, max_wait_s=60)
DOWN = WireFailure(WireKind.SERVER_ERROR, "boom", is_definite=True)


def failing(at, retry_at=None):
    return Failing("m-1", DOWN, at, retry_at)


def after_all(*times):
    circuit = None
    for at in times:
        circuit = after(circuit, failing(at), RETRIES)
    return circuit


def test_it_opens_once_the_tries_are_spent():
    assert after_all(1, 2).is_closed
    circuit = after_all(1, 2, 3)
    assert circuit.until == 63
    assert circuit.is_open(62)
    assert not circuit.is_open(63)


def test_each_probe_that_fails_doubles_the_pause():
    circuit, pauses = after_all(1, 2, 3), []
    for _ in range(6):
        at = circuit.until
        circuit = after(circuit, failing(at), RETRIES)
        pauses.append(circuit.until - at)
    assert pauses == [120, 240, 480, 900, 900, 900]


def test_a_date_that_is_far_off_opens_it_at_once_and_is_kept_to_the_second():
    circuit = after(None, failing(10.0, 5_000.25), RETRIES)
    assert (circuit.until, circuit.is_dated) == (5_000.25, True)
    later = after(circuit, failing(5_001.0), RETRIES)
    assert (later.until, later.is_dated) == (5_121.0, False), "a probe that fails opens it again, whatever the tries"


def test_a_date_that_is_near_is_waited_for_by_the_question_itself():
    assert after(None, failing(10.0, 40.0), RETRIES).is_closed


def test_half_open_lets_one_question_through():
    circuit = half_open(after_all(1, 2, 3), 20.0)
    assert not circuit.is_open(20.0)
    assert not circuit.is_closed


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30))
def test_whatever_fails_it_never_stays_open_longer_than_the_longest_pause(times):
    circuit = None
    for at in sorted(times):
        circuit = after(circuit, failing(at), RETRIES)
        assert circuit.until is None or circuit.until <= at + LONGEST_PAUSE_S


def test_pauses_grow():
    assert all(before <= later for before, later in pairwise(map(pause, range(20))))
