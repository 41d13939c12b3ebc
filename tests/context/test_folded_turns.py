from autopack.context.folded_turns import in_short, size_of
from autopack.core.call import ToolCall, Turn

CALLS = (ToolCall(name="read", arguments='{"path": "a.py"}'), ToolCall(name="list", arguments="{}"))


def test_a_folded_turn_keeps_its_calls_and_its_short_results():
    turn = Turn(said="Let me see.", calls=CALLS, results=("x" * 5_000, "a.py\n"))
    short = in_short(turn)
    assert (short.said, short.calls, short.results[1]) == (turn.said, turn.calls, "a.py\n")
    assert "5,000 characters" in short.results[0]
    assert in_short(short) == short
    assert size_of(turn).foldable == 5_000 - len(short.results[0])
    assert size_of(turn).all == sum(map(len, turn.texts))


def test_what_a_builder_was_told_is_never_folded():
    turn = Turn(said="{}", told="x" * 5_000)
    assert in_short(turn) == turn
