import pytest

from autopack.checks.commands.check import check_candidate
from autopack.core.checking import CheckStatus
from autopack.core.failure import FailureKind
from autopack.core.plan import Checks, CheckStep, Flaky, Results
from tests.support.commands import Trees

SUITE = CheckStep(
    name="unit",
    command=r"""echo run >> ../runs; [ -e ../tried ] && says=ok || says="not ok"; touch ../tried
    awk -v says="$says" '{sub(/^shaky/, says); print} /^not ok/ {bad = 1} END {print "1.." NR; exit bad}' suite""",
    results=Results(format="tap"),
)
"""A test runner of a few milliseconds: ``suite`` lists its tests, those that begin with ``shaky`` fail the first time."""
PYTEST = CheckStep(command="pytest -q -p no:cacheprovider")
GREEN, RED = CheckStatus.GREEN, CheckStatus.RED

FINE = "ok - fine\n"
OLD_RED = "ok - fine\nnot ok - old\n"


def checks(*steps, reruns=0, **changes):
    on_flaky = changes.pop("on_flaky", "accept")
    return Checks(steps=steps or (SUITE,), flaky=Flaky(reruns=reruns, on_flaky=on_flaky), **changes)


def check(trees, what, **changes):
    return check_candidate(trees.tree("candidate"), trees.tree("parent"), what, trees.site(**changes))


def runs(tmp_path):
    file = tmp_path / "runs"
    return len(file.read_text().split()) if file.exists() else 0


def trees(tmp_path, parent, candidate):
    return Trees(tmp_path, parent={"suite": parent}, candidate={"suite": candidate})


def test_a_green_candidate_never_visits_the_parent(tmp_path):
    here = trees(tmp_path, OLD_RED, FINE)
    report = check(here, checks())
    assert (report.status, report.failure, report.passed, report.failed) == (GREEN, None, 1, 0)
    assert here.entered == ["candidate"]


def test_a_red_candidate_is_told_what_is_new_and_what_was_red_before(tmp_path):
    here = trees(tmp_path, OLD_RED, OLD_RED + "not ok - new\n  ---\n  message: this is not that\n  ...\n")
    report = check(here, checks())
    assert (report.status, report.failure) == (RED, FailureKind.CHECKS_RED)
    assert (report.newly_failed, report.red_before) == (("new",), ("old",))
    assert "this is not that" in report.evidence
    assert here.entered == ["candidate", "parent"]


def test_what_is_known_of_the_parent_is_not_run_again(tmp_path):
    here = trees(tmp_path, OLD_RED, OLD_RED + "not ok - new\n")
    check(here, checks())
    check(here, checks())
    assert here.entered.count("parent") == 1


def test_the_next_phase_finds_its_baseline_in_the_last_ones_check(tmp_path):
    here = Trees(tmp_path, one={"suite": FINE}, two={"suite": "not ok - fine\n"})
    check_candidate(here.tree("one"), None, checks(), here.site())
    report = check_candidate(here.tree("two"), here.tree("one"), checks(), here.site())
    assert report.newly_failed == ("fine",)
    assert here.entered == ["one", "two"]


def test_strict_refuses_and_parent_forgives_the_same_failure(tmp_path):
    here = trees(tmp_path, OLD_RED, OLD_RED + "ok - new\n")
    assert check(here, checks()).status is RED
    forgiven = check(here, checks(baseline="parent"))
    assert (forgiven.status, forgiven.forgiven) == (GREEN, ("old",))


@pytest.mark.parametrize(
    "candidate",
    [
        "not ok - old\n",
        "ok - fine # SKIP\nnot ok - old\n",
        "not ok - fine\nnot ok - old\n",
        OLD_RED + "not ok - new\n",
        OLD_RED + "Bail out!\n",
    ],
)
def test_parent_forgives_nothing_that_hides_a_test(tmp_path, candidate):
    assert check(trees(tmp_path, OLD_RED, candidate), checks(baseline="parent")).status is RED


def test_after_a_forgiven_step_the_next_ones_run(tmp_path):
    here = trees(tmp_path, OLD_RED, OLD_RED)
    report = check(here, checks(SUITE, CheckStep(command="exit 4"), baseline="parent"))
    assert [step.exit_code for step in report.steps] == [1, 4]
    assert report.failure is FailureKind.CHECKS_RED


def test_ids_that_an_earlier_phase_added_red_are_never_forgiven(tmp_path):
    here = trees(tmp_path, OLD_RED, OLD_RED)
    report = check(here, checks(baseline="parent"), added_red=frozenset({"old"}))
    assert report.status is RED
    assert "earlier phase" in report.message


