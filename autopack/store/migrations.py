"""The schema's versions: each step brings a database one version further, in one transaction."""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection
from sqlmodel import SQLModel

from autopack.core.errors import EnvironmentBlockedError
from autopack.store import tables

APPLICATION_ID: Final = 0x41504B31
"""``APK1`` in SQLite's header: this file is ours."""

STEPS: Final[tuple[tuple[str, ...], ...]] = ()
"""SQL statements that lead from version N to N + 1, beginning with version 1. Version 1 is the schema of the first release."""

CURRENT: Final = 1 + len(STEPS)


def migrate(connection: Connection, path: Path) -> None:
    """Makes a new schema or upgrades an older one; refuses foreign and newer files."""
    if _version(connection) == CURRENT and _application_id(connection) == APPLICATION_ID:
        return
    connection.rollback()
    connection = connection.execution_options(begin="IMMEDIATE")
    version = _version(connection)
    if _application_id(connection) != APPLICATION_ID:
        _refuse_foreign(connection, path)
        SQLModel.metadata.create_all(connection, tables=[SQLModel.metadata.tables[str(row.__tablename__)] for row in ALL])
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    elif version > CURRENT:
        raise EnvironmentBlockedError(
            f"{path}: the state was written by a newer Autopack (schema {version}, this one knows {CURRENT}): upgrade it."
        )
    else:
        for statement in (statement for step in STEPS[version - 1 :] for statement in step):
            connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"PRAGMA user_version = {CURRENT}")
    connection.commit()


ALL: Final = (
    tables.RunRow,
    tables.PlanRow,
    tables.OwnerRow,
    tables.ChildRow,
    tables.PhaseRow,
    tables.AttemptRow,
    tables.StepRow,
    tables.CallRow,
    tables.EventRow,
    tables.BaselineRow,
)


def _version(connection: Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())


def _application_id(connection: Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA application_id").scalar_one())


def _refuse_foreign(connection: Connection, path: Path) -> None:
    names = (
        connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' LIMIT 3")
        .scalars()
        .all()
    )
    if names:
        raise EnvironmentBlockedError(
            f"{path}: this database belongs to another application (it has a table '{names[0]}'): "
            "point AUTOPACK_DATABASE_URL at a file of its own."
        )
