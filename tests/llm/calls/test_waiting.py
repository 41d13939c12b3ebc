import socket
import struct
import threading
import time
from collections.abc import Callable

import pytest

from autopack.core.errors import ProviderBlockedError
from autopack.core.models_settings import Timeouts, WireRetries
from autopack.llm.calls.waiting import PendingReply
from autopack.llm.providers.exchange import Progress
from tests.support.asking import asking, bench, provider, route
from tests.support.raw_server import EVENT_STREAM, hold, raw_server

ONCE = WireRetries(times=0)
WHOLE = (
    b'event: message_start\ndata: {"type": "message_start", "message": {"model": "m-1", "usage": {"input_tokens": 3, "output_tokens": 0}}}\n\n'
    b'event: content_block_start\ndata: {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}\n\n'
    b'event: content_block_delta\ndata: {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "late"}}\n\n'
    b'event: message_delta\ndata: {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}}\n\n'
    b'event: message_stop\ndata: {"type": "message_stop"}\n\n'
)


def timed(tmp_path, url: str, timeouts: Timeouts) -> tuple[float, str]:
    with bench(tmp_path, {"corp": url}, timeouts=timeouts, retries=ONCE) as at:
        of = route(provider("corp", "anthropic"))
        at.service._connections.client(of)  # importing the SDK takes its time
        began = time.monotonic()
        with pytest.raises(ProviderBlockedError) as blocked:
            at.ask(of)
        took = time.monotonic() - began
        assert at.journal.stored(asking(), 1)[0].error_kind == "timeout"
        return took, blocked.value.message


def dribbling(piece: bytes, head: bytes = EVENT_STREAM) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)
            time.sleep(0.05)

    return answer


def test_a_stream_that_only_keeps_alive_ends_with_the_whole_calls_limit(tmp_path):
    with raw_server(dribbling(b": keep-alive\n\n")) as url:
        took, message = timed(tmp_path, url, Timeouts(first_byte_s=10, idle_s=2, call_s=3))
    assert 2.9 < took < 30
    assert "not complete after 3 s (timeouts.call_s)" in message


def test_an_answer_that_never_begins_ends_with_its_limit(tmp_path):
    def answer(connection: socket.socket) -> None:
        hold(connection)

    with raw_server(answer) as url:
        took, message = timed(tmp_path, url, Timeouts(first_byte_s=0.5, idle_s=20, call_s=20))
    assert 0.4 < took < 9
    assert "timeouts.first_byte_s" in message


def test_headers_without_a_body_count_as_an_answer_that_never_begins(tmp_path):
    def answer(connection: socket.socket) -> None:
        connection.sendall(EVENT_STREAM)
        hold(connection)

    with raw_server(answer) as url:
        took, message = timed(tmp_path, url, Timeouts(first_byte_s=0.8, idle_s=0.2, call_s=20))
    assert 0.7 < took < 9
    assert "timeouts.first_byte_s" in message


def test_a_stream_that_stands_still_ends_with_the_idle_limit(tmp_path):
    def answer(connection: socket.socket) -> None:
        connection.sendall(EVENT_STREAM + b": begun\n\n")
        hold(connection)

    with raw_server(answer) as url:
        took, message = timed(tmp_path, url, Timeouts(first_byte_s=20, idle_s=0.5, call_s=20))
    assert 0.4 < took < 9
    assert "nothing came for 0.5 s (timeouts.idle_s)" in message


def test_headers_without_end_are_ended_too(tmp_path):
    with raw_server(dribbling(b"x-a: b\r\n", b"HTTP/1.1 200 OK\r\n")) as url:
        took, _message = timed(tmp_path, url, Timeouts(first_byte_s=0.6, idle_s=20, call_s=20))
    assert 0.5 < took < 9


