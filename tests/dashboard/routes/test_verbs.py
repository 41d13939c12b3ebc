import json
import time

import pytest

from autopack.core.approval import Approval
from autopack.core.errors import ChangedMeanwhileError
from autopack.core.held import HeldReason
from autopack.core.terms import Terms
from autopack.core.transitions import PhaseEvent, RunEvent
from autopack.dashboard.etags import phase_etag, run_etag
from autopack.executor.lock import run_lock
from autopack.store.steering import Steering
from tests.support.dashboard import ADDRESS
from tests.support.repos import git
from tests.support.told_run import Again, commit_on

RUN = "/runs/shop-1"
VERBS = ["approve", "reject", "retry", "skip", "adopt"]


@pytest.fixture
def held(told):
    """`add-model` waits with a green candidate, `add-basket` with a question."""
    told.start()
    told.hold_for_review("add-model", "The diff is large.")
    told.hold_with_question("add-basket", "May I change the price?")
    told.end(RunEvent.HOLD, 4, "held", "two phases wait.")
    return told


def _etag(desk, phase=None):
    with desk.server.places.all[0].looking() as project:
        return phase_etag(project, "shop-1", phase) if phase else run_etag(project, "shop-1")


def _post(desk, path, body=None, *, phase=None, **headers):
    sent = {**desk.bearer("steer"), "If-Match": _etag(desk, phase), **headers}
    return desk.program.post(f"{RUN}{path}", json=body or {}, headers={name: value for name, value in sent.items() if value is not None})


def _body(verb):
    return {"note": "x"} if verb == "skip" else {}


def _state(told, phase):
    return next(row.state for row in told.phases.all() if row.phase_id == phase)


def _last_event(told):
    return list(told.events.since("shop-1"))[-1][1]


def _change(told, phase):
    told.phases.move(phase, PhaseEvent.RETRY, None, Again(message="again"))


def test_approve_lets_the_phase_land_and_names_what_leads_on(held, desk):
    told = _post(desk, "/phases/add-model/approve", {"note": "looked at it"}, phase="add-model")
    assert told.status_code == 200
    assert told.json() == {
        "schema": 1,
        "recorded": True,
        "message": "phase 'add-model' is approved.",
        "resume": "autopack resume shop-1",
        "is_resumed": False,
    }
    assert _state(held, "add-model") == "integrating"


def test_who_it_was_and_from_where_is_in_the_event(held, desk):
    _post(desk, "/phases/add-model/reject", {"note": "no tests"}, phase="add-model")
    event = _last_event(held)
    assert (event.event, event.data["message"]) == ("phase_recovering", "no tests")
    assert event.data["who"].startswith("test (token nonce-")
    assert event.data["from"] == "testclient"


def test_retry_takes_a_note_and_more_scope(held, desk):
    body = {"note": "take the other way", "add_scope": ["docs/"]}
    assert _post(desk, "/phases/add-basket/retry", body, phase="add-basket").json()["message"] == "queued: add-basket."
    row = next(row for row in held.phases.all() if row.phase_id == "add-basket")
    assert (row.state, json.loads(row.added_scope)) == ("queued", ["docs/"])
    assert _last_event(held).data["message"] == "take the other way"


def test_skip_needs_a_reason(held, desk):
    assert _post(desk, "/phases/add-basket/skip", {"note": " "}, phase="add-basket").status_code == 422
    assert _post(desk, "/phases/add-basket/skip", phase="add-basket").status_code == 422
    assert _state(held, "add-basket") == "held"
    assert _post(desk, "/phases/add-basket/skip", {"note": "not now"}, phase="add-basket").status_code == 200
    assert _state(held, "add-basket") == "skipped"


