"""Servers that answer otherwise than their API says: about one prompt, in shapes of their own, without end."""

import json
import sqlite3
import zlib

import pytest

from tests.support.command import ONE, ending, oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

RUN = ("run", "--run-id", "r", "--json")
QUICK = "retries: {times: 2, first_wait_s: 0.01}\n"
CHAT = """
providers:
  - {name: corp, api: openai-chat, base_url: "%s", api_key_env: CORP_KEY, models: {big-1: {context: 128000, max_output: 16000, usd_per_mtok: {input: 1, output: 2}}}}
"""
BLOCKED = {"type": "error", "error": {"type": "invalid_request_error", "message": "Output blocked by content filtering policy"}}
FLAGGED = {"code": "invalid_prompt", "message": "Invalid prompt: your prompt was flagged as potentially violating our usage policy."}
LONG = {"type": "error", "error": {"type": "invalid_request_error", "message": "input length and `max_tokens` exceed context limit: 178959 + 64000 > 200000, decrease input length or `max_tokens` and try again"}}  # fmt: skip
EXCEEDED = {
    "code": "context_length_exceeded",
    "message": "Your input exceeds the context window of this model.",
    "type": "invalid_request_error",
}
BROKE = {"code": "insufficient_quota", "message": "You exceeded your current quota, please check your plan and billing details."}


def status(body, number=400):
    return {"wire": {"status": number, "json": body}}


def failed(error):
    """What the Responses API says where a response came to nothing."""
    response = {"id": "resp_1", "object": "response", "status": "failed", "model": "m", "output": [], "error": error, "usage": None}
    return {
        "wire": {
            "events": [
                ["response.created", {"type": "response.created"}],
                ["response.failed", {"type": "response.failed", "response": response}],
            ]
        }
    }


def error_event(body):
    return {"wire": {"events": [["error", body]]}}


SAID = {
    "anthropic, as a status": ("anthropic", status(BLOCKED), status(LONG)),
    "anthropic, in the stream": ("anthropic", error_event(BLOCKED), error_event(LONG)),
    "openai, as a status": ("openai", status({"error": FLAGGED}), status({"error": EXCEEDED})),
    "openai, as an event": ("openai", error_event({**FLAGGED, "type": "error"}), error_event({**EXCEEDED, "type": "error"})),
    "openai, as an error": ("openai", error_event({"error": FLAGGED}), error_event({"error": EXCEEDED})),
    "openai, as a failed response": ("openai", failed(FLAGGED), failed(EXCEEDED)),
}


@pytest.mark.parametrize("how", SAID)
def test_a_prompt_that_is_declined_costs_its_phase_an_attempt_and_nobody_else_anything(desk, how):
    api, refusal, _ = SAID[how]
    desk.configured(QUICK).plan(phase_of("one", max_attempts=2), phase_of("two", "docs/", depends_on=[]))
    oracle = oracle_of({"one": {"app.txt": "two\n"}, "two": {"docs/two.txt": "two\n"}})
    with scripted_server(lambda request: refusal if request.headers["x-autopack-phase"] == "one" else oracle(request)) as server:
        done = desk.beside(server, api).autopack(*RUN)
        assert done.exit_code == 1, done.stdout + done.stderr
        assert [call.attempt for call in server.asked("builder", "one")] == [1, 2], (
            "one call an attempt: nothing is asked for in another form"
        )
    assert done.told("stepped_down") == done.told("wire_failure") == []
    first, second = desk.status("r")["phases"]
    assert (first["state"], first["failure"]["kind"]) == ("failed", "reply_refused")
    assert second["state"] == "complete"
    assert desk.status("r")["budget"]["reserved_usd"] == 0


@pytest.mark.parametrize("how", SAID)
def test_a_prompt_that_is_too_long_is_asked_shorter_in_the_next_attempt(desk, how):
    api, _, too_long = SAID[how]
    desk.configured(QUICK).plan()
    oracle = oracle_of(ONE)
    with scripted_server(lambda request: too_long if request.call == 1 else oracle(request)) as server:
        done = desk.beside(server, api).autopack(*RUN)
        assert done.exit_code == 0, done.stdout + done.stderr
        assert [(call.role, call.attempt) for call in server.calls] == [("builder", 1), ("builder", 2), ("auditor", 2)]
        assert "too long for the model" in server.calls[1].text
        first, second = (call.body.get("max_tokens") or call.body["max_output_tokens"] for call in server.calls[:2])
        assert second == first / 2, "what a reply may have counts as part of the context"
    assert done.told("stepped_down") == done.told("wire_failure") == []
    assert done.told("phase_recovering")[0]["kind"] == "context_exceeded"
    assert desk.status("r")["budget"]["reserved_usd"] == 0


