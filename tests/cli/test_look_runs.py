import json

from autopack.core.transitions import RunEvent
from autopack.executor.lock import run_lock
from tests.support.cli import autopack, typed
from tests.support.told_run import ToldRun, told_repo


def test_runs_are_listed_newest_first_with_what_they_cost(told, capsys):
    told.start()
    told.complete("add-model", {"src/m.py": "X = 1\n"})
    told.end(RunEvent.STOP, 5, "usd")
    ToldRun(told.repo, "shop-2", at=told.at).create().database.close()
    assert typed("runs") == 0
    head, second, first = capsys.readouterr().out.splitlines()
    assert head.split() == ["RUN", "STATE", "PHASES", "COST", "STARTED", "ENDED", "WHY", "BRANCH"]
    assert second.split()[1:5] == ["shop-2", "interrupted", "0/3", "$0"]
    assert first.split()[1:5] == ["shop-1", "stopped", "1/3", "$0.0412"]
    assert first.endswith("autopack/shop-1")
    assert "  usd  " in first


def test_json_lists_the_same(told, capsys):
    told.start()
    told.ask(told.begin("add-model"), "builder", "{}", usd=None)
    with run_lock(told.repo / ".git/autopack/locks", "shop-1"):
        typed("runs", "--json")
    said = json.loads(capsys.readouterr().out)
    assert said["schema"] == 1
    (run,) = said["runs"]
    assert (run["run_id"], run["state"], run["phases_done"], run["phases_total"]) == ("shop-1", "running", 0, 3)
    assert (run["spent_usd"], run["has_unknown_prices"]) == (0.0, True)


def test_no_run_yet_is_no_error_and_no_data(told, tmp_path, capsys):
    fresh = told_repo(tmp_path / "fresh", is_empty=True)
    fresh.database.close()
    assert typed("runs", "--repo", fresh.repo) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "no run" in said.err
    assert typed("status", "--repo", fresh.repo) == 2
    assert "next: autopack run" in capsys.readouterr().err


def test_outside_a_repository_every_looking_command_ends_with_7(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for words in (["runs"], ["status"], ["show", "x"], ["logs"], ["diff"], ["usage"], ["stop", "x"], ["journal", "export", "x"]):
        assert typed(*words) == 7, words
        assert "not in a git repository" in capsys.readouterr().err


def test_head_of_the_list_is_quiet(told):
    done = autopack("runs", cwd=told.repo)
    assert (done.returncode, done.stderr) == (0, "")
