"""The server's pages in a browser: a run watched live, killed, gone on with, and what is held in it answered."""

import json
import threading

import pytest

from tests.support.browser import looking, server_of, violations
from tests.support.chromium import chromium
from tests.support.command import held_until, oracle_of, phase_of
from tests.support.server import scripted_server
from tests.support.told_run import commit_on

pytestmark = [pytest.mark.end_to_end, pytest.mark.browser]

FREE = {"depends_on": []}
PHASES = (
    phase_of("plain", "docs/plain.txt", **FREE),
    phase_of("look", "docs/look.txt", gate="hold", **FREE),
    phase_of("again", "docs/again.txt", gate="hold", **FREE),
    phase_of("ask", "docs/ask.txt", **FREE),
    phase_of("hand", "docs/hand.txt", **FREE),
    phase_of("last", "docs/last.txt", **FREE),
)
CHANGES = {phase["id"]: {f"docs/{phase['id']}.txt": f"{phase['id']} <b>done</b>\n"} for phase in PHASES}
QUESTION = {"summary": "", "files": [], "blocked": {"kind": "question", "paths": [], "message": "Which of both? <script>alert(1)</script>"}}
NOTE = "say it in lower case letters"


def script():
    oracle, asked = oracle_of(CHANGES), set()

    def answer(request):
        at = (request.headers["x-autopack-role"], request.headers["x-autopack-phase"])
        is_question = at == ("builder", "hand") or (at == ("builder", "ask") and at not in asked)
        asked.add(at)
        return json.dumps(QUESTION) if is_question else oracle(request)

    return answer


def state_is(page, words):
    page.get_by_role("heading", level=1, name=words, exact=True).wait_for()


def test_a_run_is_watched_killed_gone_on_with_and_answered_from_two_browsers(desk, tmp_path):
    desk.plan(*PHASES)
    release = threading.Event()
    with scripted_server(held_until(release, script())) as model, chromium() as browser, server_of(desk) as (_, address):
        keyed = desk.beside(model)
        token = desk.autopack("serve", "token", "--scope", "steer").stdout.strip()
        with looking(browser, address) as page, keyed.start("run", "--run-id", "r") as running:
            running.until(lambda: bool(model.calls))
            page.reload()
            page.get_by_role("link", name="r", exact=True).click()
            state_is(page, "r is running")
            page.get_by_text("builder asks").wait_for()
            assert page.get_by_role("button", name="Stop: the process ends after its step").is_visible()
            running.send(9)
            running.end()
            state_is(page, "r is interrupted")
            release.set()
            assert keyed.autopack("resume", "r").exit_code == 4
            state_is(page, "r is held")
            page.get_by_role("heading", name="4 phases held for you").wait_for()
            page.context.clear_cookies()
            page.reload()
            page.get_by_label("Or a token").fill(token)
            page.get_by_role("button", name="Come in").click()
            state_is(page, "r is held")
            is_accessible(page)
            with browser.new_context(base_url=address.partition("/#")[0], storage_state=page.context.storage_state()) as other_browser:
                other = other_browser.new_page()
                other.goto("/view/r")
                state_is(other, "r is held")
                answer_all(page, other, desk)
            assert keyed.autopack("resume", "r").exit_code == 4
            page.get_by_role("heading", name="2 phases held for you").wait_for()
            landed = page.get_by_role("link", name="look complete")
            landed.wait_for()  # the parts of a page come up to date one after the other
            assert landed.count() == 1
            skip_and_adopt(page, desk)
            assert keyed.autopack("resume", "r").exit_code == 1  # one was left out
            page.get_by_role("link", name="hand complete").wait_for()
            page.get_by_role("link", name="again skipped").wait_for()
    assert NOTE in model.asked("builder", "again")[-1].text
    assert model.asked("builder", "ask")[-1].model == "claude-opus-5-5"
    assert desk.at("autopack/r", "docs/look.txt") == "look <b>done</b>\n"
    assert desk.at("autopack/r", "docs/hand.txt") == "by hand\n"
    assert "docs/again.txt" not in desk.git("ls-tree", "-r", "--name-only", "autopack/r")


def answer_all(page, other, desk):
    """Approves one, rejects one with a note, retries one with a model; the other browser sees each go."""
    held = {phase["id"]: phase for phase in desk.status("r")["phases"] if phase["state"] == "held"}
    assert set(held) == {"look", "again", "ask", "hand"}
    look = page.locator("#held-look")
    assert "+look <b>done</b>" in look.inner_text()
    candidate = desk.git("rev-parse", "--short=10", "refs/autopack/r/look/1")
    look.get_by_role("button", name=f"Approve: {candidate} lands on autopack/r").click()
    other.get_by_role("heading", name="3 phases held for you").wait_for()
    again = other.locator("#held-again")
    again.get_by_label("Note: reject again").fill(NOTE)
    again.get_by_role("button", name="Reject").click()
    page.get_by_role("heading", name="2 phases held for you").wait_for()
    ask = page.locator("#held-ask")
    assert "<script>alert(1)</script>" in ask.inner_text()
    ask.get_by_label("Model for the builder of ask").fill("opus")
    ask.get_by_role("button", name="Retry: ask gets fresh attempts").click()
    other.get_by_role("heading", name="1 phase held for you").wait_for()


def skip_and_adopt(page, desk):
    """Does without the one that was rejected, with a reason; what the builder only asks about is a person's commit."""
    again = page.locator("#held-again")
    again.get_by_label("Note: skip again").fill("not this time")
    again.get_by_role("button", name="Skip: again and what depends on it are left out").click()
    page.get_by_role("heading", name="1 phase held for you").wait_for()
    commit = commit_on(desk.repo, desk.git("rev-parse", "autopack/r"), {"docs/hand.txt": "by hand\n"}, "Write it by hand")
    hand = page.locator("#held-hand")
    hand.get_by_label("Commit").fill(commit)
    hand.get_by_role("button", name="Adopt: commits that a person made").click()
    page.get_by_role("heading", name="held for you").wait_for(state="detached")


BROKEN = """() => [...document.querySelectorAll("thead th")].map((cell) => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  return cell.childElementCount === 0 && !cell.textContent.includes(" ") && range.getClientRects().length > 1 && cell.textContent;
}).filter(Boolean)"""
"""Heads of columns whose one word stands on several lines."""


def is_accessible(page):
    """Of every page, dark and light, as wide as a phone: axe finds nothing, and nothing is cut off. By keyboard the way in is the first."""
    paths = (
        "/",
        "/view/r",
        "/view/r/phases/look",
        "/view/r/phases/look/log?attempt=1&text=a",
        "/view/r/events",
        "/view/r/errors",
        "/view/r/diff",
        "/docs",
    )
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": 360, "height": 740})
        for path in paths:
            page.goto(path)
            assert (path, violations(page)) == (path, [])
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
            assert (path, page.evaluate(BROKEN)) == (path, [])
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/view/r")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