def test_adopt_takes_a_persons_commit(held, desk):
    commit = commit_on(held.repo, held.head, {"src/basket.py": "B = 1\n"}, "by hand")
    git(held.repo, "update-ref", "refs/heads/autopack/shop-1", commit)
    told = _post(desk, "/phases/add-basket/adopt", {"commit": commit}, phase="add-basket")
    assert told.json()["message"].startswith(f"{commit[:10]} becomes phase 'add-basket'")
    assert _state(held, "add-basket") == "checking"
    assert _last_event(held).data["who"].startswith("test (token")


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/phases/add-basket/approve", {}, "is held with a question, not for review"),
        ("/phases/add-basket/reject", {}, "is held with a question; answer it"),
        ("/phases/add-model/adopt", {}, "is held for review; approve or reject it"),
        ("/phases/add-checkout/approve", {}, "phase 'add-checkout' is queued, not held."),
        ("/phases/add-checkout/retry", {}, "only a held, failed, skipped or rolled-back phase is retried"),
        ("/phases/add-basket/retry", {"model": "no-such-model"}, "no-such-model"),
        ("/stop", {}, "nobody works on run 'shop-1' (held): there is nothing to stop."),
    ],
)
def test_what_the_command_line_refuses_is_refused_with_its_sentence(held, desk, path, body, said):
    before = [row.model_dump() for row in held.phases.all()]
    told = _post(desk, path, body, phase=path.split("/")[2] if path.startswith("/phases") else None)
    assert told.status_code == 409
    assert said in told.json()["detail"]
    assert [row.model_dump() for row in held.phases.all()] == before


def test_whom_the_auditor_is_against_only_an_override_approves(told, desk):
    told.start()
    told.hold(told.fail_by_auditor("add-model"), HeldReason.AUDITOR_AGAINST, "Not like this.")
    refused = _post(desk, "/phases/add-model/approve", phase="add-model")
    assert refused.status_code == 409
    assert refused.json()["next"] == "autopack show shop-1 add-model"
    assert "--override audit" in refused.json()["detail"]
    assert _post(desk, "/phases/add-model/approve", {"override": "audit"}, phase="add-model").status_code == 200


def test_what_has_red_checks_nothing_approves(told, desk):
    told.start()
    told.hold(told.fail_once("add-model", {"src/m.py": "M = 1\n"}), HeldReason.ADOPTED_RED, "1 of 2 tests fails.")
    for body in ({}, {"override": "audit"}):
        refused = _post(desk, "/phases/add-model/approve", body, phase="add-model")
        assert (refused.status_code, _state(told, "add-model")) == (409, "held")
        assert "there is no green candidate to approve" in refused.json()["detail"]


@pytest.mark.parametrize("verb", VERBS)
def test_what_was_looked_at_has_to_be_said(held, desk, verb):
    told = _post(desk, f"/phases/add-basket/{verb}", _body(verb), phase="add-basket", **{"If-Match": None})
    assert (told.status_code, told.json()["detail"]) == (428, "say what you looked at: its ETag as `If-Match`.")


@pytest.mark.parametrize("verb", VERBS)
def test_a_page_of_before_decides_nothing_that_has_changed_since(held, desk, verb):
    seen = _etag(desk, "add-basket")
    _change(held, "add-basket")
    held.hold_with_question("add-basket", "May I change the price now?")
    told = _post(desk, f"/phases/add-basket/{verb}", _body(verb), phase="add-basket", **{"If-Match": seen})
    assert told.status_code == 412
    assert told.json()["detail"] == "phase 'add-basket' has changed since you looked at it; look again."
    assert _state(held, "add-basket") == "held"


def test_any_etag_is_not_one_that_was_looked_at(held, desk):
    assert _post(desk, "/phases/add-model/approve", phase="add-model", **{"If-Match": "*"}).status_code == 412


def test_what_changes_while_the_verb_is_under_way_is_seen_in_its_transaction(held, desk):
    seen = _etag(desk, "add-model").strip('"')
    _change(held, "add-model")
    steering = Steering(held.database, held.events, "shop-1", time.time, Terms(who="a", whence="b", seen=seen))
    with pytest.raises(ChangedMeanwhileError):
        steering.approve("add-model", Approval())


@pytest.mark.parametrize("verb", VERBS)
def test_who_may_only_read_decides_nothing(held, desk, verb):
    told = _post(desk, f"/phases/add-basket/{verb}", _body(verb), phase="add-basket", **desk.bearer("read"))
    assert (told.status_code, told.json()["next"]) == (403, "autopack serve token --scope steer")
    assert _state(held, "add-basket") == "held"


