"""How a browser is in: without script, with an address whose code it needs no more, and when its session ends meanwhile."""

import pytest

from autopack.core.transitions import RunEvent
from tests.support.browser import looking, server_of
from tests.support.chromium import chromium
from tests.support.told_run import ToldRun

pytestmark = [pytest.mark.end_to_end, pytest.mark.browser]

RUN = "/view/shop-1"
ENDED = "The session has ended: open the address that autopack serve prints."
REJECT = "form[data-verb$='add-model/reject']"


@pytest.fixture
def held(desk):
    run = ToldRun(desk.repo).create()
    run.start()
    run.hold_for_review("add-model", "The diff is large.")
    run.end(RunEvent.HOLD, 4, "held", "waits for a person: add-model.")
    run.database.close()
    return desk


def test_without_script_a_page_is_read_and_offers_no_button_that_would_do_nothing(held):
    with chromium() as browser, server_of(held) as (_, address), looking(browser, address) as page:
        base, state = address.partition("/#")[0], page.context.storage_state()
        with browser.new_context(base_url=base, java_script_enabled=False, storage_state=state) as plain:
            read = plain.new_page()
            read.goto(RUN)
            assert read.get_by_text("autopack approve shop-1 add-model").is_visible()
            assert [one.inner_text() for one in read.get_by_role("button").all()] == []


def test_a_code_stays_in_no_address_also_where_the_browser_is_in_already(held):
    with chromium() as browser, server_of(held) as (_, address), looking(browser, address) as page:
        other = page.context.new_page()
        other.goto(address)
        other.wait_for_function("location.hash === ''")
        assert other.get_by_role("heading", name="Runs of").is_visible()


def test_a_page_says_that_its_session_has_ended_and_goes_on_once_there_is_a_new_one(held):
    """The new one begins in another tab: what was written meanwhile is still there, and can be sent."""
    with chromium() as browser, server_of(held) as (_, address), looking(browser, address) as page:
        page.goto(RUN)
        page.locator("#live", has_text="live").wait_for()
        page.locator(f"{REJECT} textarea").fill("not like this")
        assert held.autopack("serve", "rotate-keys", "--now").exit_code == 0
        page.locator("#live", has_text=ENDED).wait_for()
        page.locator(f"{REJECT} button").click()
        page.locator(f"{REJECT} .said", has_text="autopack serve token").wait_for()

        other = page.context.new_page()
        other.goto("/")
        other.get_by_label("Or a token").fill(held.autopack("serve", "token", "--scope", "steer").stdout.strip())
        other.get_by_role("button").click()
        other.get_by_role("heading", name="Runs of").wait_for()
        page.get_by_text("live", exact=True).wait_for()
        page.locator(f"{REJECT} button").click()
        page.get_by_text("rejected").first.wait_for()
