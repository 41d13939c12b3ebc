"""Takes away what runs that are over have left and nobody needs: work trees, logs or whole records, journals and refs of what is merged.

Never a branch nor a figure of the state, and nothing of a run that may go on, waits for a person, or has work that no other branch holds.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from autopack.core.states import RunState
from autopack.docs_archive.archives import has_archive
from autopack.executor.lock import is_alive, run_lock
from autopack.executor.project_state import ARCHIVED, ProjectState
from autopack.executor.steer.garbage import Collecting, Garbage, Kept
from autopack.executor.steer.let_go_journals import Journals
from autopack.executor.steer.packing import archive_name, pack, packed_before
from autopack.settings.own_files import hide_from_git, make_own_folder
from autopack.store.let_go import SPARE_BYTES, spare_bytes
from autopack.store.tables import RunRow
from autopack.worktree.disk_trouble import disk_trouble
from autopack.worktree.own_refs import delete_refs
from autopack.worktree.registration import unregister
from autopack.worktree.removing import finish_removing, remove_tree

OVER: Final = frozenset({RunState.COMPLETE, RunState.FAILED, RunState.ROLLED_BACK})


class Collected(NamedTuple):
    """What was taken away, or would be; which runs keep something, and why; whether the state database is as long as before."""

    garbage: tuple[Garbage, ...]
    kept: tuple[Kept, ...]
    is_database_long: bool = False


def collect_garbage(asked: Collecting) -> Collected:
    """Raises EnvironmentBlockedError where the disk refuses; given again it goes on."""
    garbage: list[Garbage] = []
    kept: list[Kept] = []
    journals = Journals(asked)
    rows = asked.project.runs.newest_first()
    crowding = _crowding(asked, journals, rows)
    for row in rows:
        why = _why_kept(asked, row, crowding)
        if why is not None:
            kept.append(Kept(run_id=row.run_id, why=why))
            continue
        if asked.is_dry:
            garbage += _of_run(asked, journals, row, kept)
            continue
        with run_lock(asked.project.locks, row.run_id):
            garbage += _of_run(asked, journals, row, kept)
    garbage += journals.of_no_run()
    return Collected(tuple(garbage), tuple(kept), is_database_long=not asked.is_dry and not _give_back(asked.project, rows))


def _give_back(project: ProjectState, rows: tuple[RunRow, ...]) -> bool:
    """Whether the database is as short as it may be. While a process works on a run, nobody holds up its writing."""
    if spare_bytes(project.database) <= SPARE_BYTES:
        return True
    if any(is_alive(project.locks, row.run_id) for row in rows):
        return False
    project.database.give_back()
    return True


def _crowding(asked: Collecting, journals: Journals, rows: tuple[RunRow, ...]) -> frozenset[str]:
    """Runs that ended lately and are to go all the same, the oldest first, until what is left is no more than was asked for."""
    if asked.max_bytes is None:
        return frozenset()
    sizes = {row.run_id: _takeable(asked, journals, row) for row in rows}
    left = sum(sizes[row.run_id] for row in rows if _why_kept(asked, row, frozenset()) is not None)
    chosen: list[str] = []
    for row in reversed(rows):
        if left <= asked.max_bytes:
            break
        if row.state in OVER and row.ended_at is not None and row.ended_at > asked.before and sizes[row.run_id]:
            chosen.append(row.run_id)
            left -= sizes[row.run_id]
    return frozenset(chosen)


def _takeable(asked: Collecting, journals: Journals, row: RunRow) -> int:
    """Bytes of the run's work trees, of its records or their logs, and of its journal where that may go."""
    records = asked.project.records / row.run_id
    places = (asked.folder_of(row.run_id), records if asked.archives else records / "ci")
    of_places = sum(_size(place) for place in places if place.is_dir() and not place.is_symlink())
    return of_places + (journals.size(row, is_merged=_is_merged(asked.project, row)) if row.state in OVER else 0)


