"""`gc` and journals: what models were asked and answered in merged work goes, every figure stays, and whoever misses it is told so."""

import json
from pathlib import Path

import pytest

from tests.support.command import FILES, ONE, Desk, oracle_of, phase_of
from tests.support.oracle import Spoil
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

TWO = {**ONE, "two": {"docs/notes.txt": "more\n"}}
GONE = "What models were asked and answered in 'r' was let go by `autopack gc`."


def ran(tmp_path, *phases, changes=ONE, code=0, spoils=None, name="shop"):
    desk = Desk.make(tmp_path, name=name)
    desk.plan(*(phases or (phase_of("one"),)))
    with scripted_server(oracle_of(changes, FILES, spoils=spoils or {})) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
    assert done.exit_code == code, done.stderr
    return desk


def merged(desk):
    desk.git("merge", "-q", "autopack/r")
    return desk


def collected(desk, *words):
    done = desk.autopack("gc", "--older-than", "0h", "--json", *words)
    assert done.exit_code == 0, done.stderr
    return done.json


def journals(desk, *words):
    return [one["run_id"] for one in collected(desk, *words)["garbage"] if one["kind"] == "journal"]


def told(desk, *words):
    done = desk.autopack(*words)
    assert done.exit_code == 0, done.stderr
    return done.stdout


FIGURES = (("status", "r"), ("usage", "r", "--json"), ("usage", "--by", "model", "--json"), ("runs", "--json"), ("logs", "r", "--events"))


def test_the_figures_stay_and_whoever_misses_the_words_is_told(tmp_path):
    desk = merged(ran(tmp_path, spoils={"one": Spoil.PROSE}, name="Läden und Lager"))
    before = [told(desk, *words) for words in FIGURES]
    shown = json.loads(told(desk, "show", "r", "one", "--json"))
    assert journals(desk, "--dry-run") == ["r"]
    assert "--- reply" in told(desk, "logs", "r", "--model")
    assert journals(desk) == ["r"]
    assert [told(desk, *words) for words in FIGURES] == before
    after = json.loads(told(desk, "show", "r", "one", "--json"))
    assert [call.pop("is_let_go") for attempt in after["attempts"] for call in attempt["calls"]] == [True, True, True]
    assert [call.pop("is_let_go") for attempt in shown["attempts"] for call in attempt["calls"]] == [False, False, False]
    assert after == shown
    gone = "autopack gc let go of what models were asked and answered"
    assert f"{gone}; figures and decisions stay" in told(desk, "show", "r", "one")
    assert gone in told(desk, "report", "r", "--md")
    assert gone in told(desk, "report", "r", "--html", "-")
    log = told(desk, "logs", "r", "--model")
    assert log.count(GONE) == 3
    assert "--- reply" not in log
    assert [json.loads(line)["is_let_go"] for line in told(desk, "logs", "r", "--model", "--json").splitlines()] == [True, True, True]
    exported = desk.autopack("journal", "export", "r")
    assert (exported.exit_code, exported.stdout) == (2, "")
    assert (
        exported.stderr == f"autopack: {GONE} Figures, steps and events are all there. There is nothing to replay.\nnext: autopack show r\n"
    )
    again = desk.autopack("resume", "r")
    assert again.exit_code == 0, again.stderr
    assert collected(desk) == {"schema": 1, "is_dry_run": False, "garbage": [], "kept": []}


def test_an_archived_journal_plays_the_same_tree_again(tmp_path):
    desk = merged(ran(tmp_path, phase_of("one"), phase_of("two", "docs/"), changes=TWO, spoils={"two": Spoil.PROSE}))
    before = told(desk, "journal", "export", "r")
    [one] = [one for one in collected(desk, "--archive")["garbage"] if one["kind"] == "journal"]
    archived = desk.repo / ".autonomous_runs" / "archived_runs"
    assert one["archive"].startswith(str(archived / "r.journal.jsonl."))
    assert sorted(path.name.rpartition(".")[0] for path in archived.iterdir()) == ["r.journal.jsonl", "r.tar"]
    assert sorted(told(desk, "journal", "export", "r").splitlines()) == sorted(before.splitlines())
    assert f"{GONE} {one['archive']} holds it." in told(desk, "logs", "r", "--model")
    desk.git("branch", "-q", "-f", "start", "main~2")
    played = desk.autopack("run", "--new", "--run-id", "again", "--base", "start", "--replay", one["archive"], "--replay-strict")
    assert played.exit_code == 0, played.stderr
    assert desk.git("rev-parse", "autopack/again^{tree}") == desk.git("rev-parse", "autopack/r^{tree}")


