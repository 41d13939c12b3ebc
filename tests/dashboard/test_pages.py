"""The pages as they are read: by whom, what stands where, and that every text of others is text."""

import json
from html import escape

import pytest

from autopack.core.failure import FailureKind
from autopack.core.transitions import RunEvent
from autopack.dashboard.routes.page_files import FILES
from autopack.settings.assets import assets
from autopack.store.attempts import Failed
from autopack.store.let_go import let_go
from tests.support.dashboard import served
from tests.support.hostile import HOSTILE, ODD, Page
from tests.support.told_run import PLAN, ToldRun, told_repo

TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "link",
        "script",
        "body",
        "header",
        "nav",
        "main",
        "section",
        "article",
        "h1",
        "h2",
        "h3",
        "h4",
        "p",
    ),
    *(
        "a",
        "b",
        "span",
        "small",
        "code",
        "pre",
        "time",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "div",
        "details",
        "summary",
        "meter",
        "progress",
    ),
    *(
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "form",
        "label",
        "input",
        "button",
        "select",
        "option",
        "fieldset",
        "legend",
        "br",
        "textarea",
        "datalist",
    ),
    *("svg", "g", "path", "rect", "text"),
}
RUN = "/view/shop-1"
PAGES = (
    "/",
    RUN,
    f"{RUN}/phases/add-model",
    f"{RUN}/phases/add-basket",
    f"{RUN}/phases/add-basket/log?attempt=1",
    f"{RUN}/events",
    f"{RUN}/errors",
    f"{RUN}/diff",
)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """One phase landed, one held for review after a red attempt, one that asks; and 700 notes."""
    told = told_repo(tmp_path_factory.mktemp("pages") / "mein läden")
    told.start(max_usd=5.0)
    told.complete("add-model", {"src/m.py": "M = 1\n"})
    told.fail_once("add-basket", {"src/b.py": "B = 1\n"})
    told.retry("add-basket")
    told.hold_for_review("add-basket", "The risk is 45 points.")
    told.hold_with_question("add-checkout", "Which currency is meant?")
    for number in range(700):
        told.tell("note", message=f"line {number}")
    told.end(RunEvent.HOLD, 4, "held", "waits for a person: add-basket, add-checkout.")
    told.write_log("add-basket", 1, "collected 2 items\n" + "ok\n" * 2000 + "FAILED t::two - assert 1 == 2\n" + "rest\n" * 3000)
    yield told
    told.database.close()


@pytest.fixture(scope="module")
def desk(told, tmp_path_factory):
    with served(tmp_path_factory.mktemp("server"), told.repo) as desk:
        yield desk


@pytest.fixture(scope="module")
def browser(desk):
    with desk.browser() as browser:
        yield browser


def words(answer):
    return " ".join(" ".join(Page(answer.text).texts).split())


def test_who_is_not_known_is_shown_the_way_in_and_nothing_else(desk, told):
    for path in PAGES:
        answer = desk.program.get(path)
        assert answer.status_code == 401
        assert "autopack serve" in words(answer)
        assert "shop" not in answer.text


def test_a_token_that_may_read_reads_the_pages(desk, told):
    assert desk.program.get(RUN, headers=desk.bearer()).status_code == 200


def test_a_run_that_is_not_there_is_a_page_that_names_the_nearest(browser, told):
    answer = browser.get("/view/shop-2")
    assert answer.status_code == 404
    assert "Did you mean 'shop-1'?" in words(answer)
    assert browser.get(f"{RUN}/phases/add-modle").status_code == 404
    assert browser.get("/?since=yesterday").status_code == 422


@pytest.mark.parametrize(
    ("query", "is_shown"),
    [
        ("", True),
        ("state=held", True),
        ("state=held&state=failed&text=&since=&until=&project=", True),
        ("state=failed", False),
        ("project=shop", True),
        ("project=mill", False),
        ("text=CAREFULLY", True),
        ("text=hasty", False),
        ("since=2020-01-01&until=2099-12-31", True),
        ("since=2099-12-31", False),
        ("until=2020-01-01", False),
        ("after=shop-1", False),
    ],
)
def test_the_list_is_filtered_by_its_address(browser, query, is_shown):
    assert (RUN in browser.get(f"/?{query}").text) is is_shown


