"""Anthropic's SDK and its Messages API: the request, the stream's events, the final message."""

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from autopack.core.call import Prompt, PromptBlock, StopReason, ToolCall, Turn, Usage
from autopack.llm.providers.api import Api, Sdk
from autopack.llm.providers.connection import Connection
from autopack.llm.providers.json_values import an_object, count, json_text, name, object_or_empty, objects, visible_text
from autopack.llm.providers.reply_schema import asked_in_words, narrowed, without_nulls
from autopack.llm.providers.sdk_client import SdkClient
from autopack.llm.providers.tool_calls import call_id, call_input
from autopack.llm.wire import Json, Received, WireRequest

if TYPE_CHECKING:
    import httpx2

_STOPS: Final[dict[str, StopReason]] = {
    "end_turn": StopReason.END,
    "tool_use": StopReason.END,
    "stop_sequence": StopReason.END,
    "max_tokens": StopReason.MAX_TOKENS,
    "pause_turn": StopReason.MAX_TOKENS,  # the turn did not end
    "refusal": StopReason.REFUSAL,
    "model_context_window_exceeded": StopReason.CONTEXT_EXCEEDED,
}
_MARK: Final[Json] = {"type": "ephemeral"}
_MARKS_ON_BLOCKS: Final = 3
"""A request may carry four cache marks; the fourth stands on the system prompt."""

_MARKS_ON_TURNS: Final = 2
"""With turns one mark is left for the blocks: the last turn's is what the next request finds, the one before it what this one finds."""


def body(request: WireRequest) -> Json:
    """The request. What varies between attempts stands last, so that one attempt's request begins like the next one's."""
    prompt = request.prompt
    head: Json = {"model": request.model, "max_tokens": request.max_output, "stream": True}
    system = [_text(prompt.system, is_marked=True)]
    tools: list[Json] = [{"name": tool.name, "description": tool.description, "input_schema": tool.parameters} for tool in prompt.tools]
    choice: Json = {"type": "none"} if prompt.must_answer else {"type": "auto"}
    if request.structured == "schema":
        head["output_config"] = {"format": {"type": "json_schema", "schema": without_nulls(narrowed(prompt.reply_schema))}}
    elif request.structured == "tool":
        tools.append({"name": prompt.reply_name, "input_schema": prompt.reply_schema})
        choice = {"type": "any"} if prompt.tools and not prompt.must_answer else {"type": "tool", "name": prompt.reply_name}
    else:
        system.append(_text(asked_in_words(prompt), is_marked=False))
    if tools:
        head |= {"tools": tools, "tool_choice": choice}
    return {**head, "system": system, "messages": _messages(prompt)}


def _messages(prompt: Prompt) -> list[Json]:
    messages = [{"role": "user", "content": _content(prompt.blocks, 1 if prompt.turns else _MARKS_ON_BLOCKS)}]
    for number, turn in enumerate(prompt.turns, 1):
        messages += _turn(turn, number, is_marked=number > len(prompt.turns) - _MARKS_ON_TURNS)
    return messages


def _content(blocks: tuple[PromptBlock, ...], marks: int) -> list[Json]:
    """Marks the first stable blocks, not the last: a mark that moved on would change what the cache holds. A single one: the last."""
    marked = [index for index, block in enumerate(blocks) if block.is_stable][:_MARKS_ON_BLOCKS][-marks:]
    return [_text(block.text, is_marked=index in marked) for index, block in enumerate(blocks)]


def _turn(turn: Turn, number: int, *, is_marked: bool) -> list[Json]:
    said = [_text(turn.said, is_marked=False)] if turn.said.strip() else []
    calls = [
        {"type": "tool_use", "id": call_id(number, index), "name": call.name, "input": call_input(call)}
        for index, call in enumerate(turn.calls)
    ]
    results: list[Json] = [
        {"type": "tool_result", "tool_use_id": call_id(number, index), "content": text} for index, text in enumerate(turn.results)
    ]
    told = [*results, *([_text(turn.told, is_marked=False)] if turn.told else [])]
    if is_marked and told:
        told[-1] = {**told[-1], "cache_control": _MARK}
    return [{"role": "assistant", "content": [*said, *calls]}, {"role": "user", "content": told}]


def _text(text: str, *, is_marked: bool) -> Json:
    block: Json = {"type": "text", "text": text}
    return {**block, "cache_control": _MARK} if is_marked else block


