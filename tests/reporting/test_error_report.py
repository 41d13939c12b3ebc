import json

from autopack.core.redaction import Redactor
from autopack.reporting.error_report import Circumstances, report_of, write_error_report
from tests.support.small_disk import fill, small_disk

CANARY = "canary-key-0123456789"
NOON = 1_700_000_000.0


def broken(run_id, size, api_key):
    is_ready, text, path = True, "some words", f"a/{CANARY}.py"
    raise ValueError(f"no {CANARY} for {size} {text[:0]}{api_key[:0]}{path[:0]}{is_ready and ''}")


def written(directory, **more):
    try:
        broken("run-1", 42, CANARY)
    except ValueError as error:
        return error, write_error_report(error, Circumstances(directory, **more), Redactor([CANARY]), NOON)


def test_a_report_is_json_and_text_named_by_time_component_and_type(tmp_path):
    directory = tmp_path / ".autonomous_runs" / "run-1" / "errors"
    error, path = written(directory, component="checks", run_id="run-1", phase="add", attempt=2, request=f"autopack run --x {CANARY}")
    assert path == directory / "20231114_221320_checks_ValueError.json"
    report = json.loads(path.read_text("utf-8"))
    assert (report["run_id"], report["phase"], report["attempt"], report["time"]) == ("run-1", "add", 2, "2023-11-14T22:13:20Z")
    assert set(report["versions"]) == {"autopack", "python", "platform"}
    assert "Traceback" in report["traceback"]
    assert "ValueError: no ⟦redacted:1⟧ for 42" in path.with_suffix(".txt").read_text("utf-8")
    assert report_of(error) == path
    assert (tmp_path / ".autonomous_runs" / ".gitignore").read_text() == "*\n"


def test_locals_are_shown_by_allow_list_and_keys_nowhere(tmp_path):
    _error, path = written(tmp_path, component="x")
    (frame,) = [frame for frame in json.loads(path.read_text("utf-8"))["frames"] if frame["function"] == "broken"]
    assert frame["locals"] == {"run_id": "run-1", "size": 42, "is_ready": True, "path": "a/⟦redacted:1⟧.py"}
    for file in tmp_path.iterdir():
        assert CANARY not in file.read_text("utf-8")


def test_two_errors_of_one_second_do_not_replace_each_other(tmp_path):
    first, second = written(tmp_path, component="x")[1], written(tmp_path, component="x")[1]
    assert [first.name, second.name] == ["20231114_221320_x_ValueError.json", "20231114_221320_x_ValueError-2.json"]


def test_the_component_is_the_room_that_raised(tmp_path):
    from autopack.settings.yaml_text import resolve

    try:
        resolve(5)
    except TypeError as error:
        path = write_error_report(error, Circumstances(tmp_path), Redactor(), NOON)
    assert path.name == "20231114_221320_settings_TypeError.json"
    assert json.loads(path.read_text("utf-8"))["frames"][-1]["file"] == "autopack/settings/yaml_text.py"


def test_where_nothing_can_be_written_there_is_no_report(tmp_path):
    (tmp_path / "file").touch()
    error, path = written(tmp_path / "file" / "errors")
    assert path is None
    assert report_of(error) is None


def test_a_deep_stack_makes_a_bounded_report(tmp_path):
    def deeper(number):
        return deeper(number + 1)

    try:
        deeper(0)
    except RecursionError as error:
        path = write_error_report(error, Circumstances(tmp_path), Redactor(), NOON)
    assert path.stat().st_size < 300_000
    assert len(json.loads(path.read_text("utf-8"))["frames"]) == 60


def test_a_full_disk_holds_no_half_of_a_report(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=1) as disk:
        fill(disk / "filler", leave=8192)
        _error, path = written(disk / "errors", component="x", request="a very long request " * 1000)
        assert path is None
        assert [file.name for file in (disk / "errors").iterdir()] == []


def test_an_errors_words_forge_no_row_of_its_report(tmp_path):
    error = ValueError("no\nphase: other\x1b[2J\u2028run: done")
    path = write_error_report(error, Circumstances(tmp_path, component="x", phase="add", request="a\nrun: b"), Redactor(), NOON)
    text = path.with_suffix(".txt").read_text("utf-8")
    assert [line for line in text.splitlines() if line.startswith(("phase: ", "run: "))] == ["phase: add"]
    for file in tmp_path.iterdir():
        assert not any(odd in file.read_text("utf-8") for odd in ("\x1b", "\u2028"))
    assert json.loads(path.read_text("utf-8"))["message"].startswith("no\nphase: other")
