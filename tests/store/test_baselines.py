from autopack.core.checking import StepReport, StepStatus, TestResults
from autopack.store.baselines import Baselines

REPORT = StepReport(
    name="1", command="pytest", status=StepStatus.RED, exit_code=1, duration_s=0.5, output="ż\n", results=TestResults(failed=("t::a",))
)


def test_a_report_is_found_by_tree_command_and_environment_alone(kept):
    baselines = Baselines(kept.database, lambda: 1.0)
    baselines.put("tree", "command", "environment", REPORT)
    assert baselines.get("tree", "command", "environment") == REPORT
    for key in (("x", "command", "environment"), ("tree", "x", "environment"), ("tree", "command", "x")):
        assert baselines.get(*key) is None


def test_the_last_report_of_a_tree_holds(kept):
    baselines = Baselines(kept.database, lambda: 1.0)
    baselines.put("tree", "command", "environment", REPORT)
    green = REPORT.model_copy(update={"status": StepStatus.GREEN, "results": None})
    baselines.put("tree", "command", "environment", green)
    assert baselines.get("tree", "command", "environment") == green
