"""The Chat Completions API, which most local servers and gateways speak: the request, the chunks, the completion."""

from typing import Final

from autopack.core.call import StopReason, Usage
from autopack.llm.providers.in_words import asked_in_words
from autopack.llm.providers.openai_responses import strictness
from autopack.llm.wire import Api, Json, Received, WireRequest

_STOPS: Final[dict[str, StopReason]] = {"length": StopReason.MAX_TOKENS, "content_filter": StopReason.REFUSAL}


def body(request: WireRequest) -> Json:
    """One string a message: not every local server takes content in parts."""
    prompt = request.prompt
    limit = "max_completion_tokens" if request.is_vendor else "max_tokens"
    head: Json = {"model": request.model, limit: request.max_output, "stream": True, "stream_options": {"include_usage": True}}
    system = prompt.system
    if request.structured == "schema":
        head["response_format"] = {"type": "json_schema", "json_schema": {"name": prompt.reply_name, **strictness(prompt.reply_schema)}}
    elif request.structured == "tool":
        function = {"name": prompt.reply_name, "parameters": prompt.reply_schema}
        head["tools"] = [{"type": "function", "function": function}]
        head["tool_choice"] = {"type": "function", "function": {"name": prompt.reply_name}}
    else:
        system = f"{prompt.system}\n\n{asked_in_words(prompt)}"
    user = "\n\n".join(block.text for block in prompt.blocks)
    return {**head, "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}]}


class ChunkCollector:
    """Adds chunks up to the completion they are parts of. It is complete once a finish reason came, with or without ``[DONE]``."""

    def __init__(self) -> None:
        self.characters = 0
        self._head: Json = {}
        self._text: list[str] = []
        self._refusal: list[str] = []
        self._arguments: list[str] = []
        self._tool: str | None = None
        self._finish: str | None = None

    def feed(self, event: Json) -> None:
        head = {key: event[key] for key in ("id", "created", "model", "system_fingerprint", "usage") if event.get(key) is not None}
        self._head.update(head)
        for choice in (event.get("choices") or [])[:1]:
            self._add(choice.get("delta") or {})
            self._finish = choice.get("finish_reason") or self._finish

    @property
    def final(self) -> Json | None:
        if self._finish is None:
            return None
        message: Json = {"role": "assistant", "content": "".join(self._text) or None, "refusal": "".join(self._refusal) or None}
        if self._tool is not None:
            function = {"name": self._tool, "arguments": "".join(self._arguments)}
            message["tool_calls"] = [{"type": "function", "function": function}]
        return {**self._head, "object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": self._finish}]}

    def _add(self, delta: Json) -> None:
        self._keep(self._text, delta.get("content"))
        self._keep(self._refusal, delta.get("refusal"))
        for call in delta.get("tool_calls") or []:
            if call.get("index", 0) == 0:
                function = call.get("function") or {}
                self._tool = self._tool or function.get("name") or ""
                self._keep(self._arguments, function.get("arguments"))

    def _keep(self, pieces: list[str], piece: str | None) -> None:
        if piece:
            pieces.append(piece)
            self.characters += len(piece)


def read(completion: Json) -> Received:
    choice = completion["choices"][0]
    message = choice["message"]
    calls = message.get("tool_calls")
    text = calls[0]["function"]["arguments"] if calls else message.get("content") or message.get("refusal") or ""
    stop = StopReason.REFUSAL if message.get("refusal") else _STOPS.get(choice.get("finish_reason") or "", StopReason.END)
    usage = _usage(completion["usage"]) if completion.get("usage") else None
    return Received(text=str(text), stop=stop, usage=usage, model=completion.get("model"), final=completion)


def _usage(usage: Json) -> Usage:
    details = usage.get("prompt_tokens_details") or {}
    read_tokens, written = details.get("cached_tokens") or 0, details.get("cache_write_tokens") or 0
    return Usage(
        input_tokens=max(0, (usage.get("prompt_tokens") or 0) - read_tokens - written),
        output_tokens=usage.get("completion_tokens") or 0,
        cache_read_tokens=read_tokens,
        cache_write_tokens=written,
    )


CHAT: Final = Api(sdk="openai", path="/chat/completions", body=body, collector=ChunkCollector, read=read)
