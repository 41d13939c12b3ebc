import json

from tests.support.dashboard import served
from tests.support.repos import make_repo
from tests.support.told_run import ToldRun


def test_every_route_but_the_open_ones_wants_a_token(shop):
    for path, verbs in shop.app.openapi()["paths"].items():
        is_open = path in ("/health", "/api/auth/.well-known/jwks.json")
        url = path.replace("{run_id}", "shop-1").replace("{phase_id}", "add-model").replace("{file}", "x").replace("{log}", "x")
        if "get" in verbs:
            assert shop.program.get(url).status_code == (200 if is_open else 401), path


RUN_PATHS = ("", "/diff", "/report", "/errors", "/errors/summary", "/errors/x.json", "/logs", "/logs/x.log", "/events", "/phases/a")


def test_an_unknown_run_is_404_with_the_nearest_id_and_never_an_empty_answer(get):
    for path in RUN_PATHS:
        told = get(f"/runs/shop-2{path}")
        assert (told.status_code, told.headers["content-type"]) == (404, "application/problem+json"), path
        assert "there is no run 'shop-2'" in told.json()["detail"], path
        assert told.json()["detail"].endswith("Did you mean 'shop-1'?"), path
        assert told.json()["next"] == "autopack runs", path


NEAR = {
    "/dashboard/runs/shop-2/status": "shop-1",
    "/dashboard/usage?run=shop-2": "shop-1",
    "/runs?after=shop-2": "shop-1",
    "/runs/shop-1/phases/add-modell": "add-model",
    "/runs/shop-1/diff?phase=add-modell": "add-model",
    "/runs/shop-1/logs/add-model-2.log": "add-model-1.log",
    "/dashboard/models?repo=mein+laden": "mein läden",
}


def test_a_name_that_is_not_there_is_404_with_the_nearest(get):
    for path, near in NEAR.items():
        told = get(path)
        assert told.status_code == 404, path
        assert told.json()["detail"].endswith(f"Did you mean '{near}'?"), path


NAMES = ("..%2f..%2f..%2fautopack.yaml", "%2e%2e%2fx", "a%00b", "%2fetc%2fpasswd", "shop-1%2f..%2fshop-1")


def test_no_name_in_an_address_reaches_the_file_system(get):
    for path in ("/runs/{}", "/runs/shop-1/logs/{}", "/runs/shop-1/errors/{}", "/runs/shop-1/phases/{}"):
        for name in NAMES:
            told = get(path.format(name))
            assert told.status_code == 404, (path, name)
            assert "version: 1" not in told.text


def test_what_verbs_act_on_has_an_etag_that_changes_with_it(lived, get):
    phase, run = get("/runs/shop-1/phases/add-basket"), get("/runs/shop-1")
    assert phase.headers["etag"] == get("/runs/shop-1/phases/add-basket").headers["etag"]
    assert phase.headers["etag"] != run.headers["etag"]
    lived.tell("note", message="nothing that matters")
    assert get("/runs/shop-1/phases/add-basket").headers["etag"] == phase.headers["etag"]
    lived.skip("add-basket", because="no")
    assert get("/runs/shop-1/phases/add-basket").headers["etag"] != phase.headers["etag"]


def test_pages_of_runs_lead_on(lived, get):
    for number in (2, 3):
        lived.at += 100
        ToldRun(lived.repo, f"shop-{number}", at=lived.at).create().database.close()
    first = get("/runs?limit=2").json()
    assert ([run["run_id"] for run in first["runs"]], first["next"]) == (["shop-3", "shop-2"], "shop-2")
    second = get(f"/runs?limit=2&after={first['next']}").json()
    assert ([run["run_id"] for run in second["runs"]], second["next"]) == (["shop-1"], None)


def test_errors_are_paged_and_each_has_its_files_from_its_row(lived, get):
    from tests.dashboard.routes.test_same_as_commands import an_error

    with lived.database.write() as session:
        from autopack.store.errors import add_error

        for _ in range(3):
            add_error(session.connection(), an_error())
    first = get("/runs/shop-1/errors?limit=2").json()
    assert (first["run_id"], first["error_count"], [one["number"] for one in first["errors"]]) == ("shop-1", 3, [1, 2])
    second = get(f"/runs/shop-1/errors?after={first['next']}").json()
    assert ([one["number"] for one in second["errors"]], second["next"]) == ([3], None)
    name = first["errors"][1]["name"]
    as_json, as_text = get(f"/runs/shop-1/errors/{name}.json"), get(f"/runs/shop-1/errors/{name}.txt")
    assert json.loads(as_json.content)["number"] == 2
    assert "1 of 2 tests fails." in as_text.text
    assert as_text.headers["content-type"] == "text/plain; charset=utf-8"
    assert get(f"/runs/shop-1/errors/{name}.exe").json()["detail"].endswith(f"Did you mean '{name}.txt'?")
    assert not (lived.repo / ".autonomous_runs" / "shop-1" / "errors").exists()


