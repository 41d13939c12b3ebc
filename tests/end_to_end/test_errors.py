"""What goes wrong leaves a row in the transaction that fails, two files for people, and is told with what resolved it."""

import json
import signal
import sqlite3
import threading
from collections import Counter
from contextlib import closing

import pytest

from autopack.reporting.error_list import ErrorList, ErrorSummary
from tests.support.command import ONE, held_until, oracle_of, phase_of
from tests.support.oracle import Spoil
from tests.support.repos import commit_files
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

RED = {"command": "grep -q two app.txt || { echo 'AssertionError: the app says one'; exit 1; }", "tests": "none", "timeout_s": 30}
RIGHT = {"one": {"app.txt": "two\n"}}
WRONG = {"one": {"app.txt": "three\n"}}
APPROVED = {"verdict": "approve", "confidence": 0.9, "issues": [], "criteria": [], "summary": "checked"}
DEFECT = """
from autopack.executor.attempt import attempt_phase
def broken(site, phase, step, lap, candidate):
    attempt, password = 1, "hunter-canary-22"
    raise RuntimeError("a wire is loose")
attempt_phase.check_phase = broken
from autopack.__main__ import main
main()
"""


def in_turn(*scripts, role="builder"):
    """Attempt n of that role is answered by the n-th script, everything else by the last."""

    def answer(request):
        attempt = int(request.headers["x-autopack-attempt"])
        mine = scripts[min(attempt, len(scripts)) - 1] if request.headers["x-autopack-role"] == role else scripts[-1]
        return mine(request)

    return answer


def run(desk, script, *words, ci=RED, **keys):
    desk.plan(phase_of("one", ci=ci, **keys))
    with scripted_server(script) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", *words)
        return done, server.calls


def listed(desk, *words):
    done = desk.autopack("errors", "list", *words, "--json")
    assert done.exit_code == 0, done.stderr
    return done.json


def files(desk, run_id="r"):
    return sorted(path.name for path in (desk.repo / ".autonomous_runs" / run_id / "errors").glob("*"))


def test_every_failed_attempt_is_reported_with_what_was_asked_and_what_resolved_it(desk):
    spoilt = oracle_of(RIGHT, spoils={"one": Spoil.PROSE})
    done, _ = run(desk, in_turn(spoilt, oracle_of(WRONG), oracle_of(RIGHT)))
    assert done.exit_code == 0, done.stderr
    found = listed(desk, "r")
    assert (found["schema"], found["run_id"], found["error_count"]) == (1, "r", 2)
    first, second = found["errors"]
    assert (first["component"], first["kind"], first["phase"], first["attempt"]) == ("builder", "reply_malformed", "one", 1)
    assert (first["role"], first["call"]) == ("builder", 1)
    assert "anthropic/claude-sonnet-5-5" in first["request"]
    assert "Make the change one." in first["request"]
    assert first["frames"][-1]["file"].startswith("autopack/")
    assert (second["component"], second["kind"], second["error_type"]) == ("checks", "checks_red", "ChecksRed")
    assert second["request"] == RED["command"]
    assert "the app says one" in second["evidence"]
    commit = desk.git("rev-parse", "autopack/r")[:10]
    assert [one["resolved"] for one in found["errors"]] == [f"attempt 3 landed {commit}, built by anthropic/claude-opus-5-5: app.txt"] * 2
    assert ErrorList.model_validate({key: value for key, value in found.items() if key != "schema"}).error_count == 2


def test_a_report_lies_in_two_files_named_by_time_component_and_type(desk):
    run(desk, in_turn(oracle_of(WRONG), oracle_of(RIGHT)))
    (error,) = listed(desk, "r")["errors"]
    assert files(desk) == [f"{error['name']}.json", f"{error['name']}.txt"]
    stamp, component, kind = error["name"].split("_", 1)[0] + "_" + error["name"].split("_")[1], *error["name"].split("_")[2:]
    assert (component, kind) == ("checks", "ChecksRed")
    assert stamp == error["time"].replace("-", "").replace(":", "").replace("T", "_").rstrip("Z")
    folder = desk.repo / ".autonomous_runs" / "r" / "errors"
    written = json.loads((folder / f"{error['name']}.json").read_text("utf-8"))
    assert written == {key: value for key, value in error.items() if key != "resolved"}
    assert "component: checks" in (folder / f"{error['name']}.txt").read_text("utf-8")