def test_a_test_that_passed_before_and_is_gone_is_named(tmp_path):
    here = trees(tmp_path, "ok - a\nok - b\n", "ok - a\n")
    check_candidate(here.tree("parent"), None, checks(), here.site())
    report = check(here, checks())
    assert (report.status, report.missing) == (GREEN, ("b",))


FLAKY = FINE + "shaky - shaky\n"


@pytest.mark.parametrize(
    ("on_flaky", "status", "failure", "holds"),
    [("accept", GREEN, None, False), ("hold", GREEN, None, True), ("fail", RED, FailureKind.FLAKY, False)],
)
def test_red_then_green_is_flaky(tmp_path, on_flaky, status, failure, holds):
    report = check(trees(tmp_path, FINE, FLAKY), checks(reruns=1, on_flaky=on_flaky))
    assert (report.status, report.failure, report.hold is not None) == (status, failure, holds)
    assert report.flaky == ("shaky",)
    assert runs(tmp_path) == 2


def test_without_reruns_a_flaky_test_is_red(tmp_path):
    assert check(trees(tmp_path, FINE, FLAKY), checks(reruns=0)).status is RED


def test_red_twice_is_red(tmp_path):
    report = check(trees(tmp_path, FINE, "not ok - fine\n"), checks(reruns=2))
    assert (report.status, report.flaky) == (RED, ())
    assert runs(tmp_path) == 4


def test_what_was_red_before_is_not_run_again(tmp_path):
    here = trees(tmp_path, OLD_RED, OLD_RED)
    check_candidate(here.tree("parent"), None, checks(), here.site())
    before = runs(tmp_path)
    check(here, checks(reruns=3))
    assert runs(tmp_path) == before + 1


def test_a_flaky_test_beside_a_forgiven_one(tmp_path):
    shaky = OLD_RED + "shaky - shaky\n"
    here = trees(tmp_path, OLD_RED, shaky)
    check_candidate(here.tree("parent"), None, checks(), here.site())
    (tmp_path / "tried").unlink()
    report = check(here, checks(reruns=1, baseline="parent"))
    assert (report.status, report.flaky, report.forgiven) == (GREEN, ("shaky",), ("old",))


def test_a_time_limit_is_red_and_the_parent_is_not_made_to_wait_for_it(tmp_path):
    here = trees(tmp_path, "", "")
    report = check(here, checks(CheckStep(command="sleep 30", timeout_s=0.2), reruns=3))
    assert report.failure is FailureKind.CHECK_TIMEOUT
    assert here.entered == ["candidate"]


def test_a_command_that_the_change_broke_is_the_changes_fault(tmp_path):
    here = Trees(tmp_path, parent={"check.sh": "exit 0"}, candidate={"other.sh": "exit 0"})
    report = check(here, checks(CheckStep(command="sh check.sh")))
    assert report.failure is FailureKind.CHECKS_RED
    assert "check.sh" in report.message


def test_a_command_that_is_not_there_at_all_is_the_machines_fault(tmp_path):
    report = check(trees(tmp_path, "", ""), checks(CheckStep(command="no-such-tool")))
    assert report.failure is FailureKind.ENVIRONMENT


def test_no_test_is_a_failure_of_its_own(tmp_path):
    assert check(trees(tmp_path, "", ""), checks()).failure is FailureKind.NO_TESTS


def test_a_parents_step_is_run_after_those_before_it(tmp_path):
    here = Trees(tmp_path, parent={"v": "1"}, candidate={"v": "2"})
    steps = CheckStep(command="cp v built", name="build"), CheckStep(command='test "$(cat built)" = 1', name="test")
    report = check(here, checks(*steps))
    assert report.status is RED
    parent = here.site().baselines.get("tree-of-parent", steps[1], checks(*steps))
    assert parent.exit_code == 0


def test_skipped_checks_run_nothing(tmp_path):
    here = trees(tmp_path, "", "")
    report = check(here, Checks(skip=True, reason="docs only"))
    assert (report.status, report.reason, here.entered) == (CheckStatus.SKIPPED, "docs only", [])


def test_what_a_check_wrote_is_reported(tmp_path):
    report = check(trees(tmp_path, "", FINE), checks(), written=lambda: ("snapshots/a.txt",))
    assert report.written == ("snapshots/a.txt",)


def test_final_checks_have_no_parent(tmp_path):
    here = trees(tmp_path, "", OLD_RED)
    report = check_candidate(here.tree("candidate"), None, checks(), here.site())
    assert (report.status, report.newly_failed) == (RED, ("old",))


def test_the_log_of_a_red_check_tells_both_runs(tmp_path):
    log = tmp_path / "p-1.log"
    here = trees(tmp_path, "", OLD_RED)
    check(here, checks(reruns=1), place={"log": log})
    assert log.read_text().count("$ ") >= 3
    assert "candidate candidate" in log.read_text()
    assert "candidate (again)" in log.read_text()
    assert "parent parent" in log.read_text()