def test_a_torn_archive_is_told_of(tmp_path):
    desk = merged(ran(tmp_path))
    [archive] = [one["archive"] for one in collected(desk, "--archive")["garbage"] if one["kind"] == "journal"]
    with Path(archive).open("r+b") as file:
        file.truncate(40)
    for words in (("journal", "export", "r"), ("run", "--new", "--replay", archive)):
        done = desk.autopack(*words)
        assert done.exit_code in (3, 7), done.stderr
        assert "does not unpack" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_run_that_was_rolled_back_goes_on_without_the_words_and_keeps_the_archived_ones(tmp_path):
    desk = ran(tmp_path, phase_of("one"), phase_of("two", "docs/"), changes=TWO, spoils={"two": Spoil.REJECT})
    desk.git("branch", "kept", "autopack/r")
    assert journals(desk, "--archive") == ["r"]
    assert desk.autopack("rollback", "r", "--to", "one").exit_code == 0
    assert desk.autopack("retry", "r", "two").exit_code == 0
    with scripted_server(oracle_of(TWO)) as server:
        again = desk.beside(server).autopack("resume", "r")
    assert again.exit_code == 0, again.stderr
    assert "What models had answered in this run was let go by `autopack gc`" in again.stderr
    assert desk.git("rev-parse", "autopack/r^{tree}") == desk.git("rev-parse", "kept^{tree}")
    desk.git("branch", "-q", "-f", "kept", "autopack/r")
    whole = told(desk, "journal", "export", "r").splitlines()
    calls = [(line["phase"], line["attempt"], line["role"]) for line in map(json.loads, whole) if "role" in line]
    assert len(calls) == len(set(calls)) == 8
    assert journals(desk, "--archive") == ["r"]
    assert sorted(told(desk, "journal", "export", "r").splitlines()) == sorted(whole)


@pytest.mark.parametrize("how", [("merge", "-q", "--squash", "autopack/r"), ("cherry-pick", "autopack/r")], ids=["squashed", "picked"])
def test_work_that_landed_in_commits_of_its_own_needs_its_journal_no_more(tmp_path, how):
    desk = ran(tmp_path)
    (desk.repo / "beside.txt").write_text("more\n", "utf-8")
    desk.git("add", "beside.txt")
    desk.git("commit", "-q", "-m", "beside")
    assert journals(desk) == []
    desk.git(*how)
    if "--squash" in how:
        desk.git("commit", "-q", "--no-edit")
    assert journals(desk) == ["r"]
    assert collected(desk)["kept"] == [{"run_id": "r", "why": "no other branch holds the head of autopack/r, so its refs stay"}]


def test_what_is_on_no_branch_but_its_own_keeps_its_journal_also_while_that_is_checked_out(tmp_path):
    desk = ran(tmp_path)
    desk.git("switch", "-q", "autopack/r")
    told_of = collected(desk)
    assert "journal" not in {one["kind"] for one in told_of["garbage"]}
    assert told_of["kept"] == [{"run_id": "r", "why": "no other branch holds the head of autopack/r, so its refs and its journal stay"}]


def test_a_failed_run_keeps_its_journal_until_a_person_gives_its_branch_up(tmp_path):
    red = phase_of("two", max_attempts=1, ci={"command": "false", "tests": "none"})
    desk = merged(ran(tmp_path, phase_of("one"), red, changes=TWO, code=1))
    assert collected(desk)["kept"] == [
        {"run_id": "r", "why": "it is failed, and `retry` shows what was tried as long as autopack/r is there, so its journal stays"}
    ]
    desk.git("branch", "-q", "-D", "autopack/r")
    assert journals(desk) == ["r"]


def test_journals_can_be_left_and_count_by_size(tmp_path):
    desk = merged(ran(tmp_path))
    assert journals(desk, "--keep-journals") == []
    assert [one["kind"] for one in desk.autopack("gc", "--max-size", "1G", "--json").json["garbage"]] == []
    assert "journal" in {one["kind"] for one in desk.autopack("gc", "--max-size", "0", "--json").json["garbage"]}


def test_calls_of_a_plan_that_was_made_long_ago_go_too(tmp_path):
    desk = Desk.make(tmp_path)
    with scripted_server(oracle_of(ONE, others={"planner": '{"version": 1}'})) as server:
        made = desk.beside(server).autopack("plan", "new", "The app says two.", "-o", "p.yaml")
    assert made.exit_code == 3, made.stderr
    assert desk.autopack("gc", "--json").json["garbage"] == []
    [plan_id] = journals(desk, "--archive")
    assert plan_id.startswith("plan-")
    assert told(desk, "journal", "export", plan_id).startswith('{"journal":1')
    assert desk.autopack("usage", plan_id).exit_code == 0
    assert journals(desk) == []