def test_a_diff_that_is_too_long_for_the_auditor_is_shown_shorter_and_costs_no_attempt(desk):
    api, _, too_long = next(iter(SAID.values()))
    desk.configured(QUICK).plan(phase_of("one", "app.txt", allow_mass_addition=True))
    oracle = oracle_of({"one": {"app.txt": "".join(f"line {number} of a long file\n" for number in range(30_000))}})
    with scripted_server(lambda request: too_long if request.call == 2 else oracle(request)) as server:
        done = desk.beside(server, api).autopack(*RUN)
        assert done.exit_code == 0, done.stdout + done.stderr
        assert [(call.role, call.attempt) for call in server.calls] == [("builder", 1), ("auditor", 1), ("auditor", 1)]
        assert len(server.calls[2].text) < len(server.calls[1].text) / 2
    assert [line["message"] for line in done.told("audit_unreadable")] == ["The change was too long for the auditor's model."]


@pytest.mark.parametrize("answer", [error_event({"error": BROKE}), error_event({**BROKE, "type": "error"}), failed(BROKE)])
def test_an_account_that_is_empty_is_said_at_once_inside_a_stream_too(desk, answer):
    desk.configured(QUICK).plan()
    with scripted_server(lambda _: answer) as server:
        done = desk.beside(server, "openai").autopack("run", "--run-id", "r")
        assert "has no credit left for the key in OPENAI_API_KEY" in ending(done, 6)
        assert len(server.calls) == 1


def chunk(delta, finish=None, **keys):
    return [
        None,
        {
            "id": "c",
            "object": "chat.completion.chunk",
            "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
            **keys,
        },
    ]


def calls(*deltas):
    return [chunk({"tool_calls": [delta]}) for delta in deltas]