def test_files_that_a_crash_left_half_or_not_at_all_are_made_again_from_the_rows(desk):
    release = threading.Event()
    wrong_then_held = in_turn(oracle_of(WRONG), held_until(release, oracle_of(RIGHT)))
    desk.plan(phase_of("one", ci=RED))
    with scripted_server(wrong_then_held) as server:
        at = desk.beside(server)
        with at.start("run", "--run-id", "r", "--json") as running:
            running.until(lambda: len(server.asked("builder")) == 2)
            running.send(signal.SIGKILL)
            running.end()
        release.set()
        folder = desk.repo / ".autonomous_runs" / "r" / "errors"
        whole = {path.name: path.read_bytes() for path in folder.iterdir()}
        half, gone = sorted(folder.iterdir())
        half.write_bytes(half.read_bytes()[:40])
        gone.unlink()
        assert at.autopack("resume", "r").exit_code == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == whole


def test_a_refused_verdict_and_a_refused_diagnosis_are_reported_though_no_attempt_failed_by_them(desk):
    desk.configured("replan: {max_replans_per_phase: 0}\n")
    said = Counter()

    def script(request):
        role, attempt = request.headers["x-autopack-role"], int(request.headers["x-autopack-attempt"])
        said[role] += 1
        if role == "doctor":
            return "Take two."
        if role == "auditor" and said[role] == 1:
            return "Looks fine to me."
        if role == "auditor":
            return json.dumps(APPROVED)
        return oracle_of(RIGHT if attempt > 2 else WRONG)(request)

    done, _ = run(desk, script)
    assert done.exit_code == 0, done.stderr
    found = [(one["component"], one["kind"], one["role"]) for one in listed(desk, "r")["errors"]]
    assert ("doctor", "advice_unusable", "doctor") in found
    assert ("auditor", "audit_unreadable", "auditor") in found


def test_a_provider_that_is_given_up_is_reported_and_who_answered_instead(desk):
    desk.configured("retries: {times: 1, first_wait_s: 0.01}\n")
    desk.plan()
    with scripted_server(oracle_of(ONE), faults=("1-2:status:status=503",)) as server:
        keyed = desk.beside(server).with_env(**server.environment("openai"))
        done = keyed.autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
    (error,) = listed(desk, "r")["errors"]
    assert (error["component"], error["phase"], error["attempt"], error["role"]) == ("llm", "one", 1, "builder")
    assert "anthropic" in error["message"]
    assert error["resolved"].startswith("openai/")


def test_what_ends_a_start_is_reported_and_when_the_run_went_on(desk):
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server:
        keyed = desk.beside(server)
        broken = keyed.python(DEFECT, "run", "--run-id", "r")
        assert broken.exit_code == 70, broken.stderr
        (error,) = listed(desk, "r")["errors"]
        assert (error["kind"], error["error_type"], error["phase"], error["attempt"]) == ("defect", "RuntimeError", "one", 1)
        assert f".autonomous_runs/r/errors/{error['name']}.json" in broken.stderr
        frame = error["frames"][-1]
        assert (frame["function"], frame["locals"]) == ("broken", {"attempt": 1})
        assert error["resolved"] is None
        assert keyed.autopack("resume", "r").exit_code == 0
    assert "landed" in listed(desk, "r")["errors"][0]["resolved"]


def test_a_cap_and_an_outage_that_end_a_start_are_reported(desk):
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server:
        keyed = desk.beside(server)
        assert keyed.autopack("run", "--run-id", "r", "--max-tokens", "50000").exit_code in (0, 5)
        assert keyed.autopack("run", "--run-id", "s", "--new", "--max-tokens", "10").exit_code == 5
    (error,) = listed(desk, "s")["errors"]
    assert error["kind"] == "tokens"


def test_red_final_checks_are_reported(desk):
    desk.plan(final={"steps": [{"command": "grep -q three app.txt", "tests": "none"}]})
    with scripted_server(oracle_of(ONE)) as server:
        assert desk.beside(server).autopack("run", "--run-id", "r").exit_code == 1
    (error,) = listed(desk, "r")["errors"]
    assert (error["component"], error["phase"], error["request"]) == ("checks", None, "grep -q three app.txt")


def test_the_summary_counts_and_puts_alike_ones_together(desk):
    desk.configured("replan: {max_replans_per_phase: 0}\n")
    done, _ = run(desk, in_turn(oracle_of(WRONG), oracle_of(WRONG), oracle_of(RIGHT)))
    assert done.exit_code == 0, done.stderr
    found = desk.autopack("errors", "summary", "r", "--json").json
    assert (found["error_count"], found["unresolved_count"]) == (2, 0)
    assert (found["by_kind"], found["by_component"], found["by_phase"]) == ({"checks_red": 2}, {"checks": 2}, {"one": 2})
    (group,) = found["groups"]
    assert (group["count"], group["phases"], [one["number"] for one in group["errors"]]) == (2, ["one"], [1, 2])
    assert group["resolved"].startswith("attempt 3 landed")
    assert found["first_seen"] <= group["last_seen"] == found["last_seen"]
    said = desk.autopack("errors", "summary", "r").stdout
    assert said == found["summary"] + "\n"
    assert "checks_red 2 times in one" in said
    assert ErrorSummary.model_validate({key: value for key, value in found.items() if key != "schema"})


