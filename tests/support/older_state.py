"""A run as version 1 of the state's schema left it: two phases, one of them landed, when the provider refused the key.

`lay_out(desk)` puts repository and state where a run of that time would have left them. `python -m tests.support.older_state` writes the
files anew; that is right only for as long as no release has written version 1.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from autopack.core.held import HELD
from tests.support.command import Desk, oracle_of, phase_of
from tests.support.repos import git
from tests.support.server import scripted_server

FOLDER: Final = Path(__file__).parent / "version_1"
STATE, HISTORY = FOLDER / "state.sql", FOLDER / "history.bundle"
CHANGES: Final = {"one": {"app.txt": "two\n"}, "two": {"app.txt": "three\n"}}
HOME: Final = "/home/ann"
"""What stands in the state instead of the folder in which it was made."""


def lay_out(desk: Desk) -> Path:
    """The database's path; the repository holds the run's branch and refs."""
    git(desk.repo, "fetch", "-q", str(HISTORY), "refs/heads/autopack/*:refs/heads/autopack/*", "refs/autopack/*:refs/autopack/*")
    path = desk.repo / ".git" / "autopack" / "autopack.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(STATE.read_text("utf-8"))
    return path


def as_version_3(path: Path) -> None:
    """Puts a state back: nothing was remembered, a held phase had a kind, and its reason stood in the log alone."""
    asks = " ".join(f"WHEN '{reason}' THEN '{rule.asks}'" for reason, rule in HELD.items())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("ALTER TABLE phase ADD COLUMN held VARCHAR")
        connection.execute(f"UPDATE phase SET held = CASE held_reason {asks} END")  # noqa: S608 - our own words
        for column in ("held_reason", "held_message", "held_paths"):
            connection.execute(f"ALTER TABLE phase DROP COLUMN {column}")
        connection.execute("ALTER TABLE plan DROP COLUMN given_json")
        for table in ("digest", "live", "memory_vector", "memory", "error", "rule_note", "rule", "flaky"):
            connection.execute(f"DROP TABLE {table}")
        for column in ("health_since", "wait_began", "option_max_hours", "characters_per_token"):
            connection.execute(f"ALTER TABLE run DROP COLUMN {column}")
        for column in ("calls_json", "retry_at", "estimated_tokens"):
            connection.execute(f'ALTER TABLE "call" DROP COLUMN {column}')
        for name in _memory_indexes(connection):
            connection.execute(f"DROP TABLE {name}")
        connection.execute("PRAGMA user_version = 3")


def _memory_indexes(connection: sqlite3.Connection) -> list[str]:
    """Views of an index before the index."""
    rows = connection.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%' ORDER BY name").fetchall()
    return [name for (name,) in rows]


def _write() -> None:
    with tempfile.TemporaryDirectory() as folder, scripted_server(oracle_of(CHANGES), faults=("3:status:status=401",)) as server:
        desk = Desk.make(Path(folder))
        desk.plan(phase_of("one"), phase_of("two"))
        assert desk.beside(server).autopack("run", "--run-id", "r").exit_code == 6
        FOLDER.mkdir(exist_ok=True)
        git(desk.repo, "bundle", "create", str(HISTORY), "--glob=refs/heads/autopack", "--glob=refs/autopack", "^main")
        with closing(sqlite3.connect(desk.repo / ".git" / "autopack" / "autopack.db")) as connection:
            text = "\n".join(_dump(connection))
        STATE.write_text(text.replace(folder, HOME) + "\n", "utf-8")


def _dump(connection: sqlite3.Connection) -> Iterator[str]:
    for name in ("application_id", "user_version"):
        yield f"PRAGMA {name} = {connection.execute(f'PRAGMA {name}').fetchone()[0]};"
    yield from connection.iterdump()


if __name__ == "__main__":
    _write()
