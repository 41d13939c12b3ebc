"""The report in a browser: on a phone, dark and light, on paper; without script and network, whatever words stand in it."""

import json
import re
import shutil

import pytest

from tests.support.browser import violations
from tests.support.chromium import chromium
from tests.support.command import ONE, Desk, oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = [pytest.mark.end_to_end, pytest.mark.browser]

PHONE = {"width": 360, "height": 740}
LONG = "Donaudampfschiffahrtsgesellschaft" * 12
HOSTILE = f"</pre><script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\"> {LONG} \u202e"
RED = {"command": f"echo '{LONG}'; echo '</pre><script>document.title=1</script>'; exit 1", "tests": "none"}
BOX = "document.documentElement.scrollWidth"
LIGHTNESS = "getComputedStyle(document.body).backgroundColor"


def answer(request):
    oracle = oracle_of({**ONE, "two": {"app.txt": "three\n"}})
    if request.headers.get("x-autopack-role") != "auditor":
        return oracle(request)
    issue = {"severity": "minor", "path": f"{LONG}.py", "line": 3, "message": HOSTILE}
    verdict = {"verdict": "approve", "confidence": 0.9, "summary": HOSTILE, "issues": [issue]}
    return json.dumps({**verdict, "criteria": [{"criterion": LONG, "met": True, "evidence": HOSTILE}]})


@pytest.fixture
def page_of_a_run(tmp_path):
    """The report of a run that landed one phase and lost another, in a folder of its own."""
    desk = Desk.make(tmp_path, name="Läden und Lager")
    red = phase_of("two", ci=RED, max_attempts=1, description=HOSTILE)
    desk.plan(phase_of("one", acceptance_criteria=[LONG], description=HOSTILE), red, goal=HOSTILE)
    with scripted_server(answer) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
    assert done.exit_code == 1, done.stderr
    (tmp_path / "sent").mkdir()
    return shutil.copy(desk.repo / ".autonomous_runs" / "r" / "report.html", tmp_path / "sent" / "report.html")


def shade(page):
    """0 is black, 255 white."""
    red, green, blue = map(int, re.findall(r"\d+", page.evaluate(LIGHTNESS))[:3])
    return (red + green + blue) / 3


def test_it_is_read_on_a_phone_dark_and_light_and_on_paper_and_runs_and_loads_nothing(page_of_a_run):
    asked, shades = [], {}
    with chromium() as browser:
        for scheme in ("light", "dark"):
            context = browser.new_context(viewport=PHONE, color_scheme=scheme)
            page = context.new_page()
            page.on("request", lambda request: asked.append(request.url))
            page.on("dialog", lambda dialog: asked.append(dialog.message))
            page.goto(f"file://{page_of_a_run}")
            for summary in page.locator("summary").all():
                summary.click()
            assert page.evaluate(BOX) <= PHONE["width"], scheme
            assert page.title() == "r: failed"
            assert page.evaluate("document.scripts.length") == 0
            assert page.locator("img").count() == 0
            assert violations(page) == []
            shades[scheme] = shade(page)
            page.emulate_media(media="print")
            shades[f"{scheme} on paper"] = shade(page)
            context.close()
    assert asked == [f"file://{page_of_a_run}".replace(" ", "%20")] * 2
    assert shades["dark"] < 80
    assert shades["light"] > 200
    assert min(shades["light on paper"], shades["dark on paper"]) > 200