def _why_kept(asked: Collecting, row: RunRow, crowding: frozenset[str]) -> str | None:
    if is_alive(asked.project.locks, row.run_id):
        return "a process works on it"
    if row.state not in OVER:
        return f"it is {row.state} and can go on"
    if row.run_id not in crowding and (row.ended_at is None or row.ended_at > asked.before):
        return "it ended lately"
    return None


def _of_run(asked: Collecting, journals: Journals, row: RunRow, kept: list[Kept]) -> Iterator[Garbage]:
    if not asked.is_dry:
        _finish(asked, row)
    yield from _work_trees(asked, row)
    is_merged = _is_merged(asked.project, row)
    stays = {
        "its refs": None if is_merged else f"no other branch holds the head of {row.branch}",
        "its journal": journals.why_kept(row, is_merged=is_merged),
    }
    if stays["its journal"] is None:
        yield from journals.of_run(row)
    yield from _records(asked, row)
    if is_merged:
        yield from _refs(asked, row)
    for why in dict.fromkeys(filter(None, stays.values())):
        things = [thing for thing, because in stays.items() if because == why]
        kept.append(Kept(run_id=row.run_id, why=f"{why}, so {' and '.join(things)} {'stays' if things == ['its journal'] else 'stay'}"))


def _finish(asked: Collecting, row: RunRow) -> None:
    """What a gc that was killed had begun to take away."""
    records = asked.project.records / row.run_id
    for place in (asked.folder_of(row.run_id), records, records / "ci"):
        with disk_trouble(place):
            finish_removing(place)


def _work_trees(asked: Collecting, row: RunRow) -> Iterator[Garbage]:
    folder = asked.folder_of(row.run_id)
    if not folder.is_dir() or folder.is_symlink():
        return
    yield Garbage(run_id=row.run_id, kind="work tree", path=str(folder), size=_size(folder))
    if not asked.is_dry:
        for place in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
            unregister(asked.project.repository, place)
        with disk_trouble(folder):
            remove_tree(folder)


def _records(asked: Collecting, row: RunRow) -> Iterator[Garbage]:
    """Whole records go into an archive; without one, only the logs of checks go."""
    folder = asked.project.records / row.run_id
    if folder.is_symlink() or not folder.is_dir() or has_archive(asked.project.records, row.run_id):
        return
    if asked.archives:
        archives = asked.project.records / ARCHIVED
        archive = archives / archive_name(row.run_id, ".tar")
        yield Garbage(run_id=row.run_id, kind="records", path=str(folder), size=_size(folder), archive=str(archive))
        if not asked.is_dry:
            with disk_trouble(archive):
                hide_from_git(asked.project.records)
                os.close(make_own_folder(archives))
                pack(folder, archive, packed_before(archives, row.run_id, ".tar"))
                remove_tree(folder)
    elif (folder / "ci").is_dir() and not (folder / "ci").is_symlink():
        yield Garbage(run_id=row.run_id, kind="logs", path=str(folder / "ci"), size=_size(folder / "ci"))
        if not asked.is_dry:
            with disk_trouble(folder):
                remove_tree(folder / "ci")


def _refs(asked: Collecting, row: RunRow) -> Iterator[Garbage]:
    """Candidates and former heads, once what landed is on another branch."""
    git = asked.project.repository.git
    names = [name for name in git.line("for-each-ref", "--format=%(refname)", f"refs/autopack/{row.run_id}/").split("\n") if name]
    if not names:
        return
    yield Garbage(run_id=row.run_id, kind="refs", path=f"refs/autopack/{row.run_id}/", count=len(names))
    if not asked.is_dry:
        delete_refs(asked.project.repository, row.run_id, row.branch)


def _is_merged(project: ProjectState, row: RunRow) -> bool:
    """Whether another branch than the run's own holds its head, or nothing ever landed and nothing waits."""
    listed = project.repository.git.attempt(
        "for-each-ref", "--format=%(refname)", f"--contains={row.head_commit}", "refs/heads", "refs/remotes"
    )
    holders = {name for name in listed.stdout.decode("utf-8", "surrogateescape").split("\n") if name}
    return listed.exit_code == 0 and bool(holders - {f"refs/heads/{row.branch}"})


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
