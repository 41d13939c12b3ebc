"""What every API needs to be told of a call that it made: an id by its place, and its arguments as an object."""

import json

from autopack.core.call import ToolCall
from autopack.llm.wire import Json


def call_id(turn: int, index: int) -> str:
    """Our own, not the server's: the next model to be asked may be another provider's. Nine letters and digits are an id everywhere."""
    return f"c{turn:04d}{index:04d}"


def call_input(call: ToolCall) -> Json:
    """The arguments; under a name of its own what is no object, which no server takes."""
    try:
        given = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        given = None
    return given if isinstance(given, dict) else {"arguments": call.arguments}


def call_arguments(call: ToolCall) -> str:
    return json.dumps(call_input(call), ensure_ascii=False)
