import pytest

from autopack.checks.commands.step import run_step
from autopack.checks.processes.command import Watch
from autopack.core.checking import StepStatus
from autopack.core.errors import StopRequested
from autopack.core.plan import CheckStep, Results
from autopack.core.redaction import Redactor
from tests.support.commands import place

GREEN, RED, NO_TESTS = StepStatus.GREEN, StepStatus.RED, StepStatus.NO_TESTS
JUNIT = Results(format="junit", path="r.xml")


def _write(case):
    return f"echo \"<testsuite name='s'>{case}</testsuite>\" > r.xml"


@pytest.fixture
def root(tmp_path):
    (tmp_path / "tree").mkdir()
    return tmp_path / "tree"


@pytest.mark.parametrize(
    ("step", "status"),
    [
        (CheckStep(command="true"), GREEN),
        (CheckStep(command="exit 3"), RED),
        (CheckStep(command="true", tests="required"), NO_TESTS),
        (CheckStep(command="pytst -q"), StepStatus.NOT_STARTED),
        (CheckStep(command="sleep 30", timeout_s=0.2), StepStatus.TIMEOUT),
        (CheckStep(command="sleep 30", idle_timeout_s=0.2), StepStatus.IDLE),
        (CheckStep(command="kill -9 $$"), RED),
        (CheckStep(command=_write("<testcase name='t'/>"), results=JUNIT), GREEN),
        (CheckStep(command=_write("<testcase name='t'/>") + "; exit 1", results=JUNIT), RED),
        (CheckStep(command=_write("<testcase name='t'><failure/></testcase>"), results=JUNIT), RED),
        (CheckStep(command=_write("<testcase name='t'><skipped/></testcase>"), results=JUNIT), NO_TESTS),
        (CheckStep(command=_write("<testcase name='t'><skipped/></testcase>"), results=JUNIT, tests="none"), GREEN),
        (CheckStep(command="echo '<testsuite><testcase name=\"t\"/>' > r.xml", results=JUNIT), RED),
        (CheckStep(command="true", results=JUNIT), RED),
        (CheckStep(command="printf '1..2\\nok 1\\n'", results=Results(format="tap")), RED),
        (CheckStep(command="printf '1..1\\nok 1\\n'", results=Results(format="tap")), GREEN),
    ],
)
def test_only_a_finished_green_command_with_tests_is_green(root, step, status):
    report = run_step(step, ".", place(root)).report
    assert report.status is status
    assert status is GREEN or report.detail or report.exit_code


@pytest.mark.parametrize(
    ("test", "status"),
    [
        ("def test_one(): pass", GREEN),
        ("def test_one(): assert 0", RED),
        ("x = 1", NO_TESTS),
        ("import pytest\n@pytest.mark.skip\ndef test_one(): pass", NO_TESTS),
        ("import nosuch", RED),
        ("import os\ndef test_one(): os._exit(0)", NO_TESTS),
    ],
)
def test_pytest_without_any_configuration(root, test, status):
    (root / "test_a.py").write_text(test)
    assert run_step(CheckStep(command="pytest -q"), ".", place(root)).report.status is status


def test_failures_swallowed_by_a_pipe_are_red(root):
    (root / "test_a.py").write_text("def test_one(): assert 0\n")
    report = run_step(CheckStep(command="pytest -q | cat"), ".", place(root)).report
    assert (report.exit_code, report.status) == (0, RED)
    assert "test_a.py::test_one" in report.detail


def test_a_pytest_that_cannot_be_asked_says_what_to_do(root):
    (root / "pytest.ini").write_text("[pytest]\naddopts = -p no:junitxml\n")
    (root / "test_a.py").write_text("def test_one(): pass\n")
    report = run_step(CheckStep(command="pytest -q"), ".", place(root)).report
    assert report.status in (RED, NO_TESTS)
    assert "tests: none" in report.detail
    assert run_step(CheckStep(command="pytest -q", tests="none"), ".", place(root)).report.status is GREEN


def test_the_tree_and_its_own_folder_are_where_a_command_thinks_they_are(root, tmp_path):
    (root / "sub").mkdir()
    line = 'pwd; touch "$AUTOPACK_OUT/x"; echo "$AUTOPACK_OUT"; echo $AUTOPACK_PHASE $AUTOPACK_RUN $CI'
    report = run_step(CheckStep(command=line), "sub", place(root)).report
    assert report.output == "sub\n$AUTOPACK_OUT\np1 run-1 true\n"
    assert list((tmp_path / "tree-out").iterdir()) == []
    assert sorted(path.name for path in root.iterdir()) == ["sub"]


@pytest.mark.parametrize("cwd", ["..", "../tree-out", "/usr", "link", "link/x", "missing", "file"])
def test_a_directory_outside_or_behind_a_link_is_not_entered(root, tmp_path, cwd):
    (tmp_path / "tree-out").mkdir()
    (root / "link").symlink_to(tmp_path)
    (root / "file").write_text("")
    report = run_step(CheckStep(command="touch ran"), cwd, place(root)).report
    assert report.status is StepStatus.NOT_STARTED
    assert cwd in report.detail
    assert not list(tmp_path.rglob("ran"))


def test_values_handed_through_are_redacted_in_output_log_and_ids(root, tmp_path):
    secret = "swordfish-1234"
    log = tmp_path / "ci" / "p1-1.log"
    here = place(root, env={"TOKEN": secret}, redact=Redactor([secret]).redact, log=log)
    (root / "test_a.py").write_text(
        "import os, pytest\n@pytest.mark.parametrize('v', [os.environ['TOKEN']])\ndef test_one(v): assert 0, v\n"
    )
    report = run_step(CheckStep(command="echo $TOKEN; pytest -q"), ".", here).report
    assert report.results.failed == ("test_a.py::test_one[⟦redacted:1⟧]",)
    assert secret not in report.model_dump_json()
    assert secret not in log.read_text()
    assert "⟦redacted:1⟧" in log.read_text()


def test_the_log_shows_command_limits_output_and_end(root, tmp_path):
    log = tmp_path / "p1-1.log"
    for step in (CheckStep(command="echo hello"), CheckStep(command=("false",), timeout_s=9)):
        run_step(step, ".", place(root, log=log, title="candidate abc"))
    text = log.read_text()
    assert "== candidate abc\n$ echo hello\n-- in ., /bin/sh -c, at most 1800 s\nhello\n-- exit code 0 after" in text
    assert "$ false\n-- in ., no shell, at most 9 s\n-- exit code 1 after" in text


def test_a_stop_in_the_middle_is_raised(root):
    with pytest.raises(StopRequested):
        run_step(CheckStep(command="sleep 60"), ".", place(root, watch=Watch(stop=lambda: True)))
