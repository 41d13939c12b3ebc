"""What a page on another port of this machine can do to the server, in a real browser whose person is signed in: nothing."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.end_to_end.test_serve import etag_of, serving
from tests.support.chromium import chromium
from tests.support.command import ONE, oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

FETCH = """async ([address, options]) => {
  try { const answer = await fetch(address, options); return answer.type + ' ' + answer.status; }
  catch (error) { return error.name; }
}"""
SOCKET = """address => new Promise(told => {
  const socket = new WebSocket(address);
  socket.onopen = () => told('open'); socket.onerror = () => told('error');
})"""
STREAM = """address => new Promise(told => {
  const stream = new EventSource(address, {withCredentials: true});
  stream.onmessage = () => told('read'); stream.onopen = () => told('open'); stream.onerror = () => { stream.close(); told('error'); };
})"""
LOADED = """([kind, address]) => new Promise(told => {
  const element = document.createElement(kind);
  element.onload = () => told('loaded'); element.onerror = () => told('error');
  element.src = address; document.body.append(element);
})"""
FORM = """address => {
  document.body.innerHTML = '<form method="post" enctype="text/plain"><input name=\\'{"note": "\\' value=\\'"}\\'></form>';
  document.forms[0].action = address; document.forms[0].submit();
}"""


@contextmanager
def another_page():
    """A page of nobody's on another port; its address."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>another page</title><body>")

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def signed_in(browser, served):
    """A browser's window whose person has used the printed address; and what its verbs repeat."""
    context = browser.new_context()
    begun = context.request.post(
        f"{served.address}/api/auth/session",
        data={"code": served.code},
        headers={"Origin": served.address, "Sec-Fetch-Site": "same-origin"},
    )
    assert begun.ok, begun.text()
    yield context, begun.json()["token"]
    context.close()


def test_another_page_reads_nothing_and_decides_nothing_and_our_own_does(desk):
    desk.plan(phase_of("one", gate="hold"))
    with scripted_server(oracle_of(ONE)) as server:
        assert desk.beside(server).autopack("run", "--run-id", "r").exit_code == 4
    with (
        serving(desk) as served,
        another_page() as foreign,
        chromium("--host-resolver-rules=MAP rebound.example 127.0.0.1") as browser,
        signed_in(browser, served) as (context, token),
    ):
        session, approve = f"{served.address}/api/auth/session", f"{served.address}/runs/r/phases/one/approve"
        decides = {
            "method": "POST",
            "credentials": "include",
            "body": "{}",
            "headers": {"Content-Type": "application/json", "If-Match": etag_of(desk), "X-Autopack-Session": token},
        }
        page = context.new_page()
        page.goto(foreign)
        assert page.evaluate(FETCH, [session, {"credentials": "include"}]) == "TypeError"
        assert page.evaluate(FETCH, [approve, decides]) == "TypeError"
        simple = {"method": "POST", "mode": "no-cors", "credentials": "include", "body": "{}"}
        assert page.evaluate(FETCH, [approve, simple]) == "TypeError"
        assert page.evaluate(STREAM, f"{served.address}/runs/r/events") == "error"
        assert page.evaluate(SOCKET, f"{served.address.replace('http', 'ws')}/runs/r/events") == "error"
        assert page.evaluate(LOADED, ["script", session]) == "error"
        assert page.evaluate(LOADED, ["img", session]) == "error"
        page.evaluate(LOADED, ["iframe", f"{served.address}/health"])
        assert [frame.url for frame in page.frames if frame.url.startswith(served.address)] == []
        with page.expect_navigation():
            page.evaluate(FORM, approve)
        assert '"status":415' in page.content()
        told = page.goto(f"http://rebound.example:{served.address.rpartition(':')[2]}/health")
        assert told.status == 421
        assert desk.status("r")["phases"][0]["state"] == "held"
        assert served.log.count('"POST /runs/r/phases/one/approve HTTP/1.1" 415') == 2, "they did arrive"

        page.goto(f"{served.address}/health")
        assert page.evaluate(FETCH, [session, {}]) == "basic 200"
        assert page.evaluate(FETCH, [approve, decides]) == "basic 200"
    assert desk.status("r")["phases"][0]["state"] == "integrating"
