"""Keeps the journal of a run in a file of its own before it is let go, and reads it there: every reply, and what was asked for it."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final

from autopack.core.errors import EnvironmentBlockedError, UsageError
from autopack.core.visible import escaped
from autopack.executor.project_state import ARCHIVED, ProjectState
from autopack.executor.steer.packing import archive_name, pack_lines, packed_before
from autopack.llm.calls.journal_file import Exporting
from autopack.reporting.journal_lines import journal_lines, planner_lines
from autopack.settings.own_files import hide_from_git, make_own_folder
from autopack.store.compressed import read_plain
from autopack.store.let_go import calls_let_go
from autopack.worktree.disk_trouble import disk_trouble

_KIND: Final = ".journal.jsonl"


def archive_journal(project: ProjectState, asked: Exporting) -> None:
    """What an earlier archive of the run holds stays in it. Raises EnvironmentBlockedError where the disk refuses."""
    archive, before = archive_place(project, asked.run), archive_of(project, asked.run)
    with disk_trouble(archive):
        hide_from_git(project.records)
        os.close(make_own_folder(archive.parent))
        pack_lines(_once(chain(_now(project, asked), _read(before))), archive)
        if before not in (None, archive):
            before.unlink()


def archive_of(project: ProjectState, run_id: str) -> Path | None:
    """Where the run's journal was put, if it was."""
    return packed_before(project.records / ARCHIVED, run_id, _KIND)


def archive_place(project: ProjectState, run_id: str) -> Path:
    return project.records / ARCHIVED / archive_name(run_id, _KIND)


def exported_lines(project: ProjectState, asked: Exporting) -> Iterator[str]:
    """The whole journal, for a replay: from the archive too, where there is one.

    Raises:
        UsageError: it was let go, and no archive holds it.
    """
    archive = archive_of(project, asked.run)
    if calls_let_go(project.database, asked.run) and archive is None:
        raise UsageError(f"{let_go_sentence(project, asked.run)} There is nothing to replay.", next_command=f"autopack show {asked.run}")
    return _once(chain(_now(project, asked), map(_without_request, _read(archive))))


def let_go_sentence(project: ProjectState, run_id: str) -> str:
    """For whoever looks for what models were asked and answered."""
    archive = archive_of(project, run_id)
    where = f"{archive} holds it." if archive else "Figures, steps and events are all there."
    return f"What models were asked and answered in '{run_id}' was let go by `autopack gc`. {where}"


def _now(project: ProjectState, asked: Exporting) -> Iterator[str]:
    """As the state database has it."""
    if project.runs.find(asked.run) is None:
        return planner_lines(project.database, asked)
    return journal_lines(project.database, project.repository, project.status(asked.run), asked)


def _read(archive: Path | None) -> list[str]:
    """All but the header."""
    if archive is None:
        return []
    try:
        return read_plain(archive).decode().splitlines()[1:]
    except (OSError, UnicodeDecodeError) as error:
        raise EnvironmentBlockedError(f"{archive}: the archived journal cannot be read: {error}.") from error


def _once(lines: Iterable[str]) -> Iterator[str]:
    """A gc that died before it let go of what it had archived is given again."""
    told: set[bytes] = set()
    for line in lines:
        digest = hashlib.sha256(line.encode(errors="backslashreplace")).digest()
        if digest not in told:
            told.add(digest)
            yield line


def _without_request(line: str) -> str:
    said = json.loads(line)
    if "request" not in said:
        return line
    del said["request"]
    return escaped(json.dumps(said, ensure_ascii=False))
