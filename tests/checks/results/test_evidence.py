import subprocess
import sys

import pytest

from autopack.checks.commands.step import run_step
from autopack.checks.results.compare import Comparison, compare
from autopack.checks.results.evidence import LIMIT, cut_tail, evidence, sentence
from autopack.core.checking import StepReport, StepStatus, TestResults
from autopack.core.plan import CheckStep
from tests.support.commands import place

TESTS = """
def test_old(): assert "old" == "broken"
def test_new():
    value = object()
    assert value == "expected", f"this is what broke {value}"
def test_fine(): pass
"""


def _report(output, *, results=None, code=1, status=StepStatus.RED, detail=""):
    return StepReport(
        name="unit", command="make test", status=status, exit_code=code, duration_s=1, output=output, detail=detail, results=results
    )


@pytest.fixture
def red(tmp_path):
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/test_a.py").write_text(TESTS)
    return run_step(CheckStep(command="pytest -q"), ".", place(tmp_path / "tree")).report


def test_a_new_failure_is_told_first_and_with_its_reason(red):
    parent = red.model_copy(
        update={"results": TestResults(passed=("test_a.py::test_new", "test_a.py::test_fine"), failed=("test_a.py::test_old",))}
    )
    comparison = compare(red, parent)
    told = evidence(red, comparison)
    assert "Failing now, not before your change (1):\n  test_a.py::test_new\n" in told
    assert "Failing before your change too (1):\n  test_a.py::test_old\n" in told
    assert "this is what broke" in told
    assert "assert value ==" in told
    assert '"broken"' not in told
    assert sentence(red, comparison) == "check 'pytest -q' is red: 1 test newly failing, e.g. test_a.py::test_new; 1 were red before."


def test_the_same_failure_is_told_in_the_same_words(red, tmp_path):
    again = run_step(CheckStep(command="pytest -q"), ".", place(tmp_path / "tree")).report
    assert again.output != red.output
    assert evidence(again, compare(again, None)) == evidence(red, compare(red, None))


def test_no_path_of_this_machine_is_told(red, tmp_path):
    assert str(tmp_path) not in evidence(red, compare(red, None))


def test_without_ids_the_first_errors_and_the_end_are_told():
    output = "compiling\nmain.c:3:5: error: 'x' undeclared\n" + "noise\n" * 4000 + "make: *** [all] Error 1\n"
    told = evidence(_report(output), Comparison())
    assert "main.c:3:5: error: 'x' undeclared" in told
    assert told.endswith("make: *** [all] Error 1")
    assert len(told) <= LIMIT


def test_a_short_output_is_told_whole():
    assert evidence(_report("one\ntwo\n"), Comparison()) == "$ make test\nended with exit code 1.\n\none\ntwo"


def test_the_failure_section_of_pytest_is_told_where_there_are_no_ids():
    output = (
        "=== test session starts ===\n"
        + "....\n" * 3000
        + "=== FAILURES ===\n___ test_x ___\nE   assert 0\n=== short test summary info ===\nFAILED a.py::test_x\n"
    )
    told = evidence(_report(output), Comparison())
    assert "session starts" not in told
    assert "E   assert 0" in told


def test_many_failures_stay_within_the_limit():
    tests = tuple(f"tests/test_{number}.py::" + "x" * 300 for number in range(3000))
    results = TestResults(failed=tests, details=tuple((test, "long text\n" * 900) for test in tests[:60]))
    report = _report("", results=results)
    told = evidence(report, compare(report, None))
    assert len(told) <= LIMIT
    assert "and 2975 more" in told
    assert "--- tests/test_0.py" in told


def test_a_limit_is_told_with_the_last_words():
    told = evidence(
        _report("waiting for port\n", status=StepStatus.TIMEOUT, code=None, detail="it did not end within 5 s and was ended."), Comparison()
    )
    assert told == "$ make test\ntimeout: it did not end within 5 s and was ended.\n\nwaiting for port"


def test_terminal_codes_are_not_told():
    results = TestResults(failed=("t",), details=(("t", "\x1b[31mred\x1b[0m"),))
    report = _report("", results=results)
    assert "\x1b" not in evidence(report, compare(report, None))


def test_a_tail_begins_with_a_line():
    assert cut_tail("aaaa\nbbbb\ncccc", 8) == "cccc"
    assert cut_tail("short", 100) == "short"
    assert cut_tail("x", 0) == ""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is on a process's processor time")
def test_a_line_of_one_very_long_word_is_judged_in_a_few_steps_a_character():
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_CPU, (30, 30));"
        "from autopack.checks.results.evidence import ERROR_LINE;"
        "print(ERROR_LINE.search('x' * 400_000), ERROR_LINE.search('x' * 400_000 + 'Error').end())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "None 400005\n"
