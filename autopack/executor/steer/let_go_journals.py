"""Chooses journals that nobody needs any more, and lets go of them: what models were asked and answered in work that is merged."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from autopack.core.states import PhaseState, RunState
from autopack.executor.lock import is_alive, run_lock
from autopack.executor.steer.archived_journal import archive_journal, archive_place
from autopack.executor.steer.garbage import Collecting, Garbage
from autopack.llm.calls.journal_file import Exporting
from autopack.store.let_go import Words, let_go, words_kept
from autopack.store.phase_rows import phases_of
from autopack.store.tables import RunRow
from autopack.worktree.landed import landed_on

_OF_NO_RUN: Final = "-"
"""Begins the ids under which only vectors were bought."""


@dataclass(frozen=True)
class Journals:
    """The journals of a repository, for one collection."""

    asked: Collecting

    @cached_property
    def words(self) -> dict[str, Words]:
        return {} if self.asked.keeps_journals else words_kept(self.asked.project.database)

    @cached_property
    def _landed(self) -> frozenset[tuple[str, str]]:
        """Run and phase of what the checkout's branch holds, also squashed or picked into commits of its own."""
        return frozenset((one.run, one.phase) for one in landed_on(self.asked.project.repository, "HEAD"))

    def size(self, row: RunRow, *, is_merged: bool) -> int:
        """Bytes that may go; 0 where something keeps them."""
        return self.words[row.run_id].size if row.run_id in self.words and self.why_kept(row, is_merged=is_merged) is None else 0

    def why_kept(self, row: RunRow, *, is_merged: bool) -> str | None:
        """Beyond what keeps all of a run. ``is_merged``: another branch holds the run's head."""
        if row.run_id not in self.words:
            return None
        if row.state != RunState.COMPLETE and self._has_branch(row):
            return f"it is {row.state.replace('_', ' ')}, and `retry` shows what was tried as long as {row.branch} is there"
        if not is_merged and not self._has_landed(row):
            return f"no other branch holds the head of {row.branch}"
        return None

    def of_run(self, row: RunRow) -> Iterator[Garbage]:
        """For the holder of the run's lock, after ``why_kept``."""
        if row.run_id in self.words:
            yield from self._let_go(row.run_id, archives=self.asked.archives)

    def of_no_run(self) -> Iterator[Garbage]:
        """Of plans that ``plan new`` made, and of vectors that were bought for a command."""
        project = self.asked.project
        runs = {row.run_id for row in project.runs.newest_first()}
        for other, words in self.words.items():
            if other in runs or words.last > self.asked.before or is_alive(project.locks, other):
                continue
            archives = self.asked.archives and not other.startswith(_OF_NO_RUN)
            if self.asked.is_dry:
                yield from self._let_go(other, archives=archives)
            else:
                with run_lock(project.locks, other):
                    yield from self._let_go(other, archives=archives)

    def _let_go(self, run_id: str, *, archives: bool) -> Iterator[Garbage]:
        project, words = self.asked.project, self.words[run_id]
        archive = str(archive_place(project, run_id)) if archives else None
        path = str(project.database.path)
        yield Garbage(run_id=run_id, kind="journal", path=path, size=words.size, count=words.calls, archive=archive)
        if not self.asked.is_dry:
            if archives:
                archive_journal(project, Exporting(run_id, self.asked.redactor_of(run_id), has_requests=True))
            let_go(project.database, run_id)

    def _has_branch(self, row: RunRow) -> bool:
        found = self.asked.project.repository.git.attempt("rev-parse", "--verify", "--quiet", f"refs/heads/{row.branch}")
        return found.exit_code == 0

    def _has_landed(self, row: RunRow) -> bool:
        """Whether the checkout's branch holds each phase that landed (squashed, rebased or picked), and nobody is on the run's own."""
        repository = self.asked.project.repository
        if repository.branch_checked_out_at(row.branch) is not None:
            return False
        complete = [phase for phase in phases_of(self.asked.project.database, row.run_id) if phase.state == PhaseState.COMPLETE]
        return bool(complete) and all(
            (row.run_id, phase.phase_id) in self._landed or (phase.commit is not None and repository.is_ancestor(phase.commit, "HEAD"))
            for phase in complete
        )
