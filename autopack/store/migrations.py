"""Upgrades older schemas: each step brings a database one version further, in one transaction. Steps and pragmas are SQL as text."""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection
from sqlmodel import SQLModel

from autopack.core.errors import EnvironmentBlockedError
from autopack.store import learned_tables, tables
from autopack.store.file_ownership import APPLICATION_ID

STEPS: Final[tuple[tuple[str, ...], ...]] = (
    (
        "ALTER TABLE run ADD COLUMN option_max_usd FLOAT",
        "ALTER TABLE run ADD COLUMN option_max_tokens INTEGER",
        "UPDATE run SET option_max_usd = max_usd, option_max_tokens = max_tokens",
        "ALTER TABLE run ADD COLUMN cap_by VARCHAR",
        "ALTER TABLE run ADD COLUMN is_replay_strict BOOLEAN NOT NULL DEFAULT 0",
    ),
    (
        "ALTER TABLE phase ADD COLUMN granted_scope VARCHAR NOT NULL DEFAULT '[]'",
        """UPDATE phase SET granted_scope = (
            SELECT json_group_array(entry.value)
            FROM attempt, json_each('[' || replace(json_quote(attempt.evidence), '\\n', '","') || ']') AS entry
            WHERE attempt.run_id = phase.run_id AND attempt.phase_id = phase.phase_id AND attempt.failure_kind = 'scope_granted'
        )""",
        """UPDATE phase SET state = 'queued' WHERE state = 'recovering' AND 'scope_granted' = (
            SELECT failure_kind FROM attempt
            WHERE attempt.run_id = phase.run_id AND attempt.phase_id = phase.phase_id ORDER BY number DESC LIMIT 1
        )""",
        "UPDATE attempt SET outcome = 'granted', evidence = NULL WHERE failure_kind = 'scope_granted'",
    ),
    (
        "ALTER TABLE phase ADD COLUMN held_reason VARCHAR",
        "ALTER TABLE phase ADD COLUMN held_message VARCHAR",
        "ALTER TABLE phase ADD COLUMN held_paths VARCHAR NOT NULL DEFAULT '[]'",
        """UPDATE phase SET held_message = coalesce(
            (SELECT json_extract(data_json, '$.message') FROM event
            WHERE event.run_id = phase.run_id AND event.phase_id = phase.phase_id AND event = 'phase_held' ORDER BY id DESC LIMIT 1), '')
        WHERE state = 'held'""",
        """UPDATE phase SET (held_reason, held_paths) = (
            SELECT CASE
                WHEN phase.held = 'review' AND held_message LIKE '% Then approve: the phase is built, %' THEN 'checked_out'
                WHEN phase.held = 'review' AND last.only_auditor_against THEN 'auditor_against'
                WHEN phase.held = 'review' THEN 'gate'
                WHEN phase.failure_kind = 'conflict' THEN 'branch_rewritten'
                WHEN last.is_adopted THEN 'adopted_red'
                WHEN last.failure_kind = 'check_unusable' THEN 'check_unusable'
                ELSE 'builder_blocked' END,
            CASE WHEN last.failure_kind = 'builder_blocked' AND coalesce(last.evidence, '') != ''
                THEN '[' || replace(json_quote(last.evidence), '\\n', '","') || ']' ELSE '[]' END
            FROM (SELECT 1) LEFT JOIN attempt AS last ON last.run_id = phase.run_id AND last.phase_id = phase.phase_id
            ORDER BY last.number DESC LIMIT 1
        ) WHERE state = 'held'""",
        "ALTER TABLE phase DROP COLUMN held",
    ),
    (
        """CREATE TABLE memory (
            id INTEGER NOT NULL, project VARCHAR NOT NULL, collection VARCHAR NOT NULL, source VARCHAR NOT NULL, run_id VARCHAR NOT NULL,
            phase_id VARCHAR NOT NULL, blob VARCHAR NOT NULL, is_solved BOOLEAN NOT NULL, cue VARCHAR NOT NULL, text VARCHAR NOT NULL,
            at FLOAT NOT NULL, PRIMARY KEY (id), UNIQUE (project, collection, source)
        )""",
        "CREATE INDEX memory_by_phase ON memory (run_id, phase_id)",
    ),
    (
        """CREATE TABLE error (
            run_id VARCHAR NOT NULL REFERENCES run (run_id), number INTEGER NOT NULL, name VARCHAR NOT NULL, report_json VARCHAR NOT NULL,
            PRIMARY KEY (run_id, number)
        )""",
        """CREATE TABLE rule (
            id INTEGER NOT NULL, project VARCHAR NOT NULL, name VARCHAR NOT NULL, kind VARCHAR NOT NULL, category VARCHAR NOT NULL,
            paths_json VARCHAR NOT NULL, failure VARCHAR NOT NULL, text VARCHAR NOT NULL, origin VARCHAR NOT NULL, source VARCHAR NOT NULL,
            at FLOAT NOT NULL, PRIMARY KEY (id), UNIQUE (project, name)
        )""",
        """CREATE TABLE rule_note (
            id INTEGER NOT NULL, rule_id INTEGER NOT NULL REFERENCES rule (id), what VARCHAR NOT NULL, run_id VARCHAR NOT NULL,
            phase_id VARCHAR NOT NULL, attempt INTEGER NOT NULL, at FLOAT NOT NULL, PRIMARY KEY (id)
        )""",
        """CREATE TABLE flaky (
            id INTEGER NOT NULL, project VARCHAR NOT NULL, test VARCHAR NOT NULL, run_id VARCHAR NOT NULL, phase_id VARCHAR NOT NULL,
            attempt INTEGER NOT NULL, at FLOAT NOT NULL, PRIMARY KEY (id)
        )""",
        """ALTER TABLE "call" ADD COLUMN calls_json VARCHAR NOT NULL DEFAULT '[]'""",
        "ALTER TABLE run ADD COLUMN health_since FLOAT NOT NULL DEFAULT 0",
        "ALTER TABLE plan ADD COLUMN given_json VARCHAR NOT NULL DEFAULT '{}'",
        "ALTER TABLE run ADD COLUMN wait_began FLOAT",
        "ALTER TABLE run ADD COLUMN option_max_hours FLOAT",
        """ALTER TABLE "call" ADD COLUMN retry_at FLOAT""",
        """CREATE TABLE memory_vector (
            memory_id INTEGER NOT NULL, model VARCHAR NOT NULL, vector BLOB NOT NULL,
            PRIMARY KEY (memory_id), FOREIGN KEY(memory_id) REFERENCES memory (id) ON DELETE CASCADE
        )""",
        """ALTER TABLE "call" ADD COLUMN estimated_tokens INTEGER NOT NULL DEFAULT 0""",
        "ALTER TABLE run ADD COLUMN characters_per_token FLOAT NOT NULL DEFAULT 4",
        "CREATE TABLE live (run_id VARCHAR NOT NULL REFERENCES run (run_id), live_json VARCHAR NOT NULL, PRIMARY KEY (run_id))",
        """CREATE TABLE digest ("key" VARCHAR NOT NULL, data BLOB NOT NULL, PRIMARY KEY ("key"))""",
    ),
)
"""SQL statements that lead from version N to N + 1, beginning with version 1. Version 1 is the schema of the first release."""

