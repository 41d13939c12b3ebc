"""How a start ends: what its phases came to, or what was raised, as state, exit code and reason; and the user is told."""

import json
import signal

import pytest

from autopack.core.errors import (
    BudgetSpentError,
    ChangedMeanwhileError,
    EnvironmentBlockedError,
    InvalidInputError,
    LockedError,
    ProviderBlockedError,
    StopRequested,
    UsageError,
    UserError,
)
from autopack.core.states import RunState
from autopack.core.transitions import RUN, PhaseEvent
from autopack.executor.attempt.land import land
from autopack.executor.start.run_end import ending_of_error, ending_of_phases, final_failure, notify_of
from autopack.store.next_commands import exit_code_of
from tests.support.command import phase_of
from tests.support.run_context import FIRST, opened

OUTSIDE_A_RUN = {UsageError, LockedError, ChangedMeanwhileError}
ENDINGS = [
    (InvalidInputError("no"), RunState.BLOCKED, 3, "configuration"),
    (UsageError("no"), RunState.BLOCKED, 3, "configuration"),
    (BudgetSpentError("usd", "no", "plan"), RunState.STOPPED, 5, "usd"),
    (BudgetSpentError("hours", "no"), RunState.STOPPED, 5, "hours"),
    (ProviderBlockedError("no"), RunState.BLOCKED, 6, "provider"),
    (EnvironmentBlockedError("no"), RunState.BLOCKED, 7, "environment"),
    (OSError(28, "No space left on device", "f"), RunState.BLOCKED, 7, "environment"),
    (PermissionError(13, "Permission denied", "f"), RunState.BLOCKED, 7, "environment"),
    (MemoryError(), RunState.BLOCKED, 7, "environment"),
    (RuntimeError("can't start new thread"), RunState.BLOCKED, 7, "environment"),
    (StopRequested(0), RunState.INTERRUPTED, 130, "stop"),
    (StopRequested(signal.SIGINT), RunState.INTERRUPTED, 130, "interrupted"),
    (StopRequested(signal.SIGTERM), RunState.INTERRUPTED, 143, "terminated"),
    (StopRequested(signal.SIGHUP), RunState.INTERRUPTED, 143, "terminated"),
    (StopRequested(signal.SIGPIPE), RunState.INTERRUPTED, 143, "terminated"),
    (FileNotFoundError(2, "No such file or directory", "f"), RunState.INTERRUPTED, 70, "defect"),
    (RuntimeError("what"), RunState.INTERRUPTED, 70, "defect"),
    (KeyError("what"), RunState.INTERRUPTED, 70, "defect"),
]


@pytest.mark.parametrize(("error", "state", "code", "reason"), ENDINGS, ids=str)
def test_each_error_ends_a_start_in_one_way_and_with_a_sentence(error, state, code, reason):
    event, ending = ending_of_error(error)
    assert (RUN[RunState.RUNNING, event], ending.code, ending.reason) == (state, code, reason)
    assert ending.message
    assert ending.cap_by == getattr(error, "cap_by", None)
    assert exit_code_of(state, ending.code, ending.reason) == code


@pytest.mark.parametrize("kind", [kind for kind in UserError.__subclasses__() if kind not in OUTSIDE_A_RUN])
def test_an_error_ends_a_start_with_its_own_exit_code_which_status_keeps(kind):
    error = kind("usd", "no") if kind is BudgetSpentError else kind("no")
    event, ending = ending_of_error(error)
    assert (ending.code, ending.message) == (error.exit_code, "no")
    assert exit_code_of(RUN[RunState.RUNNING, event], ending.code, ending.reason) == error.exit_code


def complete(run):
    step, candidate = run.gated({"app.txt": "two\n"})
    land(run.site, step, FIRST, candidate, tuple)


def ended(run):
    event, ending = ending_of_phases(run.site)
    return RUN[RunState.RUNNING, event], ending.code, ending.reason, ending.message


def test_a_run_whose_phases_have_all_landed_is_complete(run):
    complete(run)
    assert ended(run) == (RunState.COMPLETE, 0, None, None)


def test_what_waits_for_a_person_says_more_than_what_was_lost(tmp_path):
    with opened(tmp_path, phase_of("one"), phase_of("two")) as run:
        run.ctx.state.phases.move("two", PhaseEvent.SKIP)
        assert ended(run) == (RunState.FAILED, 1, "phases", "not complete: two.")
        run.asking()
        assert ended(run) == (RunState.HELD, 4, "held", "waits for a person: one.")


def test_a_branch_that_lost_what_had_landed_is_no_complete_run(run):
    complete(run)
    run.git("branch", "-f", "autopack/r", "main")
    with pytest.raises(EnvironmentBlockedError, match="no longer holds"):
        ending_of_phases(run.site)


def final(tmp_path, command):
    return opened(tmp_path, final={"steps": [{"command": command, "tests": "none"}]})


def test_final_checks_run_on_what_landed_and_a_red_one_fails_the_run(tmp_path):
    with final(tmp_path, "grep -qx one app.txt") as run:
        assert final_failure(run.site) is None
        complete(run)
        state, code, reason, message = ended(run)
        assert (state, code, reason) == (RunState.FAILED, 1, "final")
        assert message.startswith("the final checks are red: ")
        assert [event.data["status"] for event in run.told if event.event == "final_checks"] == ["green", "red"]


def test_without_a_branch_there_is_nothing_for_final_checks_to_run_on(tmp_path):
    with final(tmp_path, "true") as run:
        run.git("branch", "-D", "autopack/r")
        assert final_failure(run.site) == "the branch autopack/r is gone, so its final checks cannot run."


def notifying(tmp_path, command):
    words = json.dumps(["sh", "-c", command])
    return opened(tmp_path, env={"AUTOPACK_NOTIFY__COMMAND": words, "AUTOPACK_NOTIFY__ON": "[complete]"})


def test_the_users_command_is_told_once_how_the_run_stands(tmp_path):
    with notifying(tmp_path, f"cat >> {tmp_path}/told") as run:
        notify_of(run.site, RunState.HELD)
        notify_of(run.site, RunState.COMPLETE)
    told = json.loads((tmp_path / "told").read_text())
    assert (told["schema"], told["event"], told["run_id"], told["branch"], told["phases"]) == (
        1,
        "run_complete",
        "r",
        "autopack/r",
        {"one": "queued"},
    )


def test_a_users_command_that_fails_is_an_event_and_nothing_more(tmp_path):
    with notifying(tmp_path, "exit 3") as run:
        notify_of(run.site, RunState.COMPLETE)
        assert ["3" in message for message in run.messages("notify_failed")] == [True]
