from pathlib import Path

from autopack.reporting.log_files import LogOf, in_order, log_files


def test_names_tell_whose_log_it_is(tmp_path):
    folder = tmp_path / "ci"
    folder.mkdir()
    for name in ("setup.log", "a-b-0.log", "a-b-12.log", "a-b-12-derive.log", "final.log", "note.txt"):
        (folder / name).touch()
    assert {log: path.name for log, path in log_files(tmp_path).items()} == {
        LogOf(None, None, "setup"): "setup.log",
        LogOf("a-b", 0, "check"): "a-b-0.log",
        LogOf("a-b", 12, "check"): "a-b-12.log",
        LogOf("a-b", 12, "derive"): "a-b-12-derive.log",
        LogOf(None, None, "final"): "final.log",
    }


def test_a_run_without_records_has_no_logs():
    assert log_files(Path("/nowhere")) == {}


def test_the_order_is_that_of_the_plan():
    logs = [
        LogOf(None, None, "final"),
        LogOf("b", 2, "check"),
        LogOf("b", 2, "derive"),
        LogOf("b", 10, "check"),
        LogOf("z", 0, "check"),
        LogOf(None, None, "setup"),
    ]
    titles = [log.title for log in in_order(logs, ["z", "b"])]
    assert titles == [
        "setup",
        "z, on the base, before the first attempt",
        "b, attempt 2, derived files",
        "b, attempt 2",
        "b, attempt 10",
        "final",
    ]