CURRENT: Final = 1 + len(STEPS)


def migrate(connection: Connection, path: Path) -> None:
    """Makes a new schema or upgrades an older one; refuses a newer one with EnvironmentBlockedError."""
    if is_current(connection):
        return
    connection.rollback()
    connection = connection.execution_options(begin="BEGIN IMMEDIATE")
    version = _version(connection)
    if version > CURRENT:
        raise EnvironmentBlockedError(
            f"{path}: the state was written by a newer Autopack (schema {version}, this one knows {CURRENT}): upgrade it."
        )
    if version == 0:
        # Set again with the tables: the journal of a dead start may just have rolled the file, mark and all, back to nothing.
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        SQLModel.metadata.create_all(connection, tables=[SQLModel.metadata.tables[str(row.__tablename__)] for row in ALL], checkfirst=False)
    else:
        for statement in (statement for step in STEPS[version - 1 :] for statement in step):
            connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"PRAGMA user_version = {CURRENT}")
    connection.commit()


ALL: Final = (
    tables.RunRow,
    tables.PlanRow,
    tables.OwnerRow,
    tables.LiveRow,
    tables.ChildRow,
    tables.PhaseRow,
    tables.AttemptRow,
    tables.HintRow,
    tables.StepRow,
    tables.CallRow,
    tables.EventRow,
    tables.BaselineRow,
    learned_tables.MemoryRow,
    learned_tables.MemoryVectorRow,
    learned_tables.DigestRow,
    learned_tables.ErrorRow,
    learned_tables.RuleRow,
    learned_tables.RuleNoteRow,
    learned_tables.FlakyRow,
)


def is_current(connection: Connection) -> bool:
    return _version(connection) == CURRENT


def _version(connection: Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
