"""What earlier runs of a project teach a later one: found again, shown to the builder, kept apart by project."""

import json
import sqlite3
from contextlib import closing

import pytest

from tests.support.command import CHECK, FILES, Desk, oracle_of, phase_of
from tests.support.oracle import Spoil
from tests.support.repos import git
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

RED = {"command": "grep -q two app.txt || { echo 'AssertionError: the basket forgets its voucher'; exit 1; }", "tests": "none"}
BASKET = "Let the basket keep the voucher that was typed in when its lines are sorted anew."
AGAIN = "Let the basket keep the voucher that was typed in when its lines are removed."
OTHER = "Translate the weather report into Finnish and print it on the wall."
WRONG, RIGHT = {"basket": {"app.txt": "wrong\n"}}, {"basket": {"app.txt": "two\n"}}


def twice(first, second):
    """The first answer of the builder, then the second; the auditor is the second's."""
    given = []

    def script(request):
        if request.headers["x-autopack-role"] == "builder" and not given:
            given.append(1)
            return first(request)
        return second(request)

    return script


def taught(desk, **keys):
    """A run whose first attempt is red and whose second lands."""
    desk.plan(phase_of("basket", description=BASKET, ci=RED), **keys)
    with scripted_server(twice(oracle_of(WRONG), oracle_of(RIGHT))) as server:
        done = desk.beside(server).autopack("run", "--run-id", "first")
        assert done.exit_code == 0, done.stderr
        return server.asked("builder", "basket")


