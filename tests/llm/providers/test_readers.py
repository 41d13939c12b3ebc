"""Whatever events a server sends, a reader takes them or calls them a failure on the wire: never anything else."""

import json
import os

import httpx2
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from autopack.core.redaction import Redactor
from autopack.core.settings import ProviderAccess
from autopack.llm.calls.stored_request import well_formed
from autopack.llm.providers.connection import connection
from autopack.llm.providers.exchange import Exchange
from autopack.llm.providers.http_client import bound
from autopack.llm.providers.sdk_import import sdk_module
from autopack.llm.providers.table import APIS
from autopack.llm.wire import Received, WireFailure
from autopack.store.calls import pack
from tests.support.asking import key, provider

EXAMPLES = int(os.environ.get("READER_EXAMPLES", "300"))
PATIENT = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "phases": [Phase.explicit, Phase.generate],
}  # shrinking takes minutes
WORDS = st.sampled_from(["", "0", "text", "m-1", '{"summary": "s"}', "\ud83d", "stop", "length", "error", "12", "x" * 300])
SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.just(10**40) | st.sampled_from([0.5, float("nan"), float("inf")]) | WORDS
ANYTHING = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=6)
DEEP = st.just(json.loads("[" * 400 + "]" * 400))


def odd(usual, often=16):
    """Mostly what the API says, else anything."""
    return st.integers(0, often).flatmap(lambda dice: usual if dice else ANYTHING | DEEP)


def shape(**fields):
    """An object with most of these keys, each mostly as it should be."""
    whole = st.fixed_dictionaries({key: odd(value) for key, value in fields.items()})
    left_out = st.sets(st.sampled_from(sorted(fields)), max_size=2)
    return st.tuples(whole, left_out).map(lambda drawn: {key: value for key, value in drawn[0].items() if key not in drawn[1]})


INDEX = st.integers(0, 2)
TEXT = st.sampled_from(["", "a", '{"summary": ', '"s", "files": []}'])
USAGE = shape(
    input_tokens=st.integers(0, 9),
    output_tokens=st.integers(0, 9),
    prompt_tokens=st.integers(0, 9),
    prompt_tokens_details=shape(cached_tokens=INDEX),
)
ERROR = shape(message=TEXT, code=st.sampled_from(["context_length_exceeded", "invalid_prompt", "insufficient_quota", 429]), type=WORDS)
BLOCK = shape(type=st.sampled_from(["text", "tool_use", "thinking"]), text=TEXT, input=shape(summary=TEXT), partial_json=TEXT)
DELTA = shape(type=st.just("text_delta"), text=TEXT, partial_json=TEXT, thinking=TEXT, stop_reason=st.sampled_from(["end_turn", "refusal"]))
MESSAGE = shape(content=st.lists(odd(BLOCK), max_size=2), model=WORDS, stop_reason=WORDS, usage=USAGE, error=st.none())
MESSAGES_TYPES = ["message_start", "content_block_start", "content_block_delta", "message_delta", "message_stop", "ping", "error"]
MESSAGE_EVENT = shape(type=st.sampled_from(MESSAGES_TYPES), message=MESSAGE, index=INDEX, content_block=BLOCK, delta=DELTA, usage=USAGE)

PART = shape(type=st.sampled_from(["text", "thinking", "output_text", "refusal"]), text=TEXT, refusal=TEXT)
CALL = shape(index=INDEX, id=WORDS, type=st.just("function"), function=shape(name=WORDS, arguments=TEXT))
CHAT_MESSAGE = shape(content=TEXT | st.lists(odd(PART), max_size=2), refusal=TEXT, tool_calls=st.lists(odd(CALL), max_size=2))
CHOICE = shape(index=INDEX, delta=CHAT_MESSAGE, message=CHAT_MESSAGE, finish_reason=st.sampled_from(["stop", "length", "content_filter"]))
CHUNK = shape(id=WORDS, model=WORDS, choices=st.lists(odd(CHOICE), max_size=2), usage=USAGE)

ITEM = shape(type=st.sampled_from(["message", "function_call", "reasoning"]), content=st.lists(odd(PART), max_size=2), arguments=TEXT)
RESPONSE = shape(
    status=st.sampled_from(["completed", "failed", "incomplete"]), model=WORDS, output=st.lists(odd(ITEM), max_size=2), usage=USAGE, error=ERROR,
    incomplete_details=shape(reason=st.sampled_from(["max_output_tokens", "content_filter"])),
)  # fmt: skip
RESPONSES_TYPES = [
    "response.created",
    "response.output_text.delta",
    "response.output_item.done",
    "response.completed",
    "response.failed",
    "error",
]
RESPONSE_EVENT = shape(
    type=st.sampled_from(RESPONSES_TYPES), response=RESPONSE, delta=TEXT, item=ITEM, error=st.none(), code=WORDS, message=WORDS
)