def test_a_run_that_waits_for_a_person_stands_above_newer_ones_until_something_is_looked_for(tmp_path):
    held = told_repo(tmp_path / "shop")
    held.start()
    held.end(RunEvent.HOLD, 4, "held", "waits for a person: add-basket.")
    for number in range(51):
        ToldRun(held.repo, f"newer-{number}", at=held.at + number).create()
    held.database.close()
    with served(tmp_path, held.repo) as desk, desk.browser() as browser:
        said = words(browser.get("/"))
        assert said.index("Held for you shop-1 : waits for a person: add-basket.") < said.index("newer-50")
        assert RUN not in browser.get("/?project=shop").text


def test_nobody_is_said_to_be_at_work_on_a_phase_of_an_interrupted_run(tmp_path):
    run = told_repo(tmp_path / "shop")
    run.start()
    run.begin("add-model")
    run.database.close()
    with served(tmp_path, run.repo) as desk, desk.browser() as browser:
        assert "was at work on add-model" in words(browser.get(RUN))


def test_the_first_screen_of_a_run_says_what_it_is_why_and_what_leads_on(browser, told):
    answer = browser.get(RUN)
    said = words(answer)
    parts = (
        "shop-1 is held",
        "waits for a person: add-basket, add-checkout.",
        "autopack show shop-1 add-basket",
        "1 of 3 complete",
        "$0.0724 of $5.00",
        "2 phases held for you",
        "add-basket held (review)",
        "The risk is 45 points.",
        "+X = 1",
        "add-checkout held (question)",
        "Which currency is meant?",
        "Timeline",
        "Newest events",
    )
    places = [said.index(part) for part in parts]
    assert places == sorted(places)


def test_phases_are_drawn_with_their_states_and_lead_to_their_pages(browser, told):
    found = dict(Page(browser.get(RUN).text).attributes)
    text = browser.get(RUN).text
    assert found["aria-label"]
    assert f'<a href="{RUN}/phases/add-basket" aria-label="add-basket held, attempt 2">' in text
    assert text.count('class="edge"') == 2
    assert text.count('class="attempt ') == 4


def test_a_phase_tells_its_criteria_attempts_and_change(browser, told):
    said = words(browser.get(f"{RUN}/phases/add-model"))
    for part in ("an article has a price met src/a.py:1", "a price is never negative not judged", "Audit approve", "+M = 1"):
        assert part in said


def test_a_phase_says_where_gc_let_go_of_what_models_said(browser, told):
    gone = "autopack gc let go of what models were asked and answered"
    page, spent = f"{RUN}/phases/add-model", words(browser.get(RUN))
    assert gone not in words(browser.get(page))
    let_go(told.database, told.run_id)
    assert gone in words(browser.get(page))
    assert words(browser.get(RUN)) == spent


def test_a_check_log_is_searched_and_leads_to_the_first_failure(browser, told):
    log = f"{RUN}/phases/add-basket/log?attempt=1"
    answer = browser.get(log)
    assert "to the first failure, line 2002" in words(answer)
    assert "lines 1 to 1000 of 5002" in words(answer)
    assert 'id="L2002" class="failure"' in browser.get(f"{log}&line=2002").text
    said = words(browser.get(f"{log}&text=FAILED T::TWO"))
    assert "1 line with “FAILED T::TWO”" in said
    assert "2002 FAILED t::two - assert 1 == 2" in said
    assert "There are 5002 lines: to the end" in words(browser.get(f"{log}&line=9999"))


def test_without_a_file_the_log_is_what_the_report_recorded(browser, told):
    assert "$ pytest -q" in words(browser.get(f"{RUN}/phases/add-basket/log?attempt=2"))
    assert "Nothing was printed." in words(browser.get(f"{RUN}/phases/add-basket/log?attempt=9"))


def test_events_are_searched_paged_and_downloaded(browser, told):
    first = browser.get(f"{RUN}/events")
    assert "line 699" in first.text
    assert "line 399" not in first.text
    older = next(value for name, value in Page(first.text).attributes if name == "href" and "before=" in value)
    assert "line 399" in browser.get(older).text
    assert "line 123" in browser.get(f"{RUN}/events?text=line 123").text
    assert "line" not in words(browser.get(f"{RUN}/events?phase=add-model&text=line"))
    lines = browser.get(f"{RUN}/events.jsonl").text.splitlines()
    assert [json.loads(line).get("message") for line in lines][-2] == "line 699"


def test_reading_makes_no_state(tmp_path):
    told = told_repo(tmp_path / "a", is_empty=True)
    told.database.close()
    state = tmp_path / "a" / ".git" / "autopack"
    for path in sorted(state.iterdir()):
        path.unlink()
    state.rmdir()
    with served(tmp_path, tmp_path / "a") as desk, desk.browser() as browser:
        assert "There is no such run." in words(browser.get("/"))
    assert not state.exists()


