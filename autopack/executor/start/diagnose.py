"""Asks a doctor about one phase because a person wants to know: ``autopack doctor ID PHASE``. The phase stays as it is."""

from autopack.core.clock import Clock
from autopack.core.errors import UsageError
from autopack.core.remedy import Consultation, Fix
from autopack.core.states import PhaseState
from autopack.executor.attempt.consult import consult_by_hand
from autopack.executor.lock import run_lock
from autopack.executor.options import RunOptions
from autopack.executor.project_state import ProjectState, judge_records, pinned_plan
from autopack.executor.start.make_context import Given, make_context
from autopack.executor.start.run_inputs import require_routes, run_inputs_of
from autopack.executor.start.start_run import let_go
from autopack.executor.stopping import StopFlag, signals_handled
from autopack.executor.watcher import Watcher
from autopack.store.phases import Phases

EXAMINED = frozenset({PhaseState.FAILED, PhaseState.HELD})


def diagnose(project: ProjectState, run_id: str, phase_id: str, clock: Clock, *, applies: bool) -> tuple[Consultation, Fix | None]:
    """The answer, and what its commands did where it asks for some and ``applies``. Counts against the phase's calls and the run's caps.

    Raises:
        UsageError: the phase has not failed and does not wait, or nothing has failed in it.
    """
    state = Phases(project.database, project.events, run_id, clock.now).get(phase_id).state
    if state not in EXAMINED:
        raise UsageError(f"phase '{phase_id}' is {state}; a doctor looks at one that has failed or is held.")
    row = project.run(run_id)
    plan = pinned_plan(project, row)
    inputs = run_inputs_of(project, plan)
    require_routes(inputs, plan, None)
    judge_records(project.records, run_id)
    watcher = Watcher(lambda _: None, lambda _: None, lambda _: None)
    stop = StopFlag(lambda: False, watcher)
    options = RunOptions(repo=project.repository.top, run_id=run_id, creates=False)
    with run_lock(project.locks, run_id), signals_handled(stop):
        ctx = make_context(project, row, Given(plan, options, inputs, clock, watcher), stop)
        try:
            return consult_by_hand(ctx, plan.phase(phase_id), applies=applies)
        finally:
            ctx.models.llm.close()
            ctx.models.vector_maker.close()
            let_go(ctx.awake, ctx.state.owners)
