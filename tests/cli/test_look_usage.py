import json
from datetime import datetime

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


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("run", ["shop-1"]),
        ("project", ["shop"]),
        ("phase", ["add-model", "add-basket"]),
        ("role", ["builder", "auditor"]),
        ("model", ["sonnet-5-20260101"]),
    ],
)
def test_all_runs_are_summed_up_by_one_word(told, capsys, by, names):
    told.start()
    told.complete("add-model", {"src/m.py": "X = 1\n"})
    told.ask(told.begin("add-basket"), "builder", "{}", usd=None)
    assert typed("usage", "--by", by, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["by"], [row["name"] for row in said["rows"]]) == (by, names)
    assert sum(row["usage"]["calls"] for row in said["rows"]) == said["total"]["calls"] == 3
    assert said["unpriced_calls"] == sum(row["unpriced_calls"] for row in said["rows"]) == 1
    typed("usage", "--by", by)
    head, *rows, total = capsys.readouterr().out.splitlines()
    assert head.split()[0] == by.upper()
    assert [row.split()[0] for row in rows] == names
    assert total.startswith("total")
    assert total.endswith("$0.0412 + unknown")


def test_a_day_is_one_of_this_machine(told, capsys):
    told.start()
    told.ask(told.begin("add-model"), "builder", "{}")
    typed("usage", "shop-1", "--by", "day")
    day = datetime.fromtimestamp(told.at).astimezone().strftime("%Y-%m-%d")
    assert capsys.readouterr().out.splitlines()[1].split()[0] == day


@pytest.mark.parametrize(("word", "calls"), [("2000-01-01", 1), ("3000w", 1), ("2999-01-01", 0)])
def test_only_what_was_asked_since_counts(told, capsys, word, calls):
    told.start()
    told.ask(told.begin("add-model"), "builder", "{}")
    assert typed("usage", "--since", word, "--json") == 0
    assert json.loads(capsys.readouterr().out)["total"]["calls"] == calls
    typed("usage", "--since", word)
    said = capsys.readouterr()
    assert ("no call was made in that time." in said.err) == (calls == 0)


def test_a_time_that_is_none_is_refused(told, capsys):
    assert typed("usage", "--since", "tomorrow") == 2
    assert "--since tomorrow: give a date such as" in capsys.readouterr().err
