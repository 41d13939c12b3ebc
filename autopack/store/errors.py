"""Stores what went wrong, in the very transaction that fails; the files of a report are made from its row."""

from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, select

from autopack.core.error_report import ErrorReport
from autopack.store.database import Database
from autopack.store.learned_tables import ErrorRow
from autopack.store.tables import core_table

_TABLE: Final = core_table(ErrorRow)
_OF_RUN: Final = _TABLE.c.run_id == bindparam("of_run")
_HIGHEST: Final = select(func.coalesce(func.max(_TABLE.c.number), 0)).where(_OF_RUN)
_BEGINS: Final = func.substr(_TABLE.c.name, 1, func.length(bindparam("stem"))) == bindparam("stem")
_NAMED: Final = select(func.count()).select_from(_TABLE).where(_OF_RUN, _BEGINS)
_ADD: Final = insert(_TABLE)
_ALL: Final = select(_TABLE.c.report_json).where(_OF_RUN).order_by(_TABLE.c.number)


def add_error(connection: Connection, report: ErrorReport) -> ErrorReport:
    """The report as it is kept: with its number in the run, and a name that no other one of the run has."""
    run_id, stem = report.run_id or "", report.stem
    number = int(connection.execute(_HIGHEST, {"of_run": run_id}).scalar_one()) + 1
    earlier = connection.execute(_NAMED, {"of_run": run_id, "stem": stem}).scalar_one()
    kept = report.model_copy(update={"number": number, "name": f"{stem}-{earlier + 1}" if earlier else stem})
    row = {"run_id": run_id, "number": number, "name": kept.name, "report_json": kept.model_dump_json()}
    connection.execute(_ADD, row)
    return kept


def errors_of(database: Database, run_id: str) -> tuple[ErrorReport, ...]:
    """Those of a run, oldest first."""
    return tuple(ErrorReport.model_validate_json(row.report_json) for row in database.rows(_ALL, of_run=run_id))