def in_halves(text):
    return text[: len(text) // 2], text[len(text) // 2 :]


CHATS = {
    "content in parts": lambda text: [chunk({"content": [{"type": "text", "text": part}]}) for part in in_halves(text)],
    "thoughts in parts": lambda text: [
        chunk({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Okay."}]}]}),
        chunk({"content": [{"type": "text", "text": text}]}),
    ],
    "marked thoughts": lambda text: [chunk({"content": "<think>\nThe user wants {this}.\n</think>\n\n"}), chunk({"content": text})],
    "thoughts whose mark the prompt opened": lambda text: [chunk({"content": "Okay.\n</think>\n\n"}), chunk({"content": text})],
    "thoughts beside it": lambda text: [chunk({"reasoning_content": "Okay."}), chunk({"content": text})],
    "an object for arguments": lambda text: calls({"index": 0, "function": {"name": "t", "arguments": json.loads(text)}}),
    "no index": lambda text: calls(*({"index": None, "id": "", "function": {"name": "t", "arguments": part}} for part in in_halves(text))),
    "an index that begins at 1": lambda text: calls(*({"index": 1, "function": {"arguments": part}} for part in in_halves(text))),
    "an index that is a text": lambda text: calls(*({"index": "0", "function": {"arguments": part}} for part in in_halves(text))),
    "a second call": lambda text: calls(
        {"index": 0, "id": "a", "function": {"arguments": text}}, {"index": 1, "id": "b", "function": {"arguments": '{"more": 1}'}}
    ),
    "nulls": lambda text: [[None, {"choices": None}], [None, {"choices": [None]}], chunk(None), chunk({"content": None, "tool_calls": None}), chunk({"content": text})],
    "two ends": lambda text: [chunk({"content": text}), chunk({}, "stop"), chunk({}, "stop")],
    "odd usage": lambda text: [chunk({"content": text}, usage={"prompt_tokens": "12", "completion_tokens": None, "prompt_tokens_details": 7})],
}  # fmt: skip


def test_chat_replies_of_many_shapes_land_at_the_first_attempt(desk):
    names = {f"p{number:02}": shape for number, shape in enumerate(CHATS)}
    oracle = oracle_of({name: {"app.txt": f"{name}\n"} for name in names})

    def script(request):
        reply = oracle(request)
        if request.headers["x-autopack-role"] != "builder":
            return reply
        return {
            "wire": {"events": [*CHATS[names[request.headers["x-autopack-phase"]]](reply["text"]), chunk({}, "stop"), [None, "[DONE]"]]}
        }

    desk.plan(*map(phase_of, names))
    with scripted_server(script) as server:
        done = desk.configured(CHAT % server.openai_url).with_env(CORP_KEY="k").autopack(*RUN, "--model", "corp/big-1")
        assert done.exit_code == 0, done.stdout + done.stderr
    assert {(names[phase["id"]], phase["attempts"]) for phase in desk.status("r")["phases"]} == {(shape, 1) for shape in CHATS}
    assert done.told("wire_failure") == []


def message(*events):
    head = {
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "stop_reason": None,
        "usage": {"input_tokens": 9, "output_tokens": 1},
    }
    end = [{"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 7}}, {"type": "message_stop"}]
    return [[event["type"], event] for event in ({"type": "message_start", "message": head}, *events, *end)]


def start(block, index=0):
    return {"type": "content_block_start", "index": index, "content_block": block}


def text_delta(text, **index):
    return {"type": "content_block_delta", **index, "delta": {"type": "text_delta", "text": text}}


MESSAGES = {
    "the whole input at the start": lambda text: message(start({"type": "tool_use", "name": "t", "input": json.loads(text)})),
    "the whole text at the start": lambda text: message(start({"type": "text", "text": text})),
    "no index": lambda text: message(start({"type": "text", "text": ""}, None), *(text_delta(part) for part in in_halves(text))),
    "no start": lambda text: message(text_delta(text, index=0)),
    "an index that begins at 1": lambda text: message(start({"type": "text", "text": ""}, 1), text_delta(text, index=1)),
    "an object for partial_json": lambda text: message(
        start({"type": "tool_use", "name": "t", "input": {}}),
        {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": json.loads(text)}},
    ),
    "thoughts first": lambda text: message(
        start({"type": "thinking", "thinking": ""}),
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "Okay."}},
        start({"type": "text", "text": None}, 1),
        text_delta(text, index=1),
    ),
    "nulls": lambda text: message(start({"type": "text", "text": None}), {"type": "content_block_delta", "index": 0, "delta": None}, text_delta(text, index=0)),
    "no message at the start": lambda text: message(text_delta(text, index=0))[1:],
}  # fmt: skip


def test_messages_of_many_shapes_land_at_the_first_attempt(desk):
    names = {f"p{number:02}": shape for number, shape in enumerate(MESSAGES)}
    oracle = oracle_of({name: {"app.txt": f"{name}\n"} for name in names})

    def script(request):
        reply = oracle(request)
        if request.headers["x-autopack-role"] != "builder":
            return reply
        return {"wire": {"events": MESSAGES[names[request.headers["x-autopack-phase"]]](reply["text"])}}

    desk.plan(*map(phase_of, names))
    with scripted_server(script) as server:
        done = desk.beside(server).autopack(*RUN)
        assert done.exit_code == 0, done.stdout + done.stderr
    assert {(names[phase["id"]], phase["attempts"]) for phase in desk.status("r")["phases"]} == {(shape, 1) for shape in MESSAGES}
    assert done.told("wire_failure") == []


@pytest.mark.parametrize(
    ("api", "events"),
    [
        ("anthropic", [["message_start", {"type": "message_start", "message": 7}]]),
        ("anthropic", message(start({"type": "text", "text": 7}))),
        ("openai", [["response.completed", {"type": "response.completed", "response": {"status": "completed", "output": [7]}}]]),
        ("openai", [["x", [1, 2]]]),
        ("openai", [["x", "no JSON"]]),
    ],
)
def test_what_cannot_be_read_blocks_the_run_and_holds_nothing_of_the_budget(desk, api, events):
    desk.configured(QUICK).plan()
    with scripted_server(lambda _: {"wire": {"events": events}}) as server:
        for resume in (False, True):
            words = ("resume", "r") if resume else ("run", "--run-id", "r", "--max-usd", "5")
            assert "No provider can answer" in ending(desk.beside(server, api).autopack(*words), 6)
            assert desk.status("r")["budget"]["reserved_usd"] == 0
        assert len(server.calls) == 4, "the second start begins with one probe"
    assert {row[0] for row in rows(desk, "SELECT error_kind FROM call")} == {"malformed"}
    assert desk.status("r")["budget"]["spent_usd"] > 0, "what was sent, and what came, is not forgotten"
    with scripted_server(oracle_of(ONE)) as server:
        assert desk.beside(server, api).autopack("resume", "r").exit_code == 0


def rows(desk, query):
    connection = sqlite3.connect(desk.repo / ".git" / "autopack" / "autopack.db")
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


MEASURED = """
import atexit, resource, sys
atexit.register(lambda: print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr))
from autopack.__main__ import main
main()
"""
BIG = 600_000_000


def bomb(beginning):
    """As much as a thousand times its size."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    pieces = [packer.compress(beginning)]
    pieces += [packer.compress(b" " * 10_000_000) for _ in range(BIG // 10_000_000)]
    return b"".join([*pieces, packer.flush()])


BOMBS = {
    "a message": (200, "application/json", b'{"content": "'),
    "an event": (200, "text/event-stream", b"event: message_start\ndata: "),
    "an error": (529, "application/json", b'{"error": {"message": "'),
}


@pytest.mark.parametrize("what", BOMBS)
def test_a_small_answer_that_unpacks_without_end_costs_its_call_and_not_the_memory(desk, what):
    number, kind, beginning = BOMBS[what]
    desk.configured("retries: {times: 1, first_wait_s: 0.01}\n").plan()
    wire = {"status": number, "headers": {"content-type": kind, "content-encoding": "gzip"}, "bytes": bomb(beginning)}
    with scripted_server(lambda _: {"wire": wire}) as server:
        done = desk.beside(server).python(MEASURED, "run", "--run-id", "r")
    assert "No provider can answer" in ending(done, 6)
    (peak,) = (int(line.split()[1]) for line in done.stderr.splitlines() if line.startswith("peak "))
    assert peak < 400_000, f"{peak} kB"
    with scripted_server(oracle_of(ONE)) as server:
        assert desk.beside(server).autopack("resume", "r").exit_code == 0