def test_an_error_is_shown_whole_by_number_and_the_newest_by_default(desk):
    run(desk, in_turn(oracle_of(RIGHT, spoils={"one": Spoil.PROSE}), oracle_of(WRONG), oracle_of(RIGHT)))
    newest = desk.autopack("errors", "show").stdout
    assert newest.startswith("ChecksRed: ")
    assert "the app says one" in newest
    assert "resolved attempt 3 landed" in newest
    first = desk.autopack("errors", "show", "1")
    assert first.stdout.startswith("ReplyMalformed: ")
    assert ".autonomous_runs/r/errors/" in first.stderr
    assert desk.autopack("errors", "show", "r", "2", "--json").json["kind"] == "checks_red"
    refused = desk.autopack("errors", "show", "r", "9")
    assert refused.exit_code == 2
    assert "'r' has no error '9'; they are 1 to 2." in refused.stderr
    assert "checks red" in desk.autopack("errors", "list").stdout


def test_errors_are_listed_over_all_runs_and_of_commands_outside_of_one(desk):
    run(desk, in_turn(oracle_of(WRONG), oracle_of(RIGHT)))
    with scripted_server(in_turn(oracle_of(WRONG), oracle_of(RIGHT))) as server:
        commit_files(desk.repo, {"app.txt": "one\n", "more.txt": "x\n"}, "more")
        assert desk.beside(server).autopack("run", "--run-id", "s", "--new").exit_code == 0
    broken = desk.python("from autopack.cli.commands import runs\nruns.run_page = None\nfrom autopack.__main__ import main\nmain()", "runs")
    assert broken.exit_code == 70, broken.stderr
    found = listed(desk, "--all")
    assert found["run_id"] is None
    assert [one["run_id"] for one in found["errors"]] == ["r", "s", None]
    assert found["errors"][-1]["request"] == "autopack runs"
    assert desk.autopack("errors", "summary", "--all", "--json").json["error_count"] == 3
    assert listed(desk, "-")["errors"][0]["error_type"] == "TypeError"
    assert desk.autopack("errors", "list", "r", "--all").exit_code == 2


def test_the_debug_journal_tells_what_it_was_what_was_tried_and_what_resolved_it(desk):
    desk.configured("replan: {max_replans_per_phase: 0}\ndoctor: {max_calls_per_run: 0}\n")
    done, _ = run(desk, in_turn(oracle_of(WRONG), oracle_of(WRONG), oracle_of(RIGHT)))
    assert done.exit_code == 0, done.stderr
    found = desk.autopack("errors", "journal", "r", "--json").json
    (entry,) = found["entries"]
    assert (found["run_id"], entry["phase"], entry["kind"], entry["attempts"]) == ("r", "one", "checks_red", [1, 2])
    assert entry["tried"][0] == "retry: The next attempt is told what failed."
    assert entry["tried"][1].startswith("escalate: 2 failures at anthropic/claude-sonnet-5-5")
    assert "built by anthropic/claude-opus-5-5: app.txt" in entry["resolved"]
    for said in (desk.autopack("errors", "journal").stdout, desk.autopack("show", "r", "one").stdout):
        assert "overcame checks red: " in said
        assert "  by     attempt 3 landed" in said
    assert desk.autopack("show", "r", "one", "--json").json["overcome"] == [entry]


def test_what_was_not_overcome_is_in_no_journal(desk):
    run(desk, oracle_of(WRONG), max_attempts=1)
    assert desk.autopack("errors", "journal", "r", "--json").json["entries"] == []
    assert listed(desk, "r")["errors"][0]["resolved"] is None
    assert desk.autopack("errors", "list", "nobody").exit_code == 2


def test_only_the_newest_reports_keep_their_files(desk):
    run(desk, in_turn(oracle_of(WRONG), oracle_of(RIGHT)))
    path = desk.repo / ".git" / "autopack" / "autopack.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        (text,) = connection.execute("SELECT report_json FROM error").fetchone()
        for number in range(2, 212):
            name = f"20261130_0315{number % 60:02}_llm_Timeout-{number}"
            kept = json.dumps({**json.loads(text), "number": number, "name": name})
            connection.execute("INSERT INTO error VALUES ('r', ?, ?, ?)", (number, name, kept))
        connection.execute("UPDATE run SET state = 'interrupted'")
        connection.execute("UPDATE phase SET state = 'queued', \"commit\" = NULL")
    with scripted_server(oracle_of(RIGHT)) as server:
        desk.beside(server).autopack("resume", "r")
    assert len(files(desk)) == 400
    assert listed(desk, "r")["error_count"] >= 211
