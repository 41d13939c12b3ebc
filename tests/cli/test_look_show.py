import json

from autopack.core.transitions import RunEvent
from tests.support.cli import typed


def test_a_complete_phase_is_explained_on_one_screen(told, capsys):
    told.start()
    told.complete("add-model", {"src/m.py": "X = 1\n"})
    told.end(RunEvent.HOLD, 4, "held")
    assert typed("show", "shop-1", "add-model") == 0
    said = capsys.readouterr().out
    for line in (
        "✓ add-model  complete  of run shop-1",
        "task     Add the model of an article with its price.",
        "scope    src/, tests/test_model.py",
        "builder  anthropic/sonnet-5, answered by sonnet-5-20260101",
        "auditor  anthropic/sonnet-5, answered by sonnet-5-20260101",
        "checks   green  2 passed, 0 failed, 0 newly failed, 0 flaky",
        "         green 1: pytest -q (exit 0, 1.2 s)",
        "verdict  approve, confidence 0.90",
        "         ! minor src/a.py:3: A name could be longer.",
        "         ✓ an article has a price (src/a.py:1)",
        "         ? a price is never negative (not judged)",
        "decision land",
        f"commit   {told.head[:10]}, 1 file: src/m.py",
        "next     autopack diff shop-1 add-model",
    ):
        assert line in said.splitlines()
    assert len(said.splitlines()) < 25


def test_a_red_attempt_says_what_failed_and_where_its_log_is(told, capsys):
    told.start()
    told.fail_once("add-basket", {"src/b.py": "X = 1\n"}, "\x1b[31mE   assert 1 == 2\x1b[0m\n")
    log = told.write_log("add-basket", 1, "x")
    told.end(RunEvent.INTERRUPT, 130)
    typed("show", "shop-1", "add-basket")
    said = capsys.readouterr().out
    assert "why      checks red: 1 of 2 tests fails: tests/test_a.py::test_two." in said
    assert "         E   assert 1 == 2\n" in said
    assert "newly failed: t::two" in said
    assert f"log      {log.relative_to(told.repo)}" in said
    assert "\x1b" not in said


def test_json_holds_every_attempt_without_the_checks_output(told, capsys):
    told.start()
    told.fail_once("add-basket", {"src/b.py": "X = 1\n"}, "secret-output\n")
    told.retry("add-basket")
    told.complete("add-basket", {"src/b.py": "X = 2\n"})
    typed("show", "shop-1", "add-basket", "--json")
    said = json.loads(capsys.readouterr().out)
    assert (said["schema"], said["run_id"], said["phase"]["state"]) == (1, "shop-1", "complete")
    first, second = said["attempts"]
    assert (first["number"], first["outcome"], first["failure"]["kind"]) == (1, "failed", "checks_red")
    assert first["failure"]["evidence"] == "secret-output\n"
    assert first["checks"]["newly_failed"] == ["t::two"]
    assert "output" not in first["checks"]["steps"][0]
    assert (second["outcome"], second["commit"], second["decision"]["outcome"]) == ("complete", told.head, "land")
    assert [call["role"] for call in second["calls"]] == ["builder", "auditor"]


def test_one_word_is_a_phase_of_the_newest_run(told, capsys):
    assert typed("show", "add-model") == 0
    said = capsys.readouterr()
    assert "add-model  queued" in said.out
    assert said.err == "newest run: shop-1\n"


def test_words_that_are_nothing_are_told_with_the_nearest(told, capsys):
    assert typed("show", "add-modell") == 2
    assert "Did you mean 'add-model'?" in capsys.readouterr().err
    assert typed("show", "shop-1", "add-modell") == 2
    assert "run 'shop-1' has no phase 'add-modell'. Did you mean 'add-model'?" in capsys.readouterr().err
    assert typed("show", "shop-1") == 2
    assert "It has add-model, add-basket, add-checkout." in capsys.readouterr().err


def test_a_held_phase_says_why_and_what_a_person_can_do(told, capsys):
    told.start()
    told.hold_for_review("add-model", "The plan says gate: hold.")
    typed("show", "shop-1", "add-model", "--json")
    said = json.loads(capsys.readouterr().out)
    assert said["why"] == "The plan says gate: hold."
    assert said["next"] == [
        "autopack diff shop-1 add-model",
        "autopack approve shop-1 add-model",
        'autopack reject shop-1 add-model --note "..."',
    ]
    assert typed("approve", "shop-1", "add-model", "--note", "fine \x1b[2Jso") == 0
    capsys.readouterr()
    typed("show", "shop-1", "add-model")
    assert "approved by a person: fine so" in capsys.readouterr().out


def test_a_question_names_the_ways_to_answer_it(told, capsys):
    told.start()
    told.hold_with_question("add-model", "Which currency?")
    typed("show", "shop-1", "add-model")
    said = capsys.readouterr().out
    assert "? add-model  held (question)" in said
    assert "why      Which currency?" in said
    assert 'next     autopack retry shop-1 add-model --note "..."' in said


def test_a_skipped_phase_says_because_of_which(told, capsys):
    told.start()
    told.skip("add-basket", because="add-model")
    told.end(RunEvent.FAIL, 1)
    typed("show", "shop-1", "add-basket")
    said = capsys.readouterr().out
    assert "skipped  because of add-model" in said
    assert "next     autopack show shop-1 add-model" in said
