"""Prepares the site of a phase's checks: a work tree at a commit, set up, and the cache of baselines."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from autopack.checks.commands.baseline import BaselineKey, Baselines
from autopack.checks.commands.check import CheckSite, Tree
from autopack.core.candidate import Candidate
from autopack.core.checking import StepReport
from autopack.core.errors import AttemptFailed
from autopack.core.plan import Checks
from autopack.core.scope import Scope
from autopack.executor.commands.command_site import alone, command_context_for, environment_for
from autopack.executor.commands.set_up import set_up
from autopack.executor.run_context import State, Trees, WorkSite
from autopack.worktree.written import shown


class CheckedTree:
    """The work tree while something is checked: which commit it stands on, and what commands wrote since."""

    def __init__(self, site: WorkSite, scope: tuple[str, ...] = (), candidate: Candidate | None = None) -> None:
        self._site = site
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
        self._site.slot.work_tree.prepare_directories(self._scope)
        yield self._site.slot.work_tree.place

    @contextmanager
    def fresh(self) -> Iterator[None]:
        """Around one command: the tree is as set-up left it, before and after. After an interruption the next command restores it."""
        work_tree = self._site.slot.work_tree
        with alone(self._site.slot.scratch):
            work_tree.reset(self._commit)
            work_tree.prepare_directories(self._scope)
            yield
            self._written |= set(work_tree.settle())
            self._removed |= set(work_tree.removed)

    def _set_up(self, commit: str) -> None:
        """Finds whether the candidate or the machine makes set-up fail: the machine, if the parent cannot be set up either.

        Raises:
            AttemptFailed: the candidate is.
            EnvironmentBlockedError: the machine is.
        """
        if self._candidate is None or commit != self._candidate.commit:
            set_up(self._site, commit)
            return
        try:
            set_up(self._site, commit, is_candidate=True)
        except AttemptFailed:
            set_up(self._site, self._candidate.parent, again=True)
            raise

    def may_write(self, path: str) -> bool:
        return Scope(self._scope).allows(path)

    def written(self) -> tuple[str, ...]:
        return shown(sorted(self._written))

    def removed(self) -> tuple[str, ...]:
        return shown(sorted(self._removed))


def check_site_for(site: WorkSite, name: str, checks: Checks, held: CheckedTree, added_red: frozenset[str] = frozenset()) -> CheckSite:
    """``name`` is ``<phase>-<attempt>``: the log's; the phase is what commands are told."""
    phase = name.rpartition("-")[0] or name
    context = command_context_for(site, name, environment_for(site, phase, checks.env, checks.env_from), network=checks.network)
    context = replace(context, fresh=held.fresh)
    return CheckSite(context, held.at, _baselines(site.state, context.environment), held.written, added_red, held.may_write, held.removed)


def tree_of(tree: Trees, commit: str) -> Tree:
    return Tree(commit, tree(commit).tree)


def _baselines(state: State, environment: Mapping[str, str]) -> Baselines:
    store = state.baselines

    def recall(key: BaselineKey) -> StepReport | None:
        return store.get(key.tree, key.command_sha256, key.environment_sha256)

    def remember(key: BaselineKey, report: StepReport) -> None:
        store.put(key.tree, key.command_sha256, key.environment_sha256, report)

    return Baselines(recall, remember, environment)
