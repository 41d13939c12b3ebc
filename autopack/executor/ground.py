"""What a phase's checks stand on: the work tree brought to a commit and set up, the cache of baselines."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from autopack.checks.baseline import BaselineKey, Baselines
from autopack.checks.check import Ground, Tree
from autopack.core.candidate import Candidate
from autopack.core.checking import StepReport
from autopack.core.errors import AttemptFailed
from autopack.core.plan import Checks
from autopack.core.scope import Scope
from autopack.executor.command_place import alone, environment_for, place_for
from autopack.executor.set_up import set_up
from autopack.executor.workbench import Workbench
from autopack.worktree.written import shown


class HeldTree:
    """The work tree while something is checked: which commit it stands on, and what commands wrote since."""

    def __init__(self, bench: Workbench, scope: tuple[str, ...] = (), candidate: Candidate | None = None) -> None:
        self._bench = bench
        self._scope = scope
        self._candidate = candidate
        self._commit = ""
        self._written: set[str] = set()
        self._removed: set[str] = set()

    @contextmanager
    def at(self, commit: str) -> Iterator[Path]:
        """Exactly the commit's files, the project set up for them, the scope's directories made."""
        self._commit = commit
        self._written, self._removed = set(), set()
        self._set_up(commit)
        self._bench.work_tree.prepare_directories(self._scope)
        yield self._bench.work_tree.place

    @contextmanager
    def fresh(self) -> Iterator[None]:
        """For one command: all is as set-up left it before, and after it again. Where it was broken off, the next one sees to that."""
        work_tree = self._bench.work_tree
        with alone(self._bench.scratch):
            work_tree.reset(self._commit)
            work_tree.prepare_directories(self._scope)
            yield
            self._written |= set(work_tree.settle())
            self._removed |= set(work_tree.removed)

    def _set_up(self, commit: str) -> None:
        """A candidate is to blame for a set-up that fails only where its parent can be set up.

        Raises:
            AttemptFailed: the candidate is.
            EnvironmentBlockedError: the machine is.
        """
        if self._candidate is None or commit != self._candidate.commit:
            set_up(self._bench, commit)
            return
        try:
            set_up(self._bench, commit, is_candidate=True)
        except AttemptFailed:
            set_up(self._bench, self._candidate.parent, again=True)
            raise

    def may_write(self, path: str) -> bool:
        return Scope(self._scope).allows(path)

    def written(self) -> tuple[str, ...]:
        return shown(sorted(self._written))

    def removed(self) -> tuple[str, ...]:
        return shown(sorted(self._removed))


def ground_for(bench: Workbench, name: str, checks: Checks, held: HeldTree, added_red: frozenset[str] = frozenset()) -> Ground:
    """``name`` is ``<phase>-<attempt>``: the log's; the phase is what commands are told."""
    phase = name.rpartition("-")[0] or name
    place = place_for(bench, name, environment_for(bench, phase, checks.env, checks.env_from), network=checks.network)
    place = replace(place, fresh=held.fresh)
    return Ground(place, held.at, _baselines(bench, place.environment), held.written, added_red, held.may_write, held.removed)


def tree_of(bench: Workbench, commit: str) -> Tree:
    return Tree(commit, bench.tree(commit).tree)


def _baselines(bench: Workbench, environment: Mapping[str, str]) -> Baselines:
    store = bench.state.baselines

    def recall(key: BaselineKey) -> StepReport | None:
        return store.get(key.tree, key.command_sha256, key.environment_sha256)

    def remember(key: BaselineKey, report: StepReport) -> None:
        store.put(key.tree, key.command_sha256, key.environment_sha256, report)

    return Baselines(recall, remember, environment)