@pytest.mark.parametrize(("suite", "wanted", "kept"), [(FINE, False, False), (FINE, True, True), (OLD_RED, False, True)])
def test_green_checks_leave_no_log_unless_asked(tmp_path, suite, wanted, kept):
    log = tmp_path / "p-1.log"
    check(trees(tmp_path, FINE, suite), checks(log_on_success=wanted), place={"log": log})
    assert log.exists() is kept


def test_the_first_red_step_ends_the_checks(tmp_path):
    here = trees(tmp_path, FINE, OLD_RED)
    report = check(here, checks(CheckStep(command="true"), SUITE, CheckStep(command="touch ran")))
    assert [step.status for step in report.steps] == ["green", "red"]
    assert not (here.root / "ran").exists()


NEW_RED = FINE + "not ok - wish\n"


def test_a_phase_of_new_failing_tests_is_done(tmp_path):
    report = check(trees(tmp_path, FINE, NEW_RED), checks(expect="red"))
    assert (report.status, report.added_red, report.newly_failed) == (GREEN, ("wish",), ())


@pytest.mark.parametrize(
    ("candidate", "says"),
    [
        (FINE, "no check has a new test"),
        (FINE + "ok - wish\n", "does not fail"),
        ("not ok - fine\nnot ok - wish\n", "passed before"),
        ("ok - other\nnot ok - wish\n", "'other' does not fail"),
        (NEW_RED + "Bail out!\n", "did not finish"),
    ],
)
def test_a_phase_without_the_right_red_is_not_done(tmp_path, candidate, says):
    report = check(trees(tmp_path, FINE, candidate), checks(expect="red"))
    assert (report.status, report.failure, report.added_red) == (RED, FailureKind.NOT_RED, ())
    assert says in report.message


def test_an_old_test_that_shakes_in_a_red_phase_is_run_again(tmp_path):
    here = trees(tmp_path, "ok - shaky\n", "shaky - shaky\nnot ok - wish\n")
    check_candidate(here.tree("parent"), None, checks(), here.site())
    (tmp_path / "tried").unlink()
    report = check(here, checks(expect="red", reruns=1))
    assert (report.status, report.added_red, report.flaky) == (GREEN, ("wish",), ("shaky",))


def test_a_linter_beside_the_red_tests_has_to_be_green(tmp_path):
    here = trees(tmp_path, FINE, NEW_RED)
    lint = CheckStep(command="true", name="lint")
    assert check(here, checks(SUITE, lint, expect="red")).status is GREEN
    assert check(here, checks(CheckStep(command="false"), SUITE, expect="red")).failure is FailureKind.CHECKS_RED


OLD = "def test_fine(): pass\ndef test_old(): assert 0\n"


def python_trees(tmp_path, parent, candidate):
    return Trees(tmp_path, parent={"test_a.py": parent}, candidate={"test_a.py": candidate})


def test_pytest_from_end_to_end(tmp_path):
    here = python_trees(tmp_path, OLD, OLD + "def test_new(): assert 'this' == 'that'\n")
    report = check(here, checks(PYTEST, baseline="parent"))
    assert (report.newly_failed, report.red_before) == (("test_a.py::test_new",), ("test_a.py::test_old",))
    assert "'test_a.py::test_new' did not fail on the parent" in report.message
    assert "AssertionError: assert 'this' == 'that'" in report.evidence
    forgiven = check(python_trees(tmp_path / "b", OLD, OLD + "def test_new(): pass\n"), checks(PYTEST, baseline="parent"))
    assert (forgiven.status, forgiven.forgiven) == (GREEN, ("test_a.py::test_old",))


@pytest.mark.parametrize("candidate", [OLD + "import nosuch\n", OLD + "def test_dies():\n    import os\n    os._exit(1)\n"])
def test_a_collection_error_and_a_crash_are_never_forgiven(tmp_path, candidate):
    assert check(python_trees(tmp_path, OLD, candidate), checks(PYTEST, baseline="parent")).status is RED


def test_new_failing_tests_of_pytest(tmp_path):
    fine = "def test_fine(): pass\n"
    wish = fine + "def test_wish():\n    from feature import wish\n    assert wish() == 1\n"
    assert check(python_trees(tmp_path, fine, wish), checks(PYTEST, expect="red")).added_red == ("test_a.py::test_wish",)
    at_import = check(python_trees(tmp_path / "b", fine, "from feature import wish\n" + wish), checks(PYTEST, expect="red"))
    assert at_import.failure is FailureKind.NOT_RED
    assert "collected" in at_import.message or "did not finish" in at_import.message
