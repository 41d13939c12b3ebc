"""The checks of a candidate: run once, recorded red or green, and what is the machine's fault is not the attempt's."""

import pytest

from autopack.core.checking import CheckStatus
from autopack.core.errors import AttemptFailed, EnvironmentBlockedError
from autopack.core.failure import FailureKind
from autopack.executor.attempt.check_phase import check_phase
from tests.support.command import CHECK, phase_of
from tests.support.run_context import FIRST, opened

TWO = {"app.txt": "two\n"}


def checking(tmp_path, command="sh check.sh", setup="", **ci):
    """A run whose check also leaves a line in `ran`."""
    check = {"command": f"echo check >> {tmp_path}/ran; {command}", "tests": "none", "timeout_s": 30}
    steps = {"ci": {"steps": [check], "flaky": {"reruns": 0}, **ci}}
    more = {"workspace": {"setup": [{"command": setup, "again_when": ["app.txt"]}]}} if setup else {}
    return opened(tmp_path, phase_of("one", **steps), **more)


def ran(tmp_path):
    file = tmp_path / "ran"
    return len(file.read_text().splitlines()) if file.exists() else 0


def checked(run, step, candidate):
    return check_phase(run.site, run.phase(), step, FIRST, candidate)


def failure(run, step, candidate):
    with pytest.raises(AttemptFailed) as failed:
        checked(run, step, candidate)
    return failed.value


def test_a_green_check_takes_the_phase_to_its_audit_and_is_not_run_again(tmp_path):
    with checking(tmp_path) as run:
        step, candidate = run.candidate(TWO)
        report = checked(run, step, candidate)
        assert (report.status, run.state()) == (CheckStatus.GREEN, "auditing")
        assert checked(run, run.steps(step.key), candidate) == report
        assert ran(tmp_path) == 1


def test_what_is_checked_is_the_candidate_and_not_the_users_checkout(tmp_path):
    with checking(tmp_path, "grep -qx two app.txt") as run:
        assert (run.repo / "app.txt").read_text() == "one\n"
        assert checked(run, *run.candidate(TWO)).status is CheckStatus.GREEN


def test_a_red_check_is_recorded_with_its_evidence_and_a_resumed_attempt_fails_without_running_it(tmp_path):
    with checking(tmp_path, "echo app.txt is wrong; exit 1") as run:
        step, candidate = run.candidate(TWO)
        failed = failure(run, step, candidate)
        assert failed.kind is FailureKind.CHECKS_RED
        assert "app.txt is wrong" in failed.evidence
        assert run.state() == "checking"
        times = ran(tmp_path)
        again = failure(run, run.steps(step.key), candidate)
        assert (again.kind, again.message, again.evidence) == (failed.kind, failed.message, failed.evidence)
        assert ran(tmp_path) == times


def test_what_a_check_writes_is_told_and_is_in_no_commit(tmp_path):
    with checking(tmp_path, "echo x > left.txt; echo y >> app.txt") as run:
        step, candidate = run.candidate(TWO)
        report = checked(run, step, candidate)
        assert report.written == ("app.txt", "left.txt")
        assert [event.data["files"] for event in run.told if event.event == "check_wrote"] == [["app.txt", "left.txt"]]
        assert run.git("show", f"{candidate.commit}:app.txt") == "two"
        assert (run.site.slot.work_tree.place / "app.txt").read_text() == "two\n"
        assert not (run.site.slot.work_tree.place / "left.txt").exists()


def test_a_check_that_is_red_and_then_green_on_the_same_tree_is_told_as_flaky(tmp_path):
    command = f"test -e {tmp_path}/second || {{ touch {tmp_path}/second; exit 1; }}"
    with checking(tmp_path, command, flaky={"reruns": 1}) as run:
        assert checked(run, *run.candidate(TWO)).status is CheckStatus.GREEN
        assert [len(event.data["tests"]) for event in run.told if event.event == "flaky"] == [1]


def test_a_phase_that_the_plan_leaves_unchecked_runs_nothing(tmp_path):
    with opened(tmp_path, phase_of("one", ci={"skip": True, "reason": "no tests"})) as run:
        report = checked(run, *run.candidate(TWO))
        assert (report.status, report.steps, run.state()) == (CheckStatus.SKIPPED, (), "auditing")


def test_a_set_up_that_fails_on_the_candidate_alone_is_the_attempts_failure(tmp_path):
    with checking(tmp_path, setup="grep -qx one app.txt || { echo only one; exit 4; }") as run:
        failed = failure(run, *run.candidate(TWO))
        assert failed.kind is FailureKind.CHECKS_RED
        assert failed.message.startswith("workspace.setup: 'grep -qx one app.txt")
        assert failed.evidence == "only one"
        assert ran(tmp_path) == 0


def test_a_set_up_that_fails_on_the_parent_too_is_the_machines_failure_and_nothing_is_recorded(tmp_path):
    with checking(tmp_path, setup=f"test -e {tmp_path}/tool") as run:
        step, candidate = run.candidate(TWO)
        with pytest.raises(EnvironmentBlockedError, match=r"workspace\.setup: 'test -e .*' failed: exit code 1"):
            checked(run, step, candidate)
        assert "check" not in run.steps(step.key).results
        assert (run.state(), ran(tmp_path)) == ("checking", 0)
        (tmp_path / "tool").touch()
        assert checked(run, run.steps(step.key), candidate).status is CheckStatus.GREEN


def test_a_green_check_that_owes_its_green_to_an_edited_check_fails_the_attempt(tmp_path):
    files = {"app.txt": "one\n", "tests/run.sh": "grep -qx one app.txt\n"}
    with opened(tmp_path, phase_of("one", "app.txt", "tests/", ci={**CHECK, "command": "sh tests/run.sh"}), files=files) as run:
        step, candidate = run.candidate({"app.txt": "two\n", "tests/run.sh": "true\n"})
        failed = failure(run, step, candidate)
        assert failed.kind is FailureKind.TESTS_WEAKENED
        assert "tests/run.sh" in failed.message + failed.evidence
