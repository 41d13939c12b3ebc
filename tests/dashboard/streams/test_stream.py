"""The stream on the wire: a comment while nothing happens, an end when the server ends; what a state of an older version says."""

import asyncio

import fastapi.routing

from tests.support.older_state import as_version_3


def test_a_comment_shows_that_a_stream_without_news_lives(desk, monkeypatch):
    assert fastapi.routing._PING_INTERVAL == 15.0
    monkeypatch.setattr(fastapi.routing, "_PING_INTERVAL", 0.05)
    sent = asyncio.run(_read_until(desk, b": ping\n\n"))
    assert sent[0]["status"] == 200
    bodies = [message.get("body", b"") for message in sent[1:]]
    assert any(b"event: state\n" in body for body in bodies)
    assert bodies[-1] == b""


async def _read_until(desk, wanted):
    """What the app sends; the server is told to end once the text came."""
    sent = []

    async def send(message):
        sent.append(message)
        if wanted in message.get("body", b""):
            desk.server.closing.set()

    async def receive():
        await asyncio.Event().wait()

    bearer = desk.bearer()["Authorization"].encode()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/runs/shop-1/events",
        "raw_path": b"/runs/shop-1/events",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1:8100"), (b"authorization", bearer)],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8100),
    }
    await asyncio.wait_for(desk.app(scope, receive, send), 120)
    return sent


def test_a_state_of_an_older_version_is_read_and_stays_as_it_is(told, desk):
    told.database.close()
    as_version_3(told.database.path)
    before = told.database.path.read_bytes()
    for path in ("/runs", "/runs/shop-1", "/runs/shop-1/events?follow=false", "/dashboard/status", "/dashboard/usage"):
        assert desk.program.get(path, headers=desk.bearer()).status_code == 200, path
    assert told.database.path.read_bytes() == before
