"""The pinned plans that were read last: reading one of many phases takes longer than all else that a page of a run needs."""

from typing import Final

from autopack.core.plan import Plan
from autopack.executor.project_state import ProjectState, plan_if_known
from autopack.store.tables import RunRow

MOST: Final = 4


class ReadPlans:
    """What a revision of a run's plan says never changes."""

    def __init__(self) -> None:
        self._plans: dict[tuple[str, int, str, str], Plan | None] = {}

    def of(self, project: ProjectState, run: RunRow) -> Plan | None:
        """None where this version's rules do not take the plan."""
        pinned = project.runs.plan(run.run_id)
        key = (run.run_id, pinned.revision, pinned.sha256, pinned.given_json)
        if key not in self._plans:
            plan = plan_if_known(project, run)
            for oldest in tuple(self._plans)[: 1 - MOST]:
                self._plans.pop(oldest, None)
            self._plans[key] = plan
        return self._plans[key]
