from decimal import Decimal

import pytest

from autopack.core.budget import Caps, Ceiling
from autopack.core.call import Asking, Reply, Role, StopReason, Usage
from autopack.core.events import Event, EventName
from autopack.core.failure import FailureKind
from autopack.core.states import RunState
from autopack.core.transitions import PhaseEvent, RunEvent
from autopack.reporting.usage import usage_rows
from autopack.store.attempts import Failed
from autopack.store.call_records import NewCall
from autopack.store.calls import CallJournal
from autopack.store.costs import cost_lines
from autopack.store.owners import Owners
from autopack.store.queries import run_status, worked_seconds
from autopack.store.steps import steps_of


def intend(kept, phase="one", role=Role.BUILDER, model="m-1"):
    journal = CallJournal(kept.database, lambda: kept.at)
    asking = Asking(run="r", phase=phase, attempt=1, role=role)
    return journal, journal.intend(NewCall(asking, 1, "corp", model, {}, "sha"), Ceiling(tokens=900, usd=Decimal("0.50")), Caps())


def bought(kept, usd="0.02", **where):
    journal, number = intend(kept, **where)
    usage = Usage(input_tokens=100, output_tokens=10, cache_read_tokens=5)
    journal.settle(
        number,
        Reply(
            text="t", stop=StopReason.END, usage=usage, provider="corp", requested_model="m-1", answering_model="m-1-2026",
            request_id="q", usd=Decimal(usd) if usd else None, received_at=1.0,
        ),
        {},
    )  # fmt: skip


def status(kept, *, is_alive=False):
    return run_status(kept.database, "r", is_alive=is_alive)


def test_a_run_that_says_running_without_a_living_owner_was_interrupted(kept):
    kept.start()
    Owners(kept.database, "r", lambda: 1.0).claim(11, 1.0, "boot")
    assert (status(kept, is_alive=True).state, status(kept, is_alive=True).owner.pid) == (RunState.RUNNING, 11)
    assert status(kept, is_alive=True).exit_code == 9
    dead = status(kept)
    assert (dead.state, dead.owner, dead.exit_code) == (RunState.INTERRUPTED, None, 143)
    assert dead.next == ("autopack resume r",)
    assert run_status(kept.database, "unknown", is_alive=False) is None


@pytest.mark.parametrize(
    ("event", "code"), [(RunEvent.FINISH, 0), (RunEvent.FAIL, 1), (RunEvent.HOLD, 4), (RunEvent.STOP, 5), (RunEvent.BLOCK, 6)]
)
def test_each_end_has_its_exit_code_and_a_next_command(kept, event, code):
    kept.start()
    kept.runs.move("r", event, exit_code=code)
    assert status(kept).exit_code == code
    assert status(kept).next


def test_usage_and_budget_are_counted_from_the_calls(kept):
    bought(kept)
    bought(kept, role=Role.AUDITOR)
    intend(kept, phase="two")
    found = status(kept)
    assert (found.usage.calls, found.usage.input_tokens, found.usage.usd) == (3, 200, pytest.approx(0.04))
    assert (found.budget.spent_usd, found.budget.reserved_usd, found.budget.spent_tokens) == (pytest.approx(0.04), 0.5, 230)
    assert not found.budget.has_unknown_prices


def test_a_price_that_nobody_knows_is_said_and_not_counted_as_nothing(kept):
    bought(kept, usd=None)
    assert status(kept).usage.usd is None
    assert status(kept).budget.has_unknown_prices
    with kept.database.read() as session:
        rows = usage_rows(cost_lines(session.connection(), "r"))
    assert [(row.phase, row.role, row.requested_model, row.answering_model, row.unpriced_calls) for row in rows] == [
        ("one", "builder", "corp/m-1", "m-1-2026", 1)
    ]


def test_a_phase_shows_its_failure_only_while_it_matters(kept):
    key = kept.begin()
    kept.fail(key, Failed(FailureKind.CHECKS_RED, "red"))
    kept.phases.move("one", PhaseEvent.GIVE_UP, 1)
    found = status(kept).phases
    assert (found[0].state, found[0].attempts, found[0].failure.kind) == ("failed", 1, "checks_red")
    assert (found[1].state, found[1].attempts, found[1].failure, found[1].checks) == ("queued", 0, None, None)


def test_steps_are_those_of_one_attempt(kept):
    key = kept.begin()
    kept.phases.record_step(key, "reply", '{"ordinal": 1}', PhaseEvent.REPLIED, None)
    assert steps_of(kept.database, "r", "one", 1) == {"reply": '{"ordinal": 1}'}
    assert steps_of(kept.database, "r", "one", 2) == {}


def test_worked_seconds_leave_out_the_time_between_the_starts(kept):
    for at, event in ((100, RunEvent.START), (160, RunEvent.STOP), (1000, RunEvent.START)):
        kept.at = at
        kept.runs.move("r", event)
    kept.events.tell(Event(run_id="r", event="note", time=1030.0))
    assert worked_seconds(kept.database, "r", now=1100) == 60 + 100
    kept.at = 1040
    kept.runs.move("r", RunEvent.HOLD)
    assert worked_seconds(kept.database, "r", now=9999) == 60 + 40
    kept.events.tell(Event(run_id="r", event="phase_integrating", time=5000.0))
    assert worked_seconds(kept.database, "r", now=9999) == 60 + 40, "what a person does after the end is no work of the run"


def test_worked_seconds_leave_out_what_the_machine_slept(kept):
    kept.at = 100
    kept.runs.move("r", RunEvent.START)
    kept.events.tell(Event(run_id="r", event=EventName.MACHINE_SLEPT, time=30_000.0, data={"seconds": 29_000.0}))
    assert worked_seconds(kept.database, "r", now=30_100) == 1_000
    kept.at = 30_200
    kept.runs.move("r", RunEvent.STOP)
    kept.events.tell(Event(run_id="r", event=EventName.MACHINE_SLEPT, time=30_200.0, data={"seconds": 50.0}))
    assert worked_seconds(kept.database, "r", now=99_999) == 1_050