class MessageCollector:
    """Adds the stream's deltas up to the message. It keeps a tool's input as the text that came and repairs nothing."""

    def __init__(self) -> None:
        self.characters = 0
        self.final: Json | None = None
        self._message: Json = {}
        self._blocks: dict[int, Json] = {}
        self._pieces: dict[int, list[str]] = {}

    @property
    def is_complete(self) -> bool:
        return self.final is not None

    def feed(self, event: Json) -> None:
        match event.get("type"):
            case "message_start":
                self._message = dict(an_object(event.get("message")))
            case "content_block_start":
                self._begin(_index(event, len(self._blocks)), an_object(event.get("content_block")))
            case "content_block_delta":
                self._add(_index(event, len(self._blocks) - 1), an_object(event.get("delta")))
            case "message_delta":
                self._message.update(_given(an_object(event.get("delta"))))
                self._message["usage"] = {**object_or_empty(self._message.get("usage")), **_given(object_or_empty(event.get("usage")))}
            case "message_stop":
                self.final = {**self._message, "content": [self._whole(index) for index in sorted(self._blocks)]}
            case _:
                pass  # pings and events of later versions

    def _begin(self, index: int, block: Json) -> None:
        self._blocks[index] = dict(block)
        self._pieces[index] = []

    def _add(self, index: int, delta: Json) -> None:
        """Where a block never began, its first delta tells the type."""
        if index not in self._blocks:
            self._begin(index, {"type": "tool_use" if "partial_json" in delta else "text"})
        key = next((key for key in ("text", "partial_json", "thinking") if delta.get(key)), None)
        piece = json_text(delta[key]) if key else ""
        self._pieces[index].append(piece)
        self.characters += len(piece)

    def _whole(self, index: int) -> Json:
        """The block: what it began with, then its deltas."""
        block, text = self._blocks[index], "".join(self._pieces[index])
        key = {"text": "text", "thinking": "thinking"}.get(str(block.get("type")), "partial_json")
        begun = block.get(key)
        return {**block, key: f"{visible_text(begun)}{text}"}


def read(message: Json) -> Received:
    content = objects(message["content"])
    stop = message.get("stop_reason") if content else message["stop_reason"]
    return Received(
        text="".join(visible_text(block.get("text")) for block in content if block.get("type") == "text"),
        calls=tuple(_call(block) for block in content if block.get("type") == "tool_use"),
        stop=_STOPS.get(name(stop) or "", StopReason.END),
        usage=_usage(object_or_empty(message.get("usage"))),
        model=name(message.get("model")),
        final=message,
    )


def _index(event: Json, default: int) -> int:
    index = event.get("index")
    return index if isinstance(index, int) else max(default, 0)


def _given(values: Json) -> Json:
    return {key: value for key, value in values.items() if value is not None}


def _call(block: Json) -> ToolCall:
    return ToolCall(name=name(block.get("name")) or "", arguments=json_text(block.get("partial_json")) or json_text(block.get("input")))


def _usage(usage: Json) -> Usage | None:
    counted = Usage(
        input_tokens=count(usage.get("input_tokens")),
        output_tokens=count(usage.get("output_tokens")),
        cache_read_tokens=count(usage.get("cache_read_input_tokens")),
        cache_write_tokens=count(usage.get("cache_creation_input_tokens")),
    )
    return counted if counted.total else None


def _load() -> ModuleType:
    import anthropic  # more than a second: only when a call is made

    return anthropic


def _client(sdk: Any, connection: Connection, http: "httpx2.Client", now: Callable[[], float]) -> SdkClient:  # noqa: ANN401 - a module
    client = sdk.Anthropic(
        api_key=connection.key.value.get_secret_value(),
        base_url=connection.base_url,
        default_headers=dict(connection.headers),
        max_retries=0,
        http_client=http,
        open_telemetry={"traces": False, "propagation": False},
    )
    return SdkClient(sdk, client, http, now)


def _retiring(sdk: Any) -> Mapping[str, str]:  # noqa: ANN401 - a module
    retiring: Mapping[str, str] = sdk.resources.messages.messages.DEPRECATED_MODELS
    return retiring


_SDK: Final = Sdk(name="anthropic", load=_load, last_name="Stream", client=_client, retiring=_retiring)
MESSAGES: Final = Api(
    sdk=_SDK,
    path="/v1/messages",
    body=body,
    collector=MessageCollector,
    read=read,
    takes_open_schemas=False,
    count_path="/v1/messages/count_tokens",
    counted=frozenset({"model", "system", "messages", "tools", "tool_choice", "output_config"}),
)