def test_logs_are_listed_and_read_in_parts(get):
    listed = {log["name"]: log for log in get("/runs/shop-1/logs").json()["logs"]}
    assert list(listed) == ["add-model-1.log", "add-basket-1.log", "add-basket-2.log"]
    whole = get("/runs/shop-1/logs/add-model-1.log")
    text = "$ pytest -q\nEntwürfe: 2 passed\n".encode()
    assert (whole.status_code, whole.content, whole.headers["accept-ranges"]) == (200, text, "bytes")
    assert listed["add-model-1.log"]["size"] == len(text)
    part = get("/runs/shop-1/logs/add-model-1.log", Range="bytes=2-7")
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"pytest", f"bytes 2-7/{len(text)}")
    end = get("/runs/shop-1/logs/add-model-1.log", Range="bytes=-7")
    assert (end.status_code, end.content) == (206, b"passed\n")
    behind = get("/runs/shop-1/logs/add-model-1.log", Range=f"bytes={len(text)}-")
    assert (behind.status_code, behind.headers["content-range"]) == (416, f"bytes */{len(text)}")
    assert get("/runs/shop-1/logs/add-basket-1.log").text == "$ pytest -q\nE   assert 1 == 2\n"


def test_the_overview_tells_runs_disk_sandbox_and_keys_without_their_values(lived, tmp_path):
    (lived.repo / ".env").write_text("OPENAI_API_KEY=sk-hush-0123456789\n")
    quiet = make_repo(tmp_path / "quiet", {"a.txt": "a\n"})
    with served(tmp_path, lived.repo, quiet, environment={"ANTHROPIC_API_KEY": "sk-ant-hush-hush-hush"}) as desk:
        told_of = desk.program.get("/dashboard/status", headers=desk.bearer())
        assert (told_of.status_code, told_of.json()["schema"]) == (200, 1)
        found = told_of.json()
        assert found["runs_by_state"] == {"held": 1}
        full, empty = found["repositories"]
        assert (full["name"], full["keys"]["anthropic"], full["keys"]["openai"]) == ("mein läden", True, True)
        assert (empty["runs_by_state"], empty["disk"]["state"], empty["keys"]["openai"]) == ({}, 0, False)
        assert full["disk"]["free"] > 0
        assert set(full["sandbox"]) == {"wanted", "program", "last"}
        assert "hush" not in told_of.text
    assert not (quiet / ".git" / "autopack").exists()


def test_without_calls_usage_is_empty_lists_and_unknown_prices_are_unknown(lived, get, tmp_path):
    lived.ask(lived.begin("add-checkout"), "builder", "{}", usd=None)
    found = get("/dashboard/usage?period=day&run=shop-1").json()
    assert [one["provider"] for one in found["providers"]] == ["anthropic"]
    assert found["providers"][0]["unpriced_calls"] == 1
    quiet = make_repo(tmp_path / "quiet", {"a.txt": "a\n"})
    with served(tmp_path, quiet) as desk:
        nothing = desk.program.get("/dashboard/usage", headers=desk.bearer()).json()
        assert (nothing["period"], nothing["providers"], nothing["models"]) == ("week", [], [])


def test_reading_goes_on_while_a_run_writes_and_keeps_nobody_from_writing(lived, get):
    with lived.database.write() as session:
        session.connection().exec_driver_sql("UPDATE run SET message = 'half written'")
        for path in ("/runs", "/runs/shop-1", "/runs/shop-1/report", "/dashboard/status", "/runs/shop-1/events?follow=false"):
            assert get(path).status_code == 200
            assert "half written" not in get(path).text
    lived.tell("note", message="written while it was read")
    assert "written while it was read" in get("/runs/shop-1/events?follow=false").text


def test_no_answer_holds_a_key_that_stands_in_the_code(get, shop):
    from tests.dashboard.routes.conftest import KEY
    from tests.dashboard.routes.test_same_as_commands import PAIRS

    for path in (*PAIRS, "/dashboard/status", "/runs/shop-1/logs", "/runs/shop-1/logs/add-model-1.log", "/runs/shop-1/events?follow=false"):
        told = get(path)
        assert told.status_code == 200, path
        assert KEY not in told.text, path
