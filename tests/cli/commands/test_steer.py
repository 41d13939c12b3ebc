import pytest

from autopack.core.exit_code import ExitCode
from autopack.core.transitions import RunEvent
from tests.support.cli import typed


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_one_word_is_a_phase_of_the_newest_run_that_is_held_for_review(told, capsys, verb):
    told.start()
    told.hold_for_review("add-model", "The plan says gate: hold.")
    told.end(RunEvent.HOLD, ExitCode.HELD)
    assert typed(verb, "add-model", "--note", "so") == 0
    said = capsys.readouterr().err
    assert said.startswith("newest run: shop-1\nphase 'add-model' is ")
    assert said.endswith("next: autopack resume shop-1\n")


@pytest.mark.parametrize("words", [("retry", "add-model", "--note", "euro"), ("skip", "add-model", "--note", "later")])
def test_one_word_is_a_phase_of_the_newest_run_that_waits_for_an_answer(told, capsys, words):
    told.start()
    told.hold_with_question("add-model", "Which currency?")
    told.end(RunEvent.HOLD, ExitCode.HELD)
    assert typed(*words) == 0
    assert capsys.readouterr().err.startswith("newest run: shop-1\n")


@pytest.mark.parametrize("verb", ["approve", "reject", "retry", "show"])
def test_a_run_alone_is_asked_for_its_phase(told, capsys, verb):
    assert typed(verb, "shop-1") == 2
    said = capsys.readouterr().err
    assert "which phase of 'shop-1'? It has add-model, add-basket, add-checkout." in said
    assert f"next: autopack {verb} shop-1 PHASE" in said


def test_commands_that_are_about_a_run_mean_the_newest(told, capsys):
    told.start()
    told.complete("add-model", {"src/m.py": "X = 1\n"})
    told.complete("add-basket", {"src/b.py": "X = 1\n"})
    told.end(RunEvent.INTERRUPT, 130)
    for words in (("stop",), ("journal", "export"), ("rollback", "--to", "add-model")):
        assert typed(*words) == 0, words
        assert "newest run: shop-1\n" in capsys.readouterr().err


def test_what_leads_on_says_the_folder_where_it_is_another(told, capsys, tmp_path, monkeypatch):
    told.start()
    told.complete("add-model", {"src/m.py": "X = 1\n"})
    monkeypatch.chdir(tmp_path)
    folder = f"'{told.repo}'"
    assert typed("show", "add-model", "--repo", told.repo) == 0
    assert f"next     autopack diff shop-1 add-model --repo {folder}\n" in capsys.readouterr().out
    assert typed("approve", "add-model", "--repo", told.repo) == 2
    assert capsys.readouterr().err.endswith(f"next: autopack show shop-1 add-model --repo {folder}\n")