EVENTS = {"anthropic": MESSAGE_EVENT, "openai-chat": CHUNK, "openai-responses": RESPONSE_EVENT}
TOLD = st.fixed_dictionaries({"type": st.just("error"), "error": odd(ERROR)})
ENDS = {
    "anthropic": [{"type": "message_delta", "delta": {"stop_reason": "end_turn"}}, {"type": "message_stop"}],
    "openai-chat": [{"choices": [{"delta": {}, "finish_reason": "stop"}]}],
    "openai-responses": [{"type": "response.completed", "response": {"status": "completed", "output": []}}],
}
BODIES = {"anthropic": MESSAGE, "openai-chat": CHUNK, "openai-responses": RESPONSE}


class Answering:
    """The real client of an API on a transport that answers with the bytes that were laid out for it."""

    def __init__(self, api):
        http = httpx2.Client(transport=httpx2.MockTransport(lambda _: self.answer), event_hooks={"response": [bound]})
        reached = connection(provider("corp", api, base_url="http://corp"), key("corp"), ProviderAccess())
        sdk = APIS[api].sdk
        self.client = sdk.client(sdk_module(sdk), reached, http, lambda: 0.0)

    def lay_out(self, raw, status, kind):
        self.answer = httpx2.Response(status, headers={"content-type": kind}, stream=httpx2.ByteStream(raw))


CLIENTS = {api: Answering(api) for api in APIS}


def outcome(api, raw, status=200, kind="text/event-stream"):
    """What comes of an answer, kept as the service keeps it; a defect is raised."""
    CLIENTS[api].lay_out(raw, status, kind)
    exchange = Exchange(CLIENTS[api].client, APIS[api], {}, {})
    try:
        received, request_id = exchange.run()
    except WireFailure as failure:
        well_formed(failure.message).encode()
        assert len(failure.message) < 1_000
        return failure
    finally:
        assert exchange.progress.characters >= 0
        assert exchange.progress.is_complete in (True, False)
    assert isinstance(received, Received)
    well_formed(received.text).encode()
    assert received.model is None or len(received.model) <= 200
    assert request_id is None or isinstance(request_id, str)
    assert received.usage is None or 0 < received.usage.total < 2**43
    pack(Redactor(["k-secret"]).redact_exact(received.final))
    return received


def streamed(events):
    return b"".join(_event(event) for event in events)


def _event(event):
    name = event.get("type") if isinstance(event, dict) else None
    head = f"event: {name}\n".encode() if isinstance(name, str) and name.isascii() and name.isprintable() else b"event: message\n"
    return head + b"data: " + json.dumps(event).encode() + b"\n\n"


@pytest.mark.parametrize("api", APIS)
def test_a_stream_of_anything_is_a_reply_or_a_failure_on_the_wire(api):
    ended = []

    @settings(max_examples=EXAMPLES, **PATIENT)
    @given(st.lists(odd(st.integers(0, 12).flatmap(lambda dice: EVENTS[api] if dice else TOLD)), max_size=6), st.booleans())
    def holds(events, is_ended):
        ended.append(type(outcome(api, streamed([*events, *(ENDS[api] if is_ended else [])]))))

    holds()
    assert set(ended) == {Received, WireFailure}, "both happen, or the streams are not odd enough"


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("status", [200, 400, 429, 529])
def test_a_body_of_anything_is_a_reply_or_a_failure_on_the_wire(api, status):
    @settings(max_examples=EXAMPLES // 4, **PATIENT)
    @given(odd(BODIES[api]) | st.fixed_dictionaries({"error": odd(ERROR)}))
    def holds(body):
        outcome(api, json.dumps(body).encode(), status, "application/json")

    holds()


@pytest.mark.parametrize("api", APIS)
def test_bytes_of_any_kind_are_a_failure_on_the_wire(api):
    @settings(max_examples=EXAMPLES // 4, **PATIENT)
    @given(st.binary(max_size=200), st.sampled_from([200, 400]), st.sampled_from(["text/event-stream", "application/json", "text/html"]))
    def holds(raw, status, kind):
        assert isinstance(outcome(api, raw, status, kind), WireFailure)

    holds()
