"""A browser on the pages of a server that the real command started; and axe, which says what a screen reader lacks."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page

from tests.support.command import Desk, Running
from tests.support.tools import TEST_TOOLS

AXE: Final = TEST_TOOLS.parent / "lib" / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_MS: Final = 240_000  # a page waits ten times as long as its last look took


@contextmanager
def server_of(desk: Desk) -> Iterator[tuple[Running, str]]:
    """The server and the address that it printed, with its code."""
    with desk.start("serve", "--port", "0") as running:
        running.until(lambda: "Application startup complete" in running.err.read_text("utf-8"))
        yield running, running.out.read_text("utf-8").strip()


@contextmanager
def looking(browser: Browser, address: str, **options: Any) -> Iterator[Page]:
    """A page whose person has come in by that address. Whatever the page says on its console is a failure."""
    context = browser.new_context(base_url=address.partition("/#")[0], **options)
    context.set_default_timeout(PATIENCE_MS)
    try:
        page = context.new_page()
        page.goto(address)
        page.get_by_role("heading", name="Runs of").wait_for()
        yield from _judged(page)
    finally:
        context.close()


def _judged(page: Page) -> Iterator[Page]:
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text) if "Content Security Policy" in message.text else None)
    yield page
    assert said == []


def violations(page: Page) -> list[str]:
    """What axe finds, a line each. Evaluated in the page, which its policy lets only its own debugger do."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (.ci/test-tools)")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document)")["violations"]
    return [f"{one['id']}: {json.dumps([node['html'][:200] for node in one['nodes']][:3])}" for one in found]