def asked_again(desk, run_id="second", description=AGAIN, **keys):
    """What the builder of a later run is asked first."""
    desk.plan(phase_of("basket", description=description, ci=RED), **keys)
    with scripted_server(oracle_of(RIGHT)) as server:
        done = desk.beside(server).autopack("run", "--run-id", run_id, "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
        return server.asked("builder", "basket")[0], done


def rows(desk):
    with closing(sqlite3.connect(desk.repo / ".git" / "autopack" / "autopack.db")) as connection:
        return connection.execute("SELECT project, collection, source, is_solved FROM memory ORDER BY collection, source").fetchall()


def test_a_run_is_told_in_its_first_prompt_how_a_failure_of_its_kind_was_solved(desk):
    first, second = taught(desk)
    assert "<memory" not in first.text + second.text
    assert rows(desk) == [
        ("shop", "errors_ci", "first/basket/1", 1),
        ("shop", "planning", "first", 0),
        ("shop", "run_summaries", "first/basket", 0),
    ]
    again, done = asked_again(desk)
    assert "From earlier runs of this project" in again.text
    assert '<memory from=\\"run_summaries first/basket\\" alike=' in again.text
    assert "An attempt failed before: ci_fail" in again.text
    assert "+two" in again.text
    (told,) = done.told("recalled")
    assert [(one["collection"], one["source"]) for one in told["found"]] == [("run_summaries", "first/basket")]


def test_a_failure_is_remembered_before_it_is_solved(desk):
    desk.plan(phase_of("basket", description=BASKET, ci=RED, max_attempts=1))
    with scripted_server(oracle_of(WRONG)) as server:
        assert desk.beside(server).autopack("run", "--run-id", "first").exit_code == 1
    assert ("shop", "errors_ci", "first/basket/1", 0) in rows(desk)
    again, _ = asked_again(desk)
    assert "<memory" not in again.text


def test_a_retry_is_told_how_its_failure_was_solved_in_another_phase_and_keeps_what_it_was_shown(desk):
    taught(desk)
    desk.plan(phase_of("basket", description=OTHER, ci=RED))
    with scripted_server(twice(oracle_of(WRONG), oracle_of(RIGHT))) as server:
        assert desk.beside(server).autopack("run", "--run-id", "second").exit_code == 0
        first, second = server.asked("builder", "basket")
    assert "<memory" not in first.text
    assert '<memory from=\\"errors_ci first/basket/1\\" alike=' in second.text
    assert second.text.index("the basket forgets its voucher") < second.text.index("<memory")


def test_memory_of_other_projects_and_other_tasks_changes_no_prompt(desk):
    alone, _ = asked_again(desk, run_id="alone", project="alone")
    taught(desk, project="elsewhere")
    full, _ = asked_again(desk, project="shop")
    assert full.text == alone.text
    other, _ = asked_again(desk, run_id="third", project="elsewhere", description=OTHER)
    assert "<memory" not in other.text


def test_memory_can_be_off(desk):
    desk.configured("enable_memory: false\n", "memory.yaml")
    taught(desk)
    assert rows(desk) == []
    assert "<memory" not in asked_again(desk)[0].text
    desk.configured("top_k_retrieval: 0\n", "memory.yaml")
    asked_again(desk, run_id="third")
    assert "<memory" not in asked_again(desk, run_id="fourth")[0].text


def test_what_is_older_than_its_days_is_forgotten(desk):
    taught(desk)
    with closing(sqlite3.connect(desk.repo / ".git" / "autopack" / "autopack.db")) as connection, connection:
        connection.execute("UPDATE memory SET at = at - 31 * 86400 WHERE collection = 'run_summaries'")
    assert "<memory" not in asked_again(desk)[0].text
    assert [row[2] for row in rows(desk) if row[1] == "run_summaries"] == ["second/basket"]


def test_what_was_taken_back_is_no_example(desk):
    desk.plan(phase_of("zero", "docs/"), phase_of("basket", description=BASKET, ci=RED))
    with scripted_server(oracle_of({"zero": {"docs/notes.txt": "more\n"}, **RIGHT}, FILES)) as server:
        assert desk.beside(server).autopack("run", "--run-id", "first").exit_code == 0
    assert desk.autopack("rollback", "first", "--to", "zero").exit_code == 0
    assert [row[2] for row in rows(desk) if row[1] == "run_summaries"] == ["first/zero"]


def test_no_secret_is_remembered_or_shown(desk):
    key = "sk-" + "Zq9" * 12
    (desk.repo / "app.txt").write_text("one\n", "utf-8")
    check = {"command": f"grep -q two app.txt || {{ echo {key}; exit 1; }}", "tests": "none"}
    desk.plan(phase_of("basket", description=BASKET, ci=check))
    with scripted_server(twice(oracle_of(WRONG), oracle_of(RIGHT))) as server:
        assert desk.beside(server).autopack("run", "--run-id", "first").exit_code == 0
    with closing(sqlite3.connect(desk.repo / ".git" / "autopack" / "autopack.db")) as connection:
        held = connection.execute("SELECT group_concat(cue || text) FROM memory").fetchone()[0]
    assert key not in held


def test_what_was_recalled_is_exported_and_a_replay_does_not_drift(desk, tmp_path):
    taught(desk)
    again, _ = asked_again(desk)
    assert "<memory" in again.text
    journal = tmp_path / "journal.jsonl"
    assert desk.autopack("journal", "export", "second", "-o", journal).exit_code == 0
    (line,) = [json.loads(text) for text in journal.read_text("utf-8").splitlines() if '"recalled"' in text]
    assert (line["phase"], line["attempt"], line["recalled"][0]["source"]) == ("basket", 1, "first/basket")
    clone = Desk(tmp_path / "clone", desk.environment)
    git(tmp_path, "clone", "-q", str(desk.repo), str(clone.repo))
    (clone.repo / "autopack.yaml").write_bytes((desk.repo / "autopack.yaml").read_bytes())
    played = clone.autopack("run", "--run-id", "played", "--replay", journal, "--replay-strict", "--json")
    assert played.exit_code == 0, played.stdout + played.stderr
    assert played.told("replay_drift") == []


def test_a_person_s_hint_that_led_to_a_commit_is_remembered(desk):
    desk.plan(phase_of("basket", description=BASKET, ci=RED, max_attempts=1))
    with scripted_server(oracle_of(WRONG)) as server:
        assert desk.beside(server).autopack("run", "--run-id", "first").exit_code == 1
    assert desk.autopack("retry", "first", "basket", "--note", "say two, as the till does").exit_code == 0
    assert not any(row[1] == "doctor_hints" for row in rows(desk))
    with scripted_server(oracle_of(RIGHT)) as server:
        assert desk.beside(server).autopack("resume", "first").exit_code == 0
    assert ("shop", "doctor_hints", "first/basket/hint-1", 0) in rows(desk)
    assert "say two, as the till does" in asked_again(desk)[0].text


def test_phases_of_one_run_do_not_remind_each_other(desk):
    desk.plan(*(phase_of(f"p{number}", f"docs/{number}.txt", description="Write the number.", ci=CHECK) for number in range(3)))
    answers = {f"p{number}": {f"docs/{number}.txt": "1\n"} for number in range(3)}
    with scripted_server(oracle_of(answers, FILES, spoils={"p1": Spoil.PROSE})) as server:
        assert desk.beside(server).autopack("run", "--run-id", "first").exit_code == 0
        assert not any("<memory" in call.text for number in range(3) for call in server.asked("builder", f"p{number}"))
