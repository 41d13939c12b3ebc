"""Tools between a prompt and a server: what a server that takes none is sent instead, and which calls of a reply are the reply itself."""

from autopack.core.call import Prompt, PromptBlock, ToolCall, Turn
from autopack.llm.calls.stored_request import StoredRequest
from autopack.llm.wire import Received


def on_the_wire(request: StoredRequest) -> Prompt:
    """The prompt as the server gets it: without tools, what was found with them before follows the prompt as text."""
    prompt = request.prompt
    if prompt.tools and request.has_tools:
        return prompt
    found = tuple(PromptBlock(text=text) for turn in prompt.turns if (text := _found(turn)))
    return prompt.model_copy(update={"tools": (), "turns": (), "must_answer": False, "blocks": (*prompt.blocks, *found)})


def answer_of(received: Received, prompt: Prompt) -> tuple[str, tuple[ToolCall, ...]]:
    """The reply's text, and the calls that want an answer. The reply may itself come as a call, where no tool was offered of any name."""
    own = [call.arguments for call in received.calls if not prompt.tools or call.name == prompt.reply_name]
    if own:
        return own[0] or received.text, ()
    return received.text, received.calls


def _found(turn: Turn) -> str:
    answered = zip(turn.calls, turn.results, strict=True)
    return "".join(f"\n{call.name} {call.arguments}\n{result}" for call, result in answered) + turn.told
