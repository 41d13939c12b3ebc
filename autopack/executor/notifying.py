"""Tells the user's own command how a run stands, when its state is one the configuration names."""

import json
from dataclasses import replace

from autopack.checks.environment import build_environment
from autopack.checks.notify import notify
from autopack.core.events import EventName, run_event
from autopack.core.states import RunState
from autopack.core.visible import escaped
from autopack.executor.command_place import surroundings_of
from autopack.executor.workbench import Workbench


def notify_of(bench: Workbench, state: RunState) -> None:
    """Its failure is an event and nothing more."""
    settings = bench.settings.notify
    run = bench.state.runs.find(bench.run_id)
    if not settings.command or state.value not in settings.on or run is None:
        return
    phases = {row.phase_id: row.state for row in bench.state.phases.all()}
    record = {
        "schema": 1,
        "event": run_event(state),
        "run_id": bench.run_id,
        "state": state.value,
        "reason": run.reason,
        "message": run.message,
        "exit_code": run.exit_code,
        "repo": str(bench.repository.top),
        "branch": run.branch,
        "phases": phases,
    }
    told = escaped(bench.redactor.redact(json.dumps(record, ensure_ascii=False)))
    failure = notify(settings.command, told, build_environment(replace(surroundings_of(bench), home=None)))
    if failure is not None:
        bench.tell(EventName.NOTIFY_FAILED, message=failure)
