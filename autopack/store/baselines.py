"""Stores a command's report on a tree by (tree, command, environment), so that the command runs there once."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import bindparam, insert, select

from autopack.core.checking import StepReport
from autopack.store.database import Database
from autopack.store.tables import BaselineRow, core_table

_TABLE: Final = core_table(BaselineRow)
_PUT: Final = insert(_TABLE).prefix_with("OR REPLACE")
_GET: Final = select(_TABLE.c.report_json).where(
    _TABLE.c.tree == bindparam("tree"),
    _TABLE.c.command_sha256 == bindparam("command"),
    _TABLE.c.environment_sha256 == bindparam("environment"),
)


class Baselines:
    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    def get(self, tree: str, command_sha256: str, environment_sha256: str) -> StepReport | None:
        found = self._database.rows(_GET, tree=tree, command=command_sha256, environment=environment_sha256)
        return StepReport.model_validate_json(found[0].report_json) if found else None

    def put(self, tree: str, command_sha256: str, environment_sha256: str, report: StepReport) -> None:
        values = {
            "tree": tree,
            "command_sha256": command_sha256,
            "environment_sha256": environment_sha256,
            "report_json": report.model_dump_json(),
            "at": self._now(),
        }
        with self._database.note() as session:
            session.connection().execute(_PUT, values)
