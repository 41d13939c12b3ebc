"""What a replanner or a doctor answered is one object, or there is a sentence that says why it is not used."""

import pytest

from autopack.core.call import Reply, StopReason, Usage
from autopack.recovery.advice_reply import AdviceUnusable, advice_object


def reply(text, stop=StopReason.END):
    return Reply(text=text, stop=stop, usage=Usage(), provider="p", requested_model="m", answering_model="m", usd=None, received_at=1.0)


def test_the_object_comes_without_what_is_null():
    assert advice_object(reply('{"action": "replan", "hint": null}')) == {"action": "replan"}


@pytest.mark.parametrize(
    ("stop", "says"),
    [
        (StopReason.REFUSAL, "declined"),
        (StopReason.MAX_TOKENS, "cut off before it ended"),
        (StopReason.CONTEXT_EXCEEDED, "too long for the model"),
        (StopReason.END, "not the one JSON object"),
    ],
)
def test_a_reply_that_is_none_says_why(stop, says):
    with pytest.raises(AdviceUnusable, match=says):
        advice_object(reply("Well, ", stop))
