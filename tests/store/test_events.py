import pytest

from autopack.core.events import Event


def told(kept, event, phase=None, **data):
    kept.events.tell(Event(run_id="r", phase=phase, event=event, time=kept.at, data=data))


def test_events_come_back_as_they_were_told_in_their_order(kept):
    told(kept, "first", "one", text="Łódź", nested={"a": [1, None]})
    told(kept, "second")
    found = [event for _, event in kept.events.since("r")][1:]
    assert [event.event for event in found] == ["first", "second"]
    assert (found[0].phase, found[0].data, found[0].time) == ("one", {"text": "Łódź", "nested": {"a": [1, None]}}, 100.0)
    assert kept.seen[1:] == found


def test_a_reader_goes_on_after_the_last_event_it_saw(kept):
    last = list(kept.events.since("r"))[-1][0]
    told(kept, "news", "one")
    told(kept, "more", "two")
    assert [event.event for _, event in kept.events.since("r", last)] == ["news", "more"]
    assert [event.event for _, event in kept.events.since("r", last, "two")] == ["more"]
    assert list(kept.events.since("other")) == []


def test_an_event_of_a_run_that_is_not_there_is_refused_and_nobody_is_told(kept):
    from sqlalchemy.exc import IntegrityError

    with pytest.raises(IntegrityError):
        kept.events.tell(Event(run_id="unknown", event="lost", time=1.0))
    assert [event.event for event in kept.seen] == ["run_created"]
