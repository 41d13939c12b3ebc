import json

import pytest

from autopack.core.error_report import ErrorReport
from autopack.reporting.error_files import KEPT, make_files, message_in, note_place, place_of, read_reports, write_outside
from tests.support.small_disk import fill, small_disk


def report(number=1, **keys):
    given = {"time": "2026-11-30T03:15:09Z", "component": "checks", "error_type": "ChecksRed", "kind": "checks_red", "message": "m"}
    found = ErrorReport.model_validate({**given, "versions": {}, "number": number, **keys})
    return found.model_copy(update={"name": found.stem if number == 1 else f"{found.stem}-{number}"})


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def test_what_is_missing_or_half_written_is_made_and_what_is_whole_stays(tmp_path):
    directory = tmp_path / ".autonomous_runs" / "r" / "errors"
    reports = [report(number) for number in (1, 2, 3)]
    make_files(directory, reports)
    assert (tmp_path / ".autonomous_runs" / ".gitignore").read_text() == "*\n"
    whole = {path.name: path.read_bytes() for path in directory.iterdir()}
    assert len(whole) == 6
    (directory / f"{reports[0].name}.json").write_text("{")
    (directory / f"{reports[1].name}.txt").unlink()
    kept = directory / f"{reports[2].name}.json"
    before = kept.stat().st_mtime_ns
    make_files(directory, reports)
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == whole
    assert kept.stat().st_mtime_ns == before


def test_the_files_of_older_reports_leave_and_those_of_others_stay(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    make_files(tmp_path, [report(number) for number in range(1, KEPT + 3)])
    assert len(names(tmp_path)) == 2 * KEPT + 1
    assert not (tmp_path / f"{report(1).name}.json").exists()
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_without_reports_no_folder_is_made(tmp_path):
    make_files(tmp_path / "errors", [])
    assert not (tmp_path / "errors").exists()


def test_reports_of_one_second_outside_of_runs_do_not_replace_each_other(tmp_path):
    first, second = write_outside(tmp_path, report()), write_outside(tmp_path, report(message="other"))
    assert [first.name, second.name] == ["20261130_031509_checks_ChecksRed.json", "20261130_031509_checks_ChecksRed-2.json"]
    assert [one.message for one in read_reports(tmp_path)] == ["m", "other"]
    (tmp_path / "20261130_031509_checks_Broken.json").write_text("{")
    assert len(read_reports(tmp_path)) == 2


def test_an_error_knows_where_its_report_lies(tmp_path):
    error = ValueError("m")
    assert place_of(error) is None
    path = write_outside(tmp_path, report())
    note_place(error, path)
    assert place_of(error) == path
    assert message_in(path) == "m"
    assert message_in(tmp_path / "nothing") == "its words stand in the report"


def test_where_nothing_can_be_written_there_is_no_report(tmp_path):
    (tmp_path / "file").touch()
    assert write_outside(tmp_path / "file" / "errors", report()) is None
    make_files(tmp_path / "file" / "errors", [report()])


@pytest.mark.parametrize("write", [write_outside, lambda directory, one: make_files(directory, [one])])
def test_a_full_disk_holds_no_half_of_a_report(tmp_path, write):
    with small_disk(tmp_path / "disk", megabytes=1) as disk:
        fill(disk / "filler", leave=8192)
        write(disk / "errors", report(request="a very long request " * 1000))
        assert names(disk / "errors") == []


def test_the_json_file_is_the_report(tmp_path):
    make_files(tmp_path, [report()])
    assert json.loads((tmp_path / f"{report().name}.json").read_text("utf-8")) == report().model_dump(mode="json")
