"""The plan that a run was started with, or took over since."""

from autopack.core.plan import Plan
from autopack.executor.place import Place
from autopack.planning.plan_file import PlanSource, load_plan
from autopack.store.tables import RunRow


def pinned_plan(place: Place, row: RunRow) -> Plan:
    return load_plan(PlanSource.pinned(row.plan_path, place.runs.plan(row.run_id).text), default_project=row.project)
