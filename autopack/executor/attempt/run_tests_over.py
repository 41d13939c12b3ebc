"""Runs the tests twice over for an edit that touches tests: old tests on the new code, new tests on the old code."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from autopack.checks.commands.check import CheckSite, Tree, every_step
from autopack.checks.results.compare import Comparison
from autopack.checks.results.evidence import evidence
from autopack.core.candidate import Candidate
from autopack.core.checking import CheckReport, StepReport
from autopack.core.errors import AttemptFailed
from autopack.core.plan import Checks, Flaky, PhaseSpec
from autopack.core.test_runs import ChangedTest, NewTests, OldTests
from autopack.core.text import decode
from autopack.executor.attempt.added_tests import added_red, added_tests
from autopack.executor.attempt.steps import Lap, Steps
from autopack.executor.attempt.test_edit import TestEdit
from autopack.executor.commands.check_site import CheckedTree, check_site_for, tree_of
from autopack.executor.run_context import WorkSite
from autopack.review.changed_tests import (
    Files,
    Found,
    May,
    Three,
    changed_tests,
    gone_tests,
    judged,
    needs_second,
    new_tests,
)
from autopack.review.changed_tests import (
    added_tests as new_ids,
)
from autopack.review.test_files import package_with_runner_of
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.commit_stream import CommitHead, Gone, KnownBlob, NewBytes, TreeChange, make_commit
from autopack.worktree.git import Git

_EVIDENCE: Final = 5_000
_BESIDE: Final = 2_500
_PATIENCE: Final = (60.0, 10.0)
"""New tests may wait for ever on the old code: the least limit in seconds, and how many times as long as on the new code."""
_PARENT: Final = "parent"
_SIGNATURE: Final = b"Autopack <autopack@localhost> 0 +0000"


class CheckedCandidate(NamedTuple):
    candidate: Candidate
    report: CheckReport


@dataclass(frozen=True)
class Weighed:
    """A candidate whose edit touches tests, and where its tests are run again."""

    site: WorkSite
    phase: PhaseSpec
    candidate: Candidate
    report: CheckReport
    name: str
    ref: str

    @classmethod
    def of(cls, site: WorkSite, phase: PhaseSpec, step: Steps, lap: Lap, checked: CheckedCandidate) -> "Weighed":
        ref = step.key.ref if lap.number == 1 else f"{step.key.ref}.{lap.number}"
        return cls(site, phase, checked.candidate, checked.report, f"{phase.id}-{lap.of_attempt(step.key.number)}", ref)

    def mixed(self, sources: str, tests: str, paths: Iterable[str], what: str) -> Tree:
        site = self.site
        return mixed_tree(site.repository.git, site.tree(sources), site.tree(tests), paths, f"{self.ref}.{what}")

    def run(self, tree: Tree, title: str, checks: Checks, before: Tree | None) -> tuple[StepReport, ...]:
        """Runs every step on the tree. pytest goes on where one file cannot be collected."""
        mixed = self.candidate.model_copy(update={"commit": tree.commit, "tree": tree.tree}) if title != _PARENT else None
        held = CheckedTree(self.site, self.phase.scope.paths, mixed)
        site = check_site_for(self.site, self.name, checks, held)
        own = site.context.environment
        going_on = {**own, "PYTEST_ADDOPTS": f"{own.get('PYTEST_ADDOPTS', '')} --continue-on-collection-errors".strip()}
        return every_step(tree, before, checks, _in(site, going_on if title != _PARENT else own), title)


def run_old_tests(weighed: Weighed, edit: TestEdit, files: dict[str, str]) -> OldTests:
    """``files`` may be changed, each for a reason: where they decide it is looked once more with them as they are now."""
    began = time.monotonic()
    candidate, checks = weighed.candidate, weighed.phase.ci
    parent = tree_of(weighed.site.tree, candidate.parent)
    before = weighed.run(parent, _PARENT, checks.model_copy(update={"flaky": Flaky(reruns=0)}), None)
    old = _over(weighed, edit.touched, "old-tests", before)
    steps = [Three(*three) for three in zip(before, weighed.report.steps, old, strict=True)]
    found = changed_tests(steps, _files(weighed, edit))
    may = May({path: why for path, why in files.items() if path in edit.touched}, _may_follow(weighed, before))
    if needs_second(found, may):
        rest = [path for path in edit.touched if path not in may.files]
        may = replace(may, second=_over(weighed, rest, "old-tests-but-named", before))
    changed = (*judged(found, may), *_settings(edit, files))
    gone = gone_tests(steps, found)
    return OldTests(
        touched=edit.touched,
        changed=changed,
        gone=gone,
        added=new_ids(steps) if not gone and not found else (),
        added_files=_added_files(weighed, edit) if not gone and not found else (),
        before=_told(old, found),
        after=_beside(weighed.report.steps, found),
        seconds=round(time.monotonic() - began, 2),
    )


def run_new_tests(weighed: Weighed, touched: Sequence[str]) -> NewTests:
    """What changes with the code and what passes without it; a check that names tests speaks for those that do not.

    Nothing where the project cannot even be set up for them on the old code.
    """
    began = time.monotonic()
    candidate, checks, reports = weighed.candidate, weighed.phase.ci, weighed.report.steps
    parent = tree_of(weighed.site.tree, candidate.parent)
    before = weighed.run(parent, _PARENT, checks.model_copy(update={"flaky": Flaky(reruns=0)}), None)
    telling = [place for place, report in enumerate(reports) if report.results is not None] or list(range(len(reports)))
    least, times = _PATIENCE
    steps = tuple(
        step.model_copy(update={"timeout_s": min(step.timeout_s, max(least, times * report.duration_s))})
        for step, report in zip(checks.steps, reports, strict=True)
    )
    once = checks.model_copy(update={"flaky": Flaky(reruns=0), "steps": steps})
    tree = weighed.mixed(candidate.parent, candidate.commit, touched, "new-tests")
    try:
        new = weighed.run(tree, "new tests on the old code", once, None)
    except AttemptFailed:
        return NewTests()
    return new_tests([(before[place], reports[place], new[place]) for place in telling], round(time.monotonic() - began, 2))


def _over(weighed: Weighed, paths: Sequence[str], what: str, before: Sequence[StepReport]) -> tuple[StepReport, ...]:
    """The old versions of these files over the candidate; what is no other tree than one that was checked is not run again."""
    candidate = weighed.candidate
    tree = weighed.mixed(candidate.commit, candidate.parent, paths, what)
    if tree.tree == candidate.tree:
        return weighed.report.steps
    parent = tree_of(weighed.site.tree, candidate.parent)
    if tree.tree == parent.tree:
        return tuple(before)
    return weighed.run(tree, "old tests on the new code", weighed.phase.ci, parent)


def _files(weighed: Weighed, edit: TestEdit) -> Files:
    before, after = (weighed.site.tree(commit).entries for commit in (weighed.candidate.parent, weighed.candidate.commit))
    folder = weighed.phase.ci.cwd.strip("./")

    def file_of(test: str) -> str | None:
        named = test.partition("::")[0].partition(" > ")[0]
        return next((path for path in (f"{folder}/{named}" if folder else named, named) if path in before or path in after), None)

    return Files(frozenset(edit.touched), file_of)


def _may_follow(weighed: Weighed, before: Sequence[StepReport]) -> frozenset[str]:
    """Ids that earlier phases added, but for those that were added to be made green and are not yet."""
    passed = {test for report in before if report.results for test in report.results.passed}
    return added_tests(weighed.site.plan, weighed.site.state).tests - (added_red(weighed.site.plan, weighed.site.state) - passed)


def _settings(edit: TestEdit, files: dict[str, str]) -> Iterable[ChangedTest]:
    """The changed settings. A scope that names a file of tests or settings allows its change; one that names a source file does not."""
    return (
        ChangedTest(test=path, how=message, allowed=files.get(path) if path in edit.touched else None) for path, message in edit.settings
    )


def _added_files(weighed: Weighed, edit: TestEdit) -> tuple[str, ...]:
    before = weighed.site.tree(weighed.candidate.parent).entries
    return tuple(path for path in edit.touched if path not in before)


def _told(reports: Sequence[StepReport], found: Sequence[Found]) -> str:
    """The output of the old tests where a test is changed, as for any red check."""
    parts = []
    for place in dict.fromkeys(one.step for one in found):
        results = reports[place].results
        red = tuple(one.test for one in found if one.step == place and results is not None and one.test in results.red)
        rest = tuple(one.test for one in found if one.step == place and one.test not in red) if results is not None else ()
        parts.append(evidence(reports[place], Comparison(red, (), rest), _EVIDENCE))
    return "\n\n".join(parts)[: 2 * _EVIDENCE]


def _beside(reports: Sequence[StepReport], found: Sequence[Found]) -> str:
    places = dict.fromkeys(one.step for one in found)
    return "\n\n".join(evidence(reports[place], Comparison(), _BESIDE) for place in places)[: 2 * _BESIDE]


def _in(site: CheckSite, environment: Mapping[str, str]) -> CheckSite:
    return replace(site, context=replace(site.context, environment=environment))


def mixed_tree(git: Git, sources: BaseTree, tests: BaseTree, paths: Iterable[str], ref: str) -> Tree:
    """``sources`` with the files ``paths`` as ``tests`` has them; ``ref`` keeps it. The same arguments give the same commit."""
    changes = [change for path in paths for change in _change(path, sources, tests)]
    if not changes:
        return Tree(sources.commit, sources.tree)
    head = CommitHead(sources.commit, _SIGNATURE, _SIGNATURE, b"Tests of one commit over the sources of another\n")
    made = make_commit(git, ref, head, changes)
    return Tree(made.commit, made.tree)


def _change(path: str, sources: BaseTree, tests: BaseTree) -> Iterator[TreeChange]:
    here, there = sources.entries.get(path), tests.entries.get(path)
    if here == there:
        return
    if there is None:
        yield Gone(path)
        return
    mixed = _package(path, sources, tests) if path.rpartition("/")[2] == "package.json" and here is not None else None
    yield KnownBlob(path, there.mode, there.oid) if mixed is None else NewBytes(path, there.mode, mixed.encode())


def _package(path: str, sources: BaseTree, tests: BaseTree) -> str | None:
    runner, rest = (decode(data) if (data := tree.read([path]).get(path)) is not None else None for tree in (tests, sources))
    return package_with_runner_of(runner.text, rest.text) if runner is not None and rest is not None else None