def test_of_several_repositories_each_has_its_list_and_its_addresses(tmp_path):
    runs = [told_repo(tmp_path / name) for name in ("one", "two")]
    with served(tmp_path, *(run.repo for run in runs)) as desk, desk.browser() as browser:
        assert "/view/shop-1?repo=one" in browser.get("/").text
        second = browser.get("/?repo=two").text
        assert "/view/shop-1?repo=two" in second
        assert browser.get("/view/shop-1?repo=two").status_code == 200
        assert browser.get("/?repo=three").status_code == 404
    for run in runs:
        run.database.close()


def test_whatever_a_model_or_a_command_wrote_is_text_on_every_page(tmp_path):
    text = "\n".join((*HOSTILE[:-1], "x" * 100_000))
    path = "src/<b onclick=x>\x1b[31m'\"\u202e.py"
    plan = PLAN.replace('"an article has a price"', json.dumps(HOSTILE[2])).replace("Add the checkout.", json.dumps(HOSTILE[0]))
    told = ToldRun(told_repo(tmp_path / "a", is_empty=True).repo).create(plan)
    told.start()
    told.complete("add-model", {path: "<script>alert(1)</script>\n" + _storable(text)[:50_000]})
    key = told.fail_once("add-basket", {path: "x\n"}, output=_storable(text[:5000]) + HOSTILE[-1])
    told.retry("add-basket")
    again = told.begin("add-basket")
    told.phases.fail_attempt(again, Failed(FailureKind.BUILDER_BLOCKED, _storable(text), _storable(text)))
    told.retry("add-basket")
    told.hold_for_review("add-basket", _storable(text))
    told.tell("note", message=_storable(text))
    told.runs.change("shop-1", goal=_storable(text), branch="<img src=x onerror=alert(1)>")
    told.end(RunEvent.HOLD, 4, "held", _storable(text))
    told.write_log("add-basket", key.number, _storable(text) + HOSTILE[-1])
    with served(tmp_path, told.repo) as desk, desk.browser() as browser:
        for address in (*PAGES[:-1], f"{RUN}/events?text=<script>", f"{RUN}/phases/add-basket/log?attempt=1&text=<script>"):
            answer = browser.get(address)
            assert answer.status_code == 200, address
            page = Page(answer.text)
            assert set(page.tags) <= TAGS
            assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("style", "srcdoc", "formaction")]
            assert {value for name, value in page.attributes if name == "src"} <= {"/page/page.js"}
            assert all(value.startswith(("/", "#", "?")) for name, value in page.attributes if name == "href")
            assert not ODD.search(answer.text)
            assert len(answer.text) < 2_000_000
    told.database.close()


def _storable(text):
    """As it may stand in a database: no lone half of a character."""
    return text.encode("utf-8", "replace").decode()


def test_the_pages_with_their_styles_and_scripts_are_small():
    folder = assets("templates") / "page"
    assert {name for name, (place, _) in FILES.items() if place == "page"} == {
        path.name for path in folder.iterdir() if path.suffix != ".html"
    }
    every = [*folder.iterdir(), assets("templates") / "report" / "report.css"]
    assert sum(path.stat().st_size for path in every) <= 60_000


def test_who_may_only_read_is_shown_no_button(desk, browser):
    assert "data-verb" not in desk.program.get(RUN, headers=desk.bearer("read")).text
    assert browser.get(RUN).text.count("data-verb=") == 6


def test_a_form_carries_the_mark_of_what_was_looked_at(desk, told, browser):
    etag = browser.get("/runs/shop-1/phases/add-basket").headers["etag"]
    assert f'data-verb="/runs/shop-1/phases/add-basket/approve" data-etag="{escape(etag)}"' in browser.get(RUN).text


@pytest.mark.parametrize("name", sorted(FILES))
def test_each_file_is_served_by_its_name_alone(desk, name):
    answer = desk.program.get(f"/page/{name}")
    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "://" not in answer.text.replace("http://www.w3.org/2000/svg", "")
    assert desk.program.get(f"/page/..%2Fpage%2F{name}").status_code == 404


def test_no_page_has_a_script_or_a_style_of_its_own():
    for path in (assets("templates") / "page").glob("*.html"):
        text = path.read_text("utf-8")
        assert text.count("<script") == text.count('<script type="module" src="/page/')
        assert "<style" not in text
        assert " style=" not in text
