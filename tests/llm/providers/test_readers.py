"""Whatever events a server sends, a reader takes them or calls them a failure on the wire: never anything else."""

import json
import os

import httpx2
import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
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
from autopack.store.call_records import pack
from tests.support.asking import key, provider

EXAMPLES = int(os.environ.get("READER_EXAMPLES", "300"))
PATIENT = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "phases": [Phase.explicit, Phase.generate],  # shrinking takes minutes
}
RANDOM = st.randoms(use_true_random=True)
"""Hypothesis draws the seed alone: to draw nested values piece by piece took it several times as long as to read them."""

WORDS = ["", "0", "text", "m-1", '{"summary": "s"}', "\ud83d", "stop", "length", "error", "12", "x" * 300]
SCALARS = [None, True, False, *range(-5, 6), 10**40, 0.5, float("nan"), float("inf"), *WORDS]
DEEP = json.loads("[" * 400 + "]" * 400)


def anything(random, depth=3):
    dice = random.random()
    if depth == 0 or dice < 0.6:
        return random.choice(SCALARS)
    if dice < 0.8:
        return [anything(random, depth - 1) for _ in range(random.randint(0, 3))]
    return {random.choice(WORDS): anything(random, depth - 1) for _ in range(random.randint(0, 3))}


def odd(usual, often=16):
    """Mostly what the API says, else anything."""

    def draw(random):
        if random.randint(0, often):
            return usual(random)
        return DEEP if random.random() < 0.1 else anything(random)

    return draw


def shape(**fields):
    """An object with most of these keys, each mostly as it should be."""
    draws = {key: odd(value) for key, value in fields.items()}

    def draw(random):
        left_out = random.sample(sorted(draws), random.randint(0, min(2, len(draws))))
        return {key: value(random) for key, value in draws.items() if key not in left_out}

    return draw


def one_of(*values):
    return lambda random: random.choice(values)


def either(*draws):
    return lambda random: random.choice(draws)(random)


def up_to(most, usual):
    return lambda random: [odd(usual)(random) for _ in range(random.randint(0, most))]


WORD, NOTHING = one_of(*WORDS), one_of(None)
INDEX = one_of(0, 1, 2)
COUNT = one_of(*range(10))
TEXT = one_of("", "a", '{"summary": ', '"s", "files": []}')
USAGE = shape(input_tokens=COUNT, output_tokens=COUNT, prompt_tokens=COUNT, prompt_tokens_details=shape(cached_tokens=INDEX))
ERROR = shape(message=TEXT, code=one_of("context_length_exceeded", "invalid_prompt", "insufficient_quota", 429), type=WORD)
BLOCK = shape(type=one_of("text", "tool_use", "thinking"), text=TEXT, input=shape(summary=TEXT), partial_json=TEXT)
DELTA = shape(type=one_of("text_delta"), text=TEXT, partial_json=TEXT, thinking=TEXT, stop_reason=one_of("end_turn", "refusal"))
MESSAGE = shape(content=up_to(2, BLOCK), model=WORD, stop_reason=WORD, usage=USAGE, error=NOTHING)
MESSAGES_TYPES = ["message_start", "content_block_start", "content_block_delta", "message_delta", "message_stop", "ping", "error"]
MESSAGE_EVENT = shape(type=one_of(*MESSAGES_TYPES), message=MESSAGE, index=INDEX, content_block=BLOCK, delta=DELTA, usage=USAGE)

PART = shape(type=one_of("text", "thinking", "output_text", "refusal"), text=TEXT, refusal=TEXT)
CALL = shape(index=INDEX, id=WORD, type=one_of("function"), function=shape(name=WORD, arguments=TEXT))
CHAT_MESSAGE = shape(content=either(TEXT, up_to(2, PART)), refusal=TEXT, tool_calls=up_to(2, CALL))
CHOICE = shape(index=INDEX, delta=CHAT_MESSAGE, message=CHAT_MESSAGE, finish_reason=one_of("stop", "length", "content_filter"))
CHUNK = shape(id=WORD, model=WORD, choices=up_to(2, CHOICE), usage=USAGE)

