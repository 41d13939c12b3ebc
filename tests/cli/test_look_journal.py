import json

import pytest

from autopack.core.call import Role
from autopack.core.candidate import DerivedFile, DerivedFiles
from autopack.llm.calls.journal_file import ReplayJournal
from tests.support.cli import typed
from tests.support.repos import git

KEY = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(autouse=True)
def _own_configuration(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "a key of another shape")


def test_an_exported_journal_can_be_read_for_a_replay(told, capsys, tmp_path):
    told.start()
    told.complete("add-model", {"src/m.py": "X = 'ä'\n"})
    assert typed("journal", "export", "shop-1") == 0
    said = capsys.readouterr()
    assert said.err == ""
    header, *calls = [json.loads(line) for line in said.out.splitlines()]
    assert header["journal"] == 1
    assert header["plan_sha256"] == told.runs.plan("shop-1").sha256
    assert header["base_tree"] == git(told.repo, "rev-parse", f"{told.base}^{{tree}}").strip()
    assert [(call["phase"], call["attempt"], call["role"], call["ordinal"]) for call in calls] == [
        ("add-model", 1, "builder", 1),
        ("add-model", 1, "auditor", 1),
    ]
    file = tmp_path / "journal.jsonl"
    file.write_text(said.out, "utf-8")
    reply = ReplayJournal.read(file).call("add-model", 1, Role.BUILDER, 1)
    assert reply is not None
    assert "X = 'ä'" in json.loads(reply.reply.text)["files"][0]["content"]


def test_keys_are_redacted_by_shape_and_by_value(told, capsys):
    told.start()
    told.ask(told.begin("add-model"), "builder", f"{KEY} and a key of another shape")
    typed("journal", "export", "shop-1")
    said = capsys.readouterr().out
    assert KEY not in said
    assert "another shape" not in said
    assert said.count("⟦redacted:") == 2


def test_files_that_tools_made_travel_with_the_journal(told, capsys, tmp_path):
    told.start()
    key = told.begin("add-model")
    blob = git(told.repo, "hash-object", "-w", "src/a.py").strip()
    derived = DerivedFiles(files=(DerivedFile(path="lock", blob=blob), DerivedFile(path="old", blob=None)))
    told.phases.record_step(key, "derive", derived.model_dump_json(), None, None)
    file = tmp_path / "journal.jsonl"
    assert typed("journal", "export", "shop-1", "-o", file) == 0
    assert "autopack run --plan" in capsys.readouterr().err
    made = ReplayJournal.read(file).derived("add-model", 1)
    assert made is not None
    assert [(one.path, one.content, one.deleted) for one in made] == [("lock", b"A = 1\n", False), ("old", None, True)]


def test_a_file_that_cannot_be_written_is_said_and_leaves_nothing(told, capsys, tmp_path):
    assert typed("journal", "export", "shop-1", "-o", tmp_path) == 2
    assert "is a folder" in capsys.readouterr().err
    assert typed("journal", "export", "shop-1", "-o", tmp_path / "no" / "file") == 7
    assert "cannot be written" in capsys.readouterr().err
    assert not list(tmp_path.glob(".*part"))


def test_an_unknown_run_is_a_wrong_word(told, capsys):
    assert typed("journal", "export", "shop-9") == 2
    assert capsys.readouterr().out == ""
