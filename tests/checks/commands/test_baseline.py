import pytest

from autopack.checks.commands.baseline import Baselines, baseline_key
from autopack.core.checking import StepReport, StepStatus
from autopack.core.plan import Checks, CheckStep, Results

STEP, CHECKS, ENVIRONMENT = CheckStep(command="pytest"), Checks(), {"PATH": "/bin"}


def _report(status):
    return StepReport(name="x", command="x", status=status, exit_code=1, duration_s=0, output="")


@pytest.mark.parametrize(
    "other",
    [
        baseline_key("t2", STEP, CHECKS, ENVIRONMENT),
        baseline_key("t", CheckStep(command=("pytest",)), CHECKS, ENVIRONMENT),
        baseline_key("t", STEP, Checks(cwd="sub"), ENVIRONMENT),
        baseline_key("t", CheckStep(command="pytest", tests="none"), CHECKS, ENVIRONMENT),
        baseline_key("t", CheckStep(command="pytest", results=Results(format="tap")), CHECKS, ENVIRONMENT),
        baseline_key("t", STEP, CHECKS, {"PATH": "/bin", "MODE": "x"}),
    ],
)
def test_whatever_can_change_the_result_changes_the_key(other):
    assert other != baseline_key("t", STEP, CHECKS, ENVIRONMENT)


def test_names_limits_and_the_phase_do_not():
    same = baseline_key("t", CheckStep(command="pytest", name="unit", timeout_s=5), CHECKS, {**ENVIRONMENT, "AUTOPACK_PHASE": "b"})
    assert same == baseline_key("t", STEP, CHECKS, ENVIRONMENT)


@pytest.mark.parametrize(
    ("status", "kept"),
    [
        (StepStatus.GREEN, True),
        (StepStatus.RED, True),
        (StepStatus.NO_TESTS, True),
        (StepStatus.TIMEOUT, False),
        (StepStatus.NOT_STARTED, False),
    ],
)
def test_bad_luck_is_not_remembered(status, kept):
    store = {}
    known = Baselines(store.get, store.__setitem__, ENVIRONMENT)
    known.put("t", STEP, CHECKS, _report(status))
    assert (known.get("t", STEP, CHECKS) is not None) is kept
