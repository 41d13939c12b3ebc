import pytest

from autopack.checks.commands.status import status_of
from autopack.checks.commands.unstartable import Missing
from autopack.checks.processes.command import CommandEnd, EndKind
from autopack.checks.results.read import request
from autopack.checks.results.report_files import StepPlace
from autopack.core.checking import StepStatus, TestResults
from autopack.core.plan import CheckStep

STEP = CheckStep(command="pytest")


@pytest.fixture
def asked(tmp_path):
    return request(STEP, StepPlace(tmp_path, tmp_path, tmp_path), {})


@pytest.mark.parametrize("kind", [kind for kind in EndKind if kind is not EndKind.EXITED])
def test_nothing_but_an_exit_can_be_green(asked, kind):
    passed = TestResults(passed=("t",))
    status, detail = status_of(STEP, CommandEnd(kind, None, 1, detail="why."), asked, passed, None)
    assert status is not StepStatus.GREEN
    assert detail == "why."


@pytest.mark.parametrize("code", [1, 2, 5, 127, 255])
def test_no_other_exit_code_is_green(asked, code):
    status, _ = status_of(STEP, CommandEnd(EndKind.EXITED, code, 1), asked, TestResults(passed=("t",)), None)
    assert status is (StepStatus.NO_TESTS if code == 5 else StepStatus.RED)


def test_what_is_missing_wins(asked):
    gone = Missing("pytst", "'pytst' is not found.")
    assert status_of(STEP, CommandEnd(EndKind.EXITED, 127, 1), asked, None, gone) == (StepStatus.NOT_STARTED, gone.sentence)


def test_exit_code_five_of_another_runner_is_red(tmp_path):
    step = CheckStep(command="make")
    asked = request(step, StepPlace(tmp_path, tmp_path, tmp_path), {})
    assert asked.source.format is None
    assert status_of(step, CommandEnd(EndKind.EXITED, 5, 1), asked, None, None)[0] is StepStatus.RED
