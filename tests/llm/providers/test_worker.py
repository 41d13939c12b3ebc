"""A worker answers as this process would; one that ends, or cannot, is done without. Here it is a thread with the same two pipes."""

import os
import threading
import time
from contextlib import contextmanager

import pytest

from autopack.core.errors import ProviderBlockedError
from autopack.core.settings import Timeouts, WireRetries
from autopack.llm.lines import Lines
from autopack.llm.providers.connection import Reach, connection
from autopack.llm.providers.exchange import Exchange
from autopack.llm.providers.local_line import LocalLine
from autopack.llm.providers.serving import serve
from autopack.llm.providers.worker import Worker, WorkerLine
from tests.support.asking import asking, bench, key, provider, route
from tests.support.raw_server import EVENT_STREAM, raw_server
from tests.support.server import scripted_server

ONCE = WireRetries(times=0)


@contextmanager
def worker_for(sdk="anthropic"):
    (asked, requests), (answers, said) = os.pipe(), os.pipe()
    serving = threading.Thread(target=serve, args=(asked, said, sdk), daemon=True)
    serving.start()
    worker = Worker(None, requests, answers)
    try:
        yield worker
    finally:
        worker.end()
        serving.join(10)
        assert not serving.is_alive(), "it ends when its requests do"


@pytest.mark.parametrize("api", ["anthropic", "openai-responses", "openai-chat"])
def test_a_reply_is_the_same_through_a_worker_and_without_one(tmp_path, api):
    replies = []
    with scripted_server(lambda _q: '{"summary": "schön", "files": []}') as server:
        for place in ("through", "without"):
            with (
                worker_for() as worker,
                bench(tmp_path / place, {"corp": server.base_url}, worker=worker if place == "through" else None) as at,
            ):
                replies.append(at.ask(route(provider("corp", api))))
                assert isinstance(at.service._lines.line(route(provider("corp", api))), WorkerLine if place == "through" else LocalLine)
    through, without = (reply.model_copy(update={"received_at": 0.0, "request_id": None}) for reply in replies)
    assert through == without
    assert all(reply.request_id for reply in replies)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_a_refusal_is_the_same_through_a_worker_and_without_one(tmp_path, status):
    told = []
    with scripted_server(lambda _q: {"text": "{}", "fault": {"kind": "status", "status": status, "retry_after": 7}}) as server:
        for place in ("through", "without"):
            with (
                worker_for() as worker,
                bench(tmp_path / place, {"corp": server.base_url}, retries=ONCE, worker=worker if place == "through" else None) as at,
            ):
                with pytest.raises(ProviderBlockedError) as blocked:
                    at.ask(route(provider("corp", "anthropic")))
                told.append((blocked.value.message, [(row.state, row.error_kind) for row in at.journal.stored(asking(), 1)]))
    assert told[0] == told[1]
    assert told[0][1]


def test_limits_hold_through_a_worker_and_the_server_is_hung_up_on(tmp_path):
    hung_up = threading.Event()

    def answer(connection):
        connection.sendall(EVENT_STREAM + b": a comment\n\n")
        while connection.recv(65_536):
            pass
        hung_up.set()

    with raw_server(answer) as url, worker_for() as worker:
        limits = Timeouts(first_byte_s=20, idle_s=0.5, call_s=20)
        with bench(tmp_path, {"corp": url}, timeouts=limits, retries=ONCE, worker=worker) as at:
            of = route(provider("corp", "anthropic"))
            at.service._lines.line(of)
            began = time.monotonic()
            with pytest.raises(ProviderBlockedError, match=r"timeouts\.idle_s"):
                at.ask(of)
            assert 0.4 < time.monotonic() - began < 9
            assert hung_up.wait(10)


def test_whoever_waits_is_told_how_much_has_come(tmp_path):
    told = []
    slow = {"text": "x" * 400, "fault": {"kind": "hang_mid", "seconds": 0.6}}
    with (
        scripted_server(lambda _q: slow) as server,
        worker_for() as worker,
        bench(tmp_path, {"corp": server.base_url}, worker=worker) as at,
    ):
        assert at.ask(route(provider("corp", "anthropic")), on_progress=told.append).text == "x" * 400
    assert told == sorted(told)
    assert any(0 < characters < 400 for characters in told)


def test_a_call_whose_worker_ends_is_lost_and_asked_again_without_it(tmp_path):
    with worker_for() as worker:

        def script(question):
            if question.call == 1:
                worker.end()
                return {"text": "{}", "fault": {"kind": "hang", "seconds": 60}}
            return "{}"

        with scripted_server(script) as server, bench(tmp_path, {"corp": server.base_url}, worker=worker) as at:
            of = route(provider("corp", "anthropic"))
            assert at.ask(of).text == "{}"
            assert at.states() == ["unknown", "replied"]
            assert at.journal.stored(asking(), 1)[0].error_kind == "connection"
            assert isinstance(at.service._lines.line(of), LocalLine)


def test_what_a_worker_cannot_open_is_tried_in_this_process(tmp_path):
    certificate = tmp_path / "authority.pem"
    certificate.write_text("no certificate", "utf-8")
    to = connection(provider("corp", "anthropic", ca_file=str(certificate)), key("corp"), Reach(base_urls={"corp": "https://127.0.0.1:1"}))
    with worker_for() as worker:
        assert worker.line(to, Timeouts()) is None
        assert worker.is_alive
        lines = Lines(Reach(base_urls={"corp": "https://127.0.0.1:1"}), Timeouts(), time.time, worker)
        with pytest.raises(OSError, match="PEM|certificate|NO_CERTIFICATE"):
            lines.line(route(provider("corp", "anthropic", ca_file=str(certificate))))


def test_a_defect_in_the_worker_comes_out_where_the_reply_is_waited_for(tmp_path, monkeypatch):
    def broken(_self):
        raise RuntimeError("a wire is loose")

    monkeypatch.setattr(Exchange, "message", broken)
    with (
        worker_for() as worker,
        bench(tmp_path, {"corp": "http://127.0.0.1:1"}, worker=worker) as at,
        pytest.raises(RuntimeError, match="a wire is loose"),
    ):
        at.ask(route(provider("corp", "anthropic")))


def test_several_questions_go_through_one_worker_at_once(tmp_path):
    def script(question):
        return {"text": question.headers["x-autopack-phase"], "delay": 4}

    with scripted_server(script) as server, worker_for() as worker, bench(tmp_path, {"corp": server.base_url}, worker=worker) as at:
        of, answers = route(provider("corp", "anthropic")), {}
        at.service._lines.line(of)

        def ask(phase):
            answers[phase] = at.ask(of, of=asking(phase=phase)).text

        threads = [threading.Thread(target=ask, args=(phase,)) for phase in ("one", "two", "three")]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert time.monotonic() - began < 11.5, "one after the other takes 12 s"
    assert answers == {phase: phase for phase in ("one", "two", "three")}
