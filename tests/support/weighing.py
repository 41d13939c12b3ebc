"""Edits of tests weighed as a run weighs them: real git, real runners, the executor's own functions, and no model."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from autopack.checks.commands.check import Tree, every_step
from autopack.checks.sandbox.sandbox import Sandbox
from autopack.core.candidate import Candidate
from autopack.core.checking import CheckReport, CheckStatus, StepReport
from autopack.core.plan import Checks, PhaseScope, PhaseSpec, Workspace
from autopack.core.settings import CheckLimits, Settings
from autopack.core.test_runs import NewTests, OldTests
from autopack.executor.attempt.run_tests_over import Weighed, run_new_tests, run_old_tests
from autopack.executor.attempt.test_edit import weighed_edit as edit_of
from autopack.executor.commands.check_site import CheckedTree, check_site_for, tree_of
from autopack.executor.run_context import RunContext
from autopack.executor.slot import Slot, SlotFolders
from autopack.worktree.repository import Repository
from autopack.worktree.work_tree import WorkTree
from tests.support.git_repository import work_tree_at
from tests.support.repos import commit_files, git, make_repo

PATH: Final = os.pathsep.join((str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"))
PYTEST: Final = {"command": "python -B -m pytest -q -p no:cacheprovider -p no:xdist"}


def context_of(repository: Repository, work_tree: WorkTree, folder: Path) -> RunContext:
    """A run's context without a run, a model or a database: its baselines live in a dictionary."""
    known: dict[Any, Any] = {}
    folders = SlotFolders(folder / "beside")
    folders.home.mkdir(parents=True)

    def remember(tree: str, command: str, environment: str, report: StepReport) -> None:
        known[tree, command, environment] = report

    here = {
        "run_id": "r",
        "plan": SimpleNamespace(phases=(), workspace=Workspace()),
        "settings": Settings(checks=CheckLimits(kill_grace_s=0.5)),
        "state": SimpleNamespace(
            baselines=SimpleNamespace(get=lambda *key: known.get(key), put=remember),
            owners=SimpleNamespace(started=lambda *_: None, ended=lambda *_: None),
        ),
        "repository": repository,
        "slot": Slot(folders, work_tree, Sandbox(reason="a test's own")),
        "redactor": SimpleNamespace(redact=str),
        "environment": {"PATH": PATH, "LANG": "C.UTF-8"},
        "records": folder / "records",
    }
    return RunContext(**{**{field.name: None for field in fields(RunContext)}, **here})


@dataclass(frozen=True)
class Verdicts:
    """``report`` is the candidate's own check; ``new`` runs the new tests on the old code."""

    report: CheckReport
    old: OldTests
    new: Callable[[], NewTests]


class Lab:
    """One repository; ``weigh`` commits an edit on top of its base and weighs it, ``base`` stays as it is."""

    def __init__(self, folder: Path, files: dict[str, str], ci: dict[str, Any]) -> None:
        self.repo = make_repo(folder / "shop", files)
        self.base = git(self.repo, "rev-parse", "HEAD").strip()
        repository = Repository.discover(self.repo, {"PATH": PATH, "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"})
        work_tree = work_tree_at(repository, folder / "slots" / "r" / "1", self.base)
        self.ctx = context_of(repository, work_tree, folder)
        self.phase = PhaseSpec(id="one", description="d", scope=PhaseScope(paths=("./",)), ci=Checks.model_validate(_steps(ci)))
        self._count = 0

    def weigh(self, edit: dict[str, str | None], may: dict[str, str] | None = None) -> Verdicts:
        git(self.repo, "checkout", "-q", self.base)
        commit = commit_files(self.repo, edit, "edit")
        self._count += 1
        paths = tuple(git(self.repo, "diff", "--name-only", "--no-renames", self.base, commit).split("\n")[:-1])
        tree = git(self.repo, "rev-parse", f"{commit}^{{tree}}").strip()
        ref = f"refs/autopack/r/one/{self._count}"
        candidate = Candidate(commit=commit, tree=tree, parent=self.base, ref=ref, paths=paths)
        checks = self.phase.ci
        site = check_site_for(self.ctx, f"one-{self._count}", checks, CheckedTree(self.ctx, (), candidate))
        steps = every_step(Tree(commit, tree), tree_of(self.ctx.tree, self.base), checks, site, "candidate")
        report = CheckReport(status=CheckStatus.GREEN, steps=steps)
        weighed = Weighed(self.ctx, self.phase, candidate, report, f"one-{self._count}", ref)
        found = edit_of(self.ctx, candidate, report.steps)
        return Verdicts(report, run_old_tests(weighed, found, may or {}), lambda: run_new_tests(weighed, found.touched))


def _steps(ci: dict[str, Any]) -> dict[str, Any]:
    own = {key: ci[key] for key in ("command", "results", "tests", "timeout_s") if key in ci}
    return {"steps": ({"timeout_s": 120, **own},), "flaky": {"reruns": 0}, **{key: ci[key] for key in ci if key not in own}}
