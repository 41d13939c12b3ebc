"""Tests that ``expect: red`` phases of a run added: no parent's redness forgives them."""

from autopack.core.checking import CheckReport
from autopack.executor.workbench import Workbench
from autopack.store.queries import steps_of


def added_red(bench: Workbench) -> frozenset[str]:
    """The ids, from the recorded reports of the phases that have landed."""
    found: set[str] = set()
    for phase in bench.plan.phases:
        last = bench.state.phases.last_attempt(phase.id) if phase.ci.expect == "red" else None
        if last is None or last.outcome != "complete":
            continue
        for name, text in steps_of(bench.state.database, bench.run_id, phase.id, last.number).items():
            if name.startswith("check"):
                found.update(CheckReport.model_validate_json(text).added_red)
    return frozenset(found)
