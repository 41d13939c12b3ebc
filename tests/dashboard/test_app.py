import json
import os
import subprocess
import sys
from importlib.util import find_spec

import pytest
from fastapi.testclient import TestClient

from autopack.dashboard.guard.headers import HEADERS
from autopack.reporting.error_files import read_reports
from tests.support.dashboard import ADDRESS, served
from tests.support.repos import make_repo


def test_health_is_open_and_says_nothing_but_ok(desk):
    told = desk.program.get("/health")
    assert (told.status_code, told.json()) == (200, {"schema": 1, "status": "ok"})


@pytest.mark.parametrize("path", ["/health", "/nowhere", "/api/auth/key-status", "/api/auth/session"])
def test_every_answer_carries_the_headers(desk, path):
    sent = desk.program.get(path).headers
    assert {name: sent.get(name) for name in HEADERS} == HEADERS


def test_what_is_not_there_is_a_problem_and_names_where_to_look(desk):
    told = desk.program.get("/nowhere?token=secret")
    assert told.headers["content-type"] == "application/problem+json"
    assert told.json() == {
        "schema": 1,
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "there is nothing at /nowhere; /docs lists what there is.",
        "next": None,
        "problems": [],
    }


def test_a_method_that_is_not_taken_is_a_problem(desk):
    told = desk.program.delete("/health", headers={**desk.bearer(), "Content-Type": "application/json"})
    assert (told.status_code, told.json()["detail"]) == (405, "DELETE is not taken at /health; /docs lists what is.")


def test_a_body_of_another_form_is_a_problem_that_does_not_repeat_it(desk):
    told = desk.program.post("/api/auth/session", json={"kode": "hush"}, headers=desk.bearer())
    assert told.status_code == 422
    assert told.json()["problems"] == ["body.kode: Extra inputs are not permitted."]
    assert "hush" not in told.text


def test_asking_makes_no_state_where_there_is_none(tmp_path):
    repo = make_repo(tmp_path / "quiet", {"a.txt": "a\n"})
    with served(tmp_path, repo) as desk, desk.server.places.all[0].looking() as project:
        assert project.runs.newest_first() == ()
    assert not (repo / ".git" / "autopack").exists()


def test_a_defect_is_told_without_its_words_and_leaves_a_report_for_whoever_owns_the_machine(tmp_path):
    repo = make_repo(tmp_path / "shop", {"a.txt": "a\n"})
    with served(tmp_path, repo) as desk:

        @desk.app.get("/loose")
        def loose():
            attempt = 1
            raise RuntimeError(f"wire {attempt} is loose")

        told = TestClient(desk.app, base_url=ADDRESS, raise_server_exceptions=False).get("/loose?q=hush", headers=desk.bearer())
    assert (told.status_code, told.json()["title"]) == (500, "Internal Server Error")
    assert "autopack errors show -" in told.json()["detail"]
    assert "loose" not in told.json()["detail"]
    (report,) = read_reports(repo / ".autonomous_runs" / "-" / "errors")
    assert (report.kind, report.error_type, report.request, report.message) == ("defect", "RuntimeError", "GET /loose", "wire 1 is loose")
    assert report.component == "server"


def test_a_server_that_nobody_asks_has_loaded_nothing_that_only_runs_need(tmp_path):
    """Model SDKs, YAML, markdown, vectors, and all that builds, checks and audits: most of what a run takes of the memory."""
    repo = make_repo(tmp_path / "shop", {"a.txt": "a\n"})
    code = "import json, sys, autopack.main; print(json.dumps(sorted(sys.modules)))"
    environment = {**os.environ, "AUTOPACK_REPO": str(repo), "XDG_STATE_HOME": str(tmp_path / "state"), "HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout))
    sdks = {"anthropic", "openai", "httpx2", "genai_prices"}
    readers = {"ruamel", "markdown_it", "rich", "typer", "numpy", "torch", "faiss", "qdrant_client", "tree_sitter", "multipart"}
    rooms = {
        "autopack.checks.commands",
        "autopack.checks.sandbox",
        "autopack.context",
        "autopack.docs_archive",
        "autopack.executor.attempt.attempt_phase",
        "autopack.executor.commands",
        "autopack.executor.start.start_run",
        "autopack.llm.providers",
        "autopack.llm.service",
        "autopack.recovery",
        "autopack.review",
    }
    assert sorted(loaded & (sdks | readers | rooms)) == []
    assert [name for name in rooms if find_spec(name) is None] == [], "these are the rooms' names"
    assert {"fastapi", "sqlmodel", "autopack.dashboard.app"} <= loaded