def test_unknown_runs_and_phases_are_named_with_what_is_near(held, desk):
    headers = {**desk.bearer("steer"), "If-Match": '"x"'}
    run = desk.program.post("/runs/shop-2/phases/add-model/approve", json={}, headers=headers)
    phase = desk.program.post(f"{RUN}/phases/add-modle/approve", json={}, headers=headers)
    assert (run.status_code, phase.status_code) == (404, 404)
    assert "Did you mean 'shop-1'?" in run.json()["detail"]
    assert "Did you mean 'add-model'?" in phase.json()["detail"]


def test_a_run_at_work_is_asked_to_stop_and_says_by_whom(told, desk):
    told.start()
    with run_lock(told.repo / ".git/autopack/locks", "shop-1"):
        done = _post(desk, "/stop")
    assert (done.status_code, done.json()["resume"]) == (200, None)
    assert "run 'shop-1' is asked to stop" in done.json()["message"]
    assert told.runs.stop_requested("shop-1")
    event = _last_event(told)
    assert (event.event, event.data["from"]) == ("stop_requested", "testclient")
    assert event.data["who"].startswith("test (token")


def test_a_stop_is_of_the_start_that_was_looked_at(told, desk):
    told.start()
    seen = _etag(desk)
    told.end(RunEvent.STOP, 5, "usd")
    assert _post(desk, "/stop", **{"If-Match": seen}).status_code == 412


def test_a_run_that_is_worked_on_goes_on_by_itself(held, desk):
    with run_lock(held.repo / ".git/autopack/locks", "shop-1"):
        assert _post(desk, "/phases/add-model/approve", phase="add-model").json()["resume"] is None


def test_a_browser_repeats_the_token_of_its_session(held, desk):
    with desk.browser() as browser:
        path, headers = f"{RUN}/phases/add-model/approve", {"If-Match": _etag(desk, "add-model")}
        for wrong in ("", "guessed"):
            refused = browser.post(path, json={}, headers={**headers, "X-Autopack-Session": wrong})
            assert (refused.status_code, _state(held, "add-model")) == (403, "held")
        assert browser.post(path, json={}, headers=headers).status_code == 200
    assert _last_event(held).data["who"].startswith("person (browser nonce-")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://127.0.0.1:8200"}, 403),
        ({"Origin": "http://localhost:8100"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ],
    ids=str,
)
def test_what_another_page_can_send_is_refused(held, desk, headers, status):
    sent = {"If-Match": _etag(desk, "add-model"), "Content-Type": "application/json", "Origin": ADDRESS, **headers}
    with desk.browser() as browser:
        told = browser.post(f"{RUN}/phases/add-model/approve", content="{}", headers=sent)
    assert (told.status_code, _state(held, "add-model")) == (status, "held")


def test_a_browser_that_names_no_origin_is_refused(held, desk):
    with desk.browser() as browser:
        del browser.headers["Origin"]
        told = browser.post(f"{RUN}/phases/add-model/approve", json={}, headers={"If-Match": _etag(desk, "add-model")})
    assert (told.status_code, _state(held, "add-model")) == (403, "held")


def test_a_body_that_is_no_json_is_a_problem(held, desk):
    headers = {**desk.bearer("steer"), "If-Match": "x", "Content-Type": "application/json"}
    told = desk.program.post(f"{RUN}/stop", content="{", headers=headers)
    assert (told.status_code, told.headers["content-type"]) == (422, "application/problem+json")


def test_nothing_starts_a_run_rolls_back_or_changes_a_cap(desk):
    paths = {(method, path) for path, methods in desk.app.openapi()["paths"].items() for method in methods if method != "get"}
    assert paths == {
        ("post", "/api/auth/session"),
        ("post", "/api/auth/session/end"),
        ("post", "/runs/{run_id}/stop"),
        *(("post", f"/runs/{{run_id}}/phases/{{phase_id}}/{verb}") for verb in VERBS),
    }
