"""Every body that a command prints too is the same, byte for byte."""

from autopack.core.error_report import Component, ErrorReport
from autopack.store.errors import add_error
from tests.support.cli import typed

PAIRS = {
    "/runs": ("runs",),
    "/runs?state=held&text=SHOP&limit=1": ("runs", "--state", "held", "--text", "SHOP", "--limit", "1"),
    "/runs/shop-1": ("status", "shop-1"),
    "/dashboard/runs/shop-1/status": ("status", "shop-1"),
    "/runs/shop-1/phases/add-model": ("show", "shop-1", "add-model"),
    "/runs/shop-1/phases/add-basket": ("show", "shop-1", "add-basket"),
    "/runs/shop-1/diff": ("diff", "shop-1"),
    "/runs/shop-1/diff?phase=add-basket": ("diff", "shop-1", "add-basket"),
    "/runs/shop-1/diff?phase=add-basket&attempt=1": ("diff", "shop-1", "add-basket", "--attempt", "1"),
    "/runs/shop-1/report": ("report", "shop-1"),
    "/runs/shop-1/errors": ("errors", "list", "shop-1"),
    "/runs/shop-1/errors/summary": ("errors", "summary", "shop-1"),
    "/dashboard/usage?period=month": ("usage", "--period", "month"),
    "/dashboard/usage?period=day&run=shop-1": ("usage", "shop-1", "--period", "day"),
    "/dashboard/models": ("models",),
}


def test_the_server_answers_with_what_the_command_prints(lived, get, capsysbinary):
    with lived.database.write() as session:
        add_error(session.connection(), an_error())
    for path, command in PAIRS.items():
        typed(*command, "--json")
        printed = capsysbinary.readouterr().out
        answered = get(path)
        assert (answered.status_code, answered.headers["content-type"]) == (200, "application/json"), path
        assert answered.content == printed, path
        assert printed.startswith(b'{"schema": 1, '), path


def an_error():
    return ErrorReport(
        time="2026-03-01T22:00:00Z", component=Component.CHECKS, error_type="ChecksRed", kind="checks_red", message="1 of 2 tests fails.", run_id="shop-1", phase="add-basket", attempt=1, versions={}
    )  # fmt: skip
