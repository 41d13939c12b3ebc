"""A nap is told once, before anybody counts hours, whoever saw it first."""

import threading

import pytest

from autopack.core.errors import EnvironmentBlockedError
from autopack.executor.sleep_detection import SleepDetector

NIGHT = 8 * 3600


class Told:
    """An event log that can be held up, or be full, at the next event."""

    def __init__(self):
        self.events, self.begun, self.may_end, self.is_full = [], threading.Event(), threading.Event(), False
        self.may_end.set()

    def tell(self, event):
        self.begun.set()
        assert self.may_end.wait(10)
        if self.is_full:
            raise EnvironmentBlockedError("the disk is full")
        self.events.append(event)


@pytest.fixture
def told():
    return Told()


def test_whoever_looks_while_another_tells_of_a_nap_waits_for_it(told):
    times = iter([0.0, NIGHT, NIGHT + 1])
    awake = SleepDetector(told, "r", lambda: next(times))
    told.may_end.clear()
    first = threading.Thread(target=awake.look)
    first.start()
    assert told.begun.wait(10)
    seen = []
    second = threading.Thread(target=lambda: seen.append((awake.look(), len(told.events))))
    second.start()
    second.join(0.1)
    assert second.is_alive()
    told.may_end.set()
    for thread in (first, second):
        thread.join(10)
    assert seen == [(NIGHT + 1, 1)]


def test_a_nap_that_could_not_be_written_is_told_at_the_next_look(told):
    times = iter([0.0, NIGHT, NIGHT + 10])
    awake = SleepDetector(told, "r", lambda: next(times))
    told.is_full = True
    with pytest.raises(EnvironmentBlockedError):
        awake.look()
    told.is_full = False
    assert awake.look() == NIGHT + 10
    assert [round(event.data["seconds"]) for event in told.events] == [NIGHT + 10 - 60]


def test_heartbeats_that_come_late_are_no_nap(told):
    times = iter([0.0, 100.0, 270.0])
    awake = SleepDetector(told, "r", lambda: next(times))
    assert [awake.look(), awake.look()] == [100.0, 270.0]
    assert told.events == []
