"""Anthropic's Messages API: the request, the stream's events, the final message."""

import json
from typing import Any, Final

from autopack.core.call import PromptBlock, StopReason, Usage
from autopack.llm.providers.in_words import asked_in_words
from autopack.llm.providers.reply_schema import narrowed
from autopack.llm.wire import Api, Json, Received, WireRequest

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
"""Of the four cache marks that a request may carry; the fourth stands on the system prompt."""


def body(request: WireRequest) -> Json:
    """Everything that varies between attempts stands last, so that one attempt's request begins like the next one's."""
    prompt = request.prompt
    head: Json = {"model": request.model, "max_tokens": request.max_output, "stream": True}
    system = [_text(prompt.system, is_marked=True)]
    if request.structured == "schema":
        head["output_config"] = {"format": {"type": "json_schema", "schema": narrowed(prompt.reply_schema)}}
    elif request.structured == "tool":
        head["tools"] = [{"name": prompt.reply_name, "input_schema": prompt.reply_schema}]
        head["tool_choice"] = {"type": "tool", "name": prompt.reply_name}
    else:
        system.append(_text(asked_in_words(prompt), is_marked=False))
    return {**head, "system": system, "messages": [{"role": "user", "content": _content(prompt.blocks)}]}


def _content(blocks: tuple[PromptBlock, ...]) -> list[Json]:
    """The first stable blocks are marked, not the last: a mark that moved on would change what is already there."""
    marked = [index for index, block in enumerate(blocks) if block.is_stable][:_MARKS_ON_BLOCKS]
    return [_text(block.text, is_marked=index in marked) for index, block in enumerate(blocks)]


def _text(text: str, *, is_marked: bool) -> Json:
    block: Json = {"type": "text", "text": text}
    return {**block, "cache_control": _MARK} if is_marked else block


class MessageCollector:
    """Adds the stream's deltas up to the message. A tool's input is kept as the text that came, never repaired."""

    def __init__(self) -> None:
        self.characters = 0
        self.final: Json | None = None
        self._message: Json = {}
        self._blocks: dict[int, Json] = {}
        self._pieces: dict[int, list[str]] = {}

    def feed(self, event: Json) -> None:
        match event["type"]:
            case "message_start":
                self._message = dict(event["message"])
            case "content_block_start":
                self._blocks[event["index"]] = dict(event["content_block"])
                self._pieces[event["index"]] = []
            case "content_block_delta":
                self._add(event["index"], event["delta"])
            case "message_delta":
                self._message.update(event["delta"])
                usage = {key: value for key, value in (event.get("usage") or {}).items() if value is not None}
                self._message["usage"] = {**(self._message.get("usage") or {}), **usage}
            case "message_stop":
                self.final = {**self._message, "content": [self._whole(index) for index in sorted(self._blocks)]}
            case _:
                pass  # pings and events of later versions

    def _add(self, index: int, delta: Json) -> None:
        piece = delta.get("text") or delta.get("partial_json") or delta.get("thinking") or ""
        self._pieces[index].append(piece)
        self.characters += len(piece)

    def _whole(self, index: int) -> Json:
        block, text = self._blocks[index], "".join(self._pieces[index])
        name = {"text": "text", "thinking": "thinking"}.get(block.get("type", ""), "partial_json")
        return {**block, name: f"{block.get(name) or ''}{text}"}


def read(message: Json) -> Received:
    stop = message["stop_reason"]
    return Received(
        text=_reply_text(message["content"]),
        stop=_STOPS.get(stop, StopReason.END),
        usage=_usage(message["usage"]),
        model=message.get("model"),
        final=message,
    )


def _reply_text(content: list[Any]) -> str:
    tools = [block for block in content if block["type"] == "tool_use"]
    if tools:
        whole = tools[0]
        return str(whole["partial_json"]) if "partial_json" in whole else json.dumps(whole["input"], ensure_ascii=False)
    return "".join(block["text"] for block in content if block["type"] == "text")


def _usage(usage: Json) -> Usage:
    return Usage(
        input_tokens=usage.get("input_tokens") or 0,
        output_tokens=usage.get("output_tokens") or 0,
        cache_read_tokens=usage.get("cache_read_input_tokens") or 0,
        cache_write_tokens=usage.get("cache_creation_input_tokens") or 0,
    )


MESSAGES: Final = Api(sdk="anthropic", path="/v1/messages", body=body, collector=MessageCollector, read=read)