def test_keep_alives_keep_a_slow_model_alive(tmp_path):
    """Comments for longer than ``idle_s``, then a whole reply."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(EVENT_STREAM)
        for _ in range(60):
            connection.sendall(b": thinking\n\n")
            time.sleep(0.05)
        connection.sendall(WHOLE)

    with raw_server(answer) as url, bench(tmp_path, {"corp": url}, timeouts=Timeouts(idle_s=2), retries=ONCE) as at:
        assert at.ask(route(provider("corp", "anthropic"))).text == "late"


def test_a_thread_that_was_left_behind_ends(tmp_path):
    with raw_server(dribbling(b": keep-alive\n\n")) as url:
        timed(tmp_path, url, Timeouts(first_byte_s=10, idle_s=5, call_s=0.4))
        end = time.monotonic() + 30
        while any(thread.name == "autopack-reply" for thread in threading.enumerate()):
            assert time.monotonic() < end, "the reading thread still lives"
            time.sleep(0.02)


def test_a_message_that_was_not_streamed_is_understood(tmp_path):
    body = b'{"model": "m-1", "content": [{"type": "text", "text": "whole"}], "stop_reason": "end_turn", "usage": {"input_tokens": 1, "output_tokens": 1}}'

    def answer(connection: socket.socket) -> None:
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)

    with raw_server(answer) as url, bench(tmp_path, {"corp": url}, retries=ONCE) as at:
        assert at.ask(route(provider("corp", "anthropic"))).text == "whole"


@pytest.mark.parametrize(
    ("events", "state"),
    [
        (b"data: [1, 2]\n\n", "failed"),
        (b"data: 7\n\n", "failed"),
        (b"data: \xff\xfe\n\n", "failed"),
        (b'data: {"a": 1}\n\n', "unknown"),
        (b"data: null\n\n", "unknown"),
    ],
)
def test_odd_events_are_failures_and_never_crashes(tmp_path, events, state):
    def answer(connection: socket.socket) -> None:
        connection.sendall(EVENT_STREAM + b"event: content_block_delta\n" + events)

    for api in ("anthropic", "openai-responses", "openai-chat"):
        with raw_server(answer) as url, bench(tmp_path, {"corp": url}, retries=ONCE) as at:
            with pytest.raises(ProviderBlockedError):
                at.ask(route(provider("corp", api)), of=asking(phase=api))
            assert at.states(asking(phase=api)) == [state], "what the server did say is an end; where it broke off, nobody knows"


def test_a_whole_reply_is_taken_even_if_the_connection_breaks_after_it(tmp_path):
    def answer(connection: socket.socket) -> None:
        connection.sendall(EVENT_STREAM + WHOLE + b"event: message_delta\ndata: {broken")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with raw_server(answer) as url, bench(tmp_path, {"corp": url}, retries=ONCE) as at:
        assert at.ask(route(provider("corp", "anthropic"))).text == "late"


def test_a_server_that_does_not_hang_up_is_not_waited_for(tmp_path):
    def answer(connection: socket.socket) -> None:
        connection.sendall(EVENT_STREAM + WHOLE)
        hold(connection)

    with raw_server(answer) as url, bench(tmp_path, {"corp": url}, retries=ONCE) as at:
        of = route(provider("corp", "anthropic"))
        at.service._connections.client(of)
        began = time.monotonic()
        assert at.ask(of).text == "late"
        assert time.monotonic() - began < 60


def test_a_defect_in_the_reading_thread_is_raised_by_the_one_that_waits(monkeypatch):
    hooked = []
    monkeypatch.setattr(threading, "excepthook", hooked.append)

    class Broken:
        progress = Progress()

        def run(self):
            raise ZeroDivisionError("a defect")

    with pytest.raises(ZeroDivisionError, match="a defect"):
        PendingReply(Broken(), Timeouts(), time.monotonic).wait(lambda _characters: None)
    for thread in [thread for thread in threading.enumerate() if thread.name == "autopack-reply"]:
        thread.join(10)
    assert [args.exc_type for args in hooked] == [ZeroDivisionError]
