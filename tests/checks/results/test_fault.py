import pytest

from autopack.checks.results.compare import Comparison
from autopack.checks.results.fault import SIGNS, fault_of, told_in
from autopack.core.checking import StepReport, StepStatus, TestResults
from autopack.core.failure import FAULTS
from tests.support.check_faults import SAMPLES

TOOLS = {"pytest", "unittest", "jest", "vitest", "go", "cargo", "tsc"}


@pytest.mark.parametrize(("fault", "tool", "line"), SAMPLES)
def test_each_sample_is_told_as_what_it_is(fault, tool, line):
    assert told_in([f"first line\n{line}\nlast line"]) == fault


def test_every_sign_has_a_sample():
    assert {(sign.fault, sign.tool) for sign in SIGNS} == {(fault, tool) for fault, tool, _ in SAMPLES}


def test_every_fault_is_known_for_every_tool_that_can_have_it():
    assert set(FAULTS) == {sign.fault for sign in SIGNS}
    known = {(sign.tool, sign.fault) for sign in SIGNS}
    assert {(tool, fault) for tool in TOOLS for fault in FAULTS} - known == {("tsc", "logic")}, "a compiler asserts nothing"


@pytest.mark.parametrize(
    ("output", "fault"),
    [
        ("ImportError while importing test module 'tests/test_a.py'.\nE   SyntaxError: invalid syntax", "syntax"),
        ("E   ModuleNotFoundError: No module named 'x'\nE   assert 1 == 2", "import"),
        ("E   AssertionError: ImportError was not raised", "logic"),
        ("the log says: ImportError: no such thing", None),
        ("src/a.ts(3,1): error TS2345: Argument of type 'string' is not assignable to parameter of type 'number'.", None),
        ("\x1b[31mE       assert 3 == 4\x1b[0m", "logic"),
        ("Segmentation fault", None),
        ("", None),
    ],
)
def test_the_first_of_the_table_counts_and_other_words_tell_nothing(output, fault):
    assert told_in([output]) == fault


def test_of_a_report_only_the_tests_that_fail_newly_are_asked_where_their_texts_are_there():
    details = (("old", "E   ModuleNotFoundError: No module named 'x'"), ("new", "E   assert 1 == 2"))
    results = TestResults(failed=("old", "new"), details=details)
    output = "E   SyntaxError: invalid syntax"
    report = StepReport(name="t", command="t", status=StepStatus.RED, exit_code=1, duration_s=0, output=output, results=results)
    assert fault_of(report, Comparison(newly_failed=("new",))) == "logic"
    assert fault_of(report, Comparison(newly_failed=("unknown",))) == "syntax"
