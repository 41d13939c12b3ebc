"""What a trial's folder holds, in a form in which two trials can be compared: files, processes, rows, the server's ledger."""

import hashlib
import json
import os
import re
import shutil
import signal
import sqlite3
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

REFUSED: Final = 429
"""Nothing was sold."""
_OURS: Final = re.compile(r"\.git/(objects/|autopack/|worktrees(/|$)|(logs/)?refs/(heads/)?autopack(/|$))|\.autonomous_runs(/|$)")
_REPORT: Final = r"/errors/?$|/errors/\d{8}_\d{6}_[a-z]+_[A-Za-z]+(-\d+)?\.(json|txt)$"
_ANY: Final = re.compile(rf"-(wal|shm)$|/objects/|^tmp/([a-z0-9_]{{8}})?$|{_REPORT}")
"""What may be there or not: SQLite's own, git's loose objects, the file with which Python tries out a folder for temporary files, and
reports of errors, which are named by when they happened; ``missing_reports`` looks after those.
"""


def snapshot(repo: Path) -> dict[str, str]:
    """Everything in a repository that is not a run's own: path to its mode and a digest of its bytes."""
    return {path: _digest(repo / path) for path in _files(repo) if not _OURS.match(path)}


def litter(folder: Path, run: str) -> set[str]:
    """The paths of all files and empty directories of a trial, with what differs from trial to trial taken out."""
    found = (re.sub(r"/autopack/[0-9a-f]{12}/", "/autopack/ID/", path.replace(run, "RUN")) for path in (*_files(folder), *_empty(folder)))
    return {path for path in found if not _ANY.search(path)}


def missing_reports(state: Path, records: Path) -> list[str]:
    """The files that the rows of a trial's error reports tell of and that are not there."""
    with closing(sqlite3.connect(state)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM error")]
    return [name for name in names for ending in (".json", ".txt") if not any(records.glob(f"*/errors/{name}{ending}"))]


def tagged(folder: Path) -> list[tuple[int, str]]:
    """Living processes of a trial, by a variable of their environment or by where they stand: neither a session nor a parent tells."""
    numbered = (process for process in Path("/proc").iterdir() if process.name.isdigit() and int(process.name) != os.getpid())
    return [(int(process.name), _words(process)) for process in numbered if _is_of(process, folder)]


def running(folder: Path, starter: int | None) -> list[tuple[int, str]]:
    """The same, and whatever became a child of ``starter``, however well it hid its environment."""
    marked = tagged(folder)
    below = _below(starter) if starter is not None else ()
    hidden = [pid for pid in below if not _is_dead(pid) and pid not in dict(marked)]
    return [*marked, *((pid, f"without a mark: {_words(Path(f'/proc/{pid}'))}") for pid in hidden)]


def bound_ports(pids: Sequence[int]) -> list[int]:
    """The TCP ports that these processes listen on."""
    held = set()
    for pid in pids:
        with suppress(OSError):
            held |= {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text("ascii").splitlines()[1:]]
    return sorted({int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in held})


def end_all(folder: Path) -> None:
    while left := tagged(folder):
        for pid, _ in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@contextmanager
def database(repo: Path) -> Iterator[sqlite3.Connection | None]:
    """A copy of the state: opening the original could mend what a crash left in it. None where there is none yet."""
    original = repo / ".git/autopack/autopack.db"
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / original.name
        for ending in ("", "-wal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{original}{ending}", f"{copy}{ending}")
        if not copy.exists():
            yield None
            return
        with closing(sqlite3.connect(copy)) as connection:
            connection.row_factory = sqlite3.Row
            yield connection


def replies(repo: Path) -> dict[int, str]:
    """Every reply that was committed: row id to a digest of its bytes."""
    with database(repo) as connection:
        if connection is None or not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'call'").fetchone():
            return {}
        rows = connection.execute("SELECT id, reply_json, text FROM call WHERE state = 'replied'").fetchall()
        return {row["id"]: hashlib.sha256(row["reply_json"] + (row["text"] or "").encode()).hexdigest() for row in rows}


class Ledger:
    """What the scripted server sold, by run: read from its log as it grows."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._read = 0
        self._sold: dict[str, list[dict[str, Any]]] = {}
        self._one = threading.Lock()

    def of(self, run: str) -> list[Mapping[str, Any]]:
        with self._one, self._log.open("rb") as file:
            file.seek(self._read)
            data = file.read()
            whole = data[: data.rfind(b"\n") + 1]
            self._read += len(whole)
            for line in whole.splitlines():
                record = json.loads(line)
                if record["kind"] == "gen" and record["status"] != REFUSED:
                    self._sold.setdefault(record["headers"].get("x-autopack-run", ""), []).append(record)
            return list(self._sold.get(run, ()))


def _below(pid: int) -> Iterator[int]:
    """The descendants of a process."""
    with suppress(OSError):
        for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()):
            yield child
            yield from _below(child)


def _is_dead(pid: int) -> bool:
    try:
        return b") Z " in Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return True


def _words(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:  # it has ended meanwhile
        return ""


def _is_of(process: Path, folder: Path) -> bool:
    try:
        if b") Z " in (process / "stat").read_bytes():
            return False
        mark = b"SWEEP_TAG=" + os.fsencode(folder)
        is_marked = mark in (process / "environ").read_bytes().split(b"\0")
        return is_marked or f"{(process / 'cwd').readlink()}/".startswith(f"{folder}/")
    except OSError:
        return False


def _files(root: Path) -> list[str]:
    found = ((Path(folder) / name).relative_to(root) for folder, _, names in os.walk(root) for name in names)
    return sorted(str(path) for path in found)


def _empty(root: Path) -> list[str]:
    return [f"{Path(folder).relative_to(root)}/" for folder, folders, names in os.walk(root) if not folders and not names]


def _digest(path: Path) -> str:
    data = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
    return f"{path.lstat().st_mode:o} {hashlib.sha256(data).hexdigest()}"
