"""Edits of tests weighed as a run weighs them: real git, real runners, the executor's own functions, and no model."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from autopack.checks.commands.check import Tree, every_step
from autopack.core.candidate import Candidate
from autopack.core.checking import CheckReport, CheckStatus
from autopack.core.test_runs import NewTests, OldTests
from autopack.executor.attempt.run_tests_over import Weighed, run_new_tests, run_old_tests
from autopack.executor.attempt.test_edit import weighed_edit as edit_of
from autopack.executor.commands.check_site import CheckedTree, check_site_for, tree_of
from tests.support.command import phase_of
from tests.support.repos import commit_files, git
from tests.support.run_context import opened


@dataclass(frozen=True)
class Verdicts:
    """``report`` is the candidate's own check; ``new`` runs the new tests on the old code."""

    report: CheckReport
    old: OldTests
    new: Callable[[], NewTests]


class Lab:
    """One run; `weigh` commits an edit on top of its base and weighs it, `base` stays as it is. To be closed."""

    def __init__(self, folder: Path, files: dict[str, str], ci: dict[str, Any]) -> None:
        self._stack = ExitStack()
        run = self._stack.enter_context(opened(folder, phase_of("one", "./", ci=_steps(ci)), files=files))
        self.repo, self.site, self.phase, self.base = run.repo, run.site, run.phase(), run.head()
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._stack.close()

    def weigh(self, edit: dict[str, str | None], may: dict[str, str] | None = None) -> Verdicts:
        git(self.repo, "checkout", "-q", "--detach", self.base)
        commit = commit_files(self.repo, edit, "edit")
        self._count += 1
        paths = tuple(git(self.repo, "diff", "--name-only", "--no-renames", self.base, commit).split("\n")[:-1])
        tree = git(self.repo, "rev-parse", f"{commit}^{{tree}}").strip()
        ref = f"refs/autopack/r/one/{self._count}"
        candidate = Candidate(commit=commit, tree=tree, parent=self.base, ref=ref, paths=paths)
        checks = self.phase.ci
        at = check_site_for(self.site, f"one-{self._count}", checks, CheckedTree(self.site, (), candidate))
        steps = every_step(Tree(commit, tree), tree_of(self.site.tree, self.base), checks, at, "candidate")
        report = CheckReport(status=CheckStatus.GREEN, steps=steps)
        weighed = Weighed(self.site, self.phase, candidate, report, f"one-{self._count}", ref)
        found = edit_of(self.site.tree, candidate, report.steps)
        return Verdicts(report, run_old_tests(weighed, found, may or {}), lambda: run_new_tests(weighed, found.touched))


def _steps(ci: dict[str, Any]) -> dict[str, Any]:
    own = {key: ci[key] for key in ("command", "results", "tests", "timeout_s") if key in ci}
    return {"steps": [{"timeout_s": 120, **own}], "flaky": {"reruns": 0}, **{key: ci[key] for key in ci if key not in own}}
