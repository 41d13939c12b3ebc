"""What commands got for the pages of the dashboard: filters, pages, periods, a difference as JSON."""

import json

from tests.support.cli import typed
from tests.support.told_run import ToldRun


def test_runs_are_listed_in_pages_and_by_state(told, capsys):
    told.start()
    told.at += 100
    ToldRun(told.repo, "shop-2", at=told.at).create().database.close()
    assert typed("runs", "--limit", "1", "--json") == 0
    first = json.loads(capsys.readouterr().out)
    assert ([run["run_id"] for run in first["runs"]], first["next"]) == (["shop-2"], "shop-2")
    typed("runs", "--limit", "1")
    assert "older ones: --after shop-2" in capsys.readouterr().err
    typed("runs", "--after", first["next"], "--json")
    second = json.loads(capsys.readouterr().out)
    assert ([run["run_id"] for run in second["runs"]], second["next"]) == (["shop-1"], None)
    typed("runs", "--state", "held")
    assert "there is no such run in" in capsys.readouterr().err
    assert typed("runs", "--after", "shop-9") == 2
    assert "Did you mean 'shop-" in capsys.readouterr().err


def test_a_period_is_told_by_provider_and_model(told, capsys):
    told.start()
    told.at += 590
    told.ask(told.begin("add-model"), "builder", "{}", usd="0.5")
    assert typed("usage", "--period", "week", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["schema"], said["period"], said["run_id"]) == (1, "week", None)
    (provider,) = said["providers"]
    assert (provider["provider"], provider["total_tokens"], provider["cap_tokens"], provider["percent_of_cap"]) == (
        "anthropic",
        14_023,
        None,
        None,
    )
    typed("usage", "shop-1", "--period", "week")
    head, row, _, _, model = capsys.readouterr().out.splitlines()
    assert head.split() == ["PROVIDER", "IN", "OUT", "TOKENS", "USD", "QUOTA"]
    assert row.split() == ["anthropic", "13,345", "678", "14,023", "$0.5000", "none"]
    assert model.split()[0] == "anthropic/sonnet-5-20260101"
    assert typed("usage", "--period", "week", "--by", "run") == 2


def test_a_difference_as_json_names_commits_files_and_lines(told, capsys):
    told.start()
    told.complete("add-model", {"src/m.py": "KEY = 'sk-ant-0123456789012345678901234'\n"})
    assert typed("diff", "shop-1", "add-model", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["schema"], said["run_id"], said["phase"], said["attempt"], said["new"]) == (1, "shop-1", "add-model", None, told.head)
    assert said["files"] == [{"path": "src/m.py", "old_path": "src/m.py", "added": 1, "deleted": 0}]
    assert "+KEY = '⟦redacted:1⟧'" in said["diff"]
    assert typed("diff", "shop-1", "--stat", "--json") == 2


def test_a_phase_that_a_person_gave_another_builder_is_told_with_its_run(told, capsys):
    told.start()
    told.hold_with_question("add-basket", "which one?")
    assert typed("retry", "shop-1", "add-basket", "--model", "opus") == 0
    capsys.readouterr()
    assert typed("models", "--json") == 0
    assigned = json.loads(capsys.readouterr().out)["assigned"]
    (chosen,) = [one for one in assigned if one["scope"] != "global"]
    assert (chosen["role"], chosen["complexity"], chosen["model"], chosen["scope"]) == ("builder", "medium", "opus", "shop-1/add-basket")
    assert {one["role"] for one in assigned} == {"builder", "auditor", "doctor", "replanner"}
    typed("models")
    assert "shop-1/add-basket: builder opus" in capsys.readouterr().out