ITEM = shape(type=one_of("message", "function_call", "reasoning"), content=up_to(2, PART), arguments=TEXT)
RESPONSE = shape(
    status=one_of("completed", "failed", "incomplete"), model=WORD, output=up_to(2, ITEM), usage=USAGE, error=ERROR,
    incomplete_details=shape(reason=one_of("max_output_tokens", "content_filter")),
)  # fmt: skip
RESPONSES_TYPES = [
    "response.created",
    "response.output_text.delta",
    "response.output_item.done",
    "response.completed",
    "response.failed",
    "error",
]
RESPONSE_EVENT = shape(type=one_of(*RESPONSES_TYPES), response=RESPONSE, delta=TEXT, item=ITEM, error=NOTHING, code=WORD, message=WORD)

EVENTS = {"anthropic": MESSAGE_EVENT, "openai-chat": CHUNK, "openai-responses": RESPONSE_EVENT}
ODD_ERROR = odd(ERROR)
ENDS = {
    "anthropic": [{"type": "message_delta", "delta": {"stop_reason": "end_turn"}}, {"type": "message_stop"}],
    "openai-chat": [{"choices": [{"delta": {}, "finish_reason": "stop"}]}],
    "openai-responses": [{"type": "response.completed", "response": {"status": "completed", "output": []}}],
}
VECTOR = shape(index=INDEX, embedding=one_of("AACAPw==", "AACA", "no base64", [1, 0.5], [1e300], ["x"]))
VECTORS = shape(data=up_to(2, VECTOR), model=WORD, usage=shape(prompt_tokens=INDEX))
BODIES = {"anthropic": MESSAGE, "openai-chat": CHUNK, "openai-responses": RESPONSE, "openai-embeddings": VECTORS}


def told(random):
    return {"type": "error", "error": ODD_ERROR(random)}


def stream_of(api, random):
    event = odd(lambda random: EVENTS[api](random) if random.randint(0, 12) else told(random))
    events = [event(random) for _ in range(random.randint(0, 6))]
    return events + (ENDS[api] if random.random() < 0.5 else [])


def body_of(api, random):
    return odd(BODIES[api])(random) if random.random() < 0.5 else {"error": ODD_ERROR(random)}


class Answering:
    """The real client of an API on a transport that answers with the bytes that were laid out for it."""

    def __init__(self, api):
        http = httpx2.Client(transport=httpx2.MockTransport(lambda _: self.answer), event_hooks={"response": [bound]})
        spoken = api if api in EVENTS else "openai-chat"
        reached = connection(provider("corp", spoken, base_url="http://corp"), key("corp"), ProviderAccess())
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


@pytest.mark.parametrize("api", EVENTS)
def test_a_stream_of_anything_is_a_reply_or_a_failure_on_the_wire(api):
    ended = []

    @settings(max_examples=EXAMPLES, **PATIENT)
    @given(RANDOM)
    def holds(random):
        events = stream_of(api, random)
        note(json.dumps(events))
        ended.append(type(outcome(api, streamed(events))))

    holds()
    assert set(ended) == {Received, WireFailure}, "both happen, or the streams are not odd enough"


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("status", [200, 400, 429, 529])
def test_a_body_of_anything_is_a_reply_or_a_failure_on_the_wire(api, status):
    @settings(max_examples=EXAMPLES // 4, **PATIENT)
    @given(RANDOM)
    def holds(random):
        body = json.dumps(body_of(api, random))
        note(body)
        outcome(api, body.encode(), status, "application/json")

    holds()


@pytest.mark.parametrize("api", APIS)
def test_bytes_of_any_kind_are_a_failure_on_the_wire(api):
    @settings(max_examples=EXAMPLES // 4, **PATIENT)
    @given(st.binary(max_size=200), st.sampled_from([200, 400]), st.sampled_from(["text/event-stream", "application/json", "text/html"]))
    def holds(raw, status, kind):
        assert isinstance(outcome(api, raw, status, kind), WireFailure)

    holds()
