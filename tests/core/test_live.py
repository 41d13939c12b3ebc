import pytest

from autopack.core.events import Event
from autopack.core.live import Live, followed


def event(name, at=2.0, **data):
    return Event(run_id="r", event=name, time=at, phase="one", attempt=3, data=data)


ASKED = Live(run_id="r", time=1.0, phase="one", attempt=3, role="builder", model="anthropic/opus")


def test_a_call_is_followed_from_the_request_to_the_reply():
    sent = followed(None, event("call_sent", 1.0, role="builder", provider="anthropic", model="opus"))
    assert sent == ASKED
    grown = followed(sent, event("call_progress", 2.0, role="builder", characters=120))
    assert grown == ASKED.model_copy(update={"time": 2.0, "characters": 120})
    assert followed(grown, event("call_replied")) is None


@pytest.mark.parametrize("before", [None, ASKED])
def test_other_events_change_nothing_and_progress_of_no_call_is_none(before):
    assert followed(before, event("heartbeat")) == before
    assert followed(None, event("call_progress", characters=0)) is None


def test_a_command_before_the_first_phase_is_told_until_it_ends():
    running = followed(None, Event(run_id="r", event="command_started", time=1.0, data={"message": "set-up: npm ci"}))
    assert running == Live(run_id="r", time=1.0, command="set-up: npm ci")
    assert followed(running, event("command_ended")) is None
