import json

import pytest

from tests.support.cli import typed


def test_rows_are_by_phase_role_and_model_with_a_total_and_caps(told, capsys):
    told.start(max_usd=5.0, max_tokens=1_000_000)
    told.complete("add-model", {"src/m.py": "X = 1\n"})
    told.ask(told.begin("add-basket"), "builder", "{}")
    assert typed("usage", "shop-1") == 0
    head, *rows, total, empty, caps = capsys.readouterr().out.splitlines()
    assert head.split("  ")[0] == "PHASE"
    assert [row.split() for row in rows] == [
        ["add-model", "builder", "anthropic/sonnet-5", "sonnet-5-20260101", "1", "12,345", "678", "1,000", "0", "$0.0312"],
        ["add-model", "auditor", "anthropic/sonnet-5", "sonnet-5-20260101", "1", "12,345", "678", "1,000", "0", "$0.0100"],
        ["add-basket", "builder", "anthropic/sonnet-5", "sonnet-5-20260101", "1", "12,345", "678", "1,000", "0", "$0.0312"],
    ]
    assert total.split() == ["total", "3", "37,035", "2,034", "3,000", "0", "$0.0724"]
    assert empty == ""
    assert caps == "caps     $5.00 ($0.0724 spent), 1,000,000 tokens (42,069 spent)"


def test_an_unknown_price_is_unknown_in_row_and_total(told, capsys):
    told.start()
    key = told.begin("add-model")
    told.ask(key, "builder", "{}", usd=None)
    typed("usage", "shop-1")
    said = capsys.readouterr().out.splitlines()
    assert said[1].endswith("unknown")
    assert said[2].endswith("unknown")
    assert "the price of 1 of 1 calls" in said[4]
    told.ask(key, "builder", "{}", usd="0.5")
    typed("usage", "shop-1")
    said = capsys.readouterr().out.splitlines()
    assert said[1].endswith("$0.5000 + unknown")
    assert said[2].endswith("$0.5000 + unknown")


def test_json_holds_rows_total_and_budget(told, capsys):
    told.start(max_usd=5.0)
    key = told.begin("add-model")
    told.ask(key, "builder", "{}", usd=None)
    told.ask(key, "auditor", "{}", usd="0.25")
    typed("usage", "shop-1", "--json")
    said = json.loads(capsys.readouterr().out)
    assert (said["schema"], said["run_id"], said["unpriced_calls"]) == (1, "shop-1", 1)
    assert [(row["role"], row["usage"]["usd"], row["unpriced_calls"]) for row in said["rows"]] == [
        ("builder", None, 1),
        ("auditor", 0.25, 0),
    ]
    assert said["rows"][0]["requested_model"] == "anthropic/sonnet-5"
    assert said["total"]["usd"] == pytest.approx(0.25)
    assert said["budget"]["max_usd"] == 5.0
    assert said["budget"]["has_unknown_prices"] is True


def test_a_run_that_asked_nobody_used_nothing(told, capsys):
    assert typed("usage", "shop-1") == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["total", "0", "0", "0", "0", "0", "$0"]


def test_the_rows_of_a_phase_stand_together(told, capsys):
    told.start()
    first = told.begin("add-model")
    told.ask(first, "builder", "{}")
    told.ask(told.begin("add-basket"), "builder", "{}")
    told.ask(first, "auditor", "{}")
    typed("usage", "shop-1")
    rows = [line.split()[:2] for line in capsys.readouterr().out.splitlines()[1:4]]
    assert rows == [["add-model", "builder"], ["add-model", "auditor"], ["add-basket", "builder"]]
