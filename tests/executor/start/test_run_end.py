import pytest

from autopack.core.errors import BudgetSpentError, LockedError, UsageError, UserError
from autopack.core.states import RunState
from autopack.core.transitions import RUN
from autopack.executor.start.run_end import ending_of_error
from autopack.store.next_commands import exit_code_of

BEFORE_A_RUN = {UsageError, LockedError}


@pytest.mark.parametrize("kind", [kind for kind in UserError.__subclasses__() if kind not in BEFORE_A_RUN])
def test_an_error_ends_a_start_with_its_own_exit_code_which_status_keeps(kind):
    error = kind("usd", "no") if kind is BudgetSpentError else kind("no")
    event, ending = ending_of_error(error)
    assert (ending.code, ending.message) == (error.exit_code, "no")
    assert exit_code_of(RUN[RunState.RUNNING, event], ending.code, ending.reason) == error.exit_code
