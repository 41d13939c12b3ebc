"""Checks a candidate: runs its steps, red ones again, the parent's where needed, and makes one report."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from autopack.checks.commands.baseline import Baselines
from autopack.checks.commands.check_log import drop_log
from autopack.checks.commands.command_context import CommandContext
from autopack.checks.commands.step import run_step
from autopack.checks.commands.unusable import says_the_same
from autopack.checks.results.compare import came_and_went, compare, is_doubtful, is_newly_red, passed_now, ran_twice, settled, with_unstable
from autopack.checks.results.evidence import evidence, missed
from autopack.checks.results.fault import fault_of
from autopack.checks.results.judge import StepVerdict, judge_expected_red, judge_step
from autopack.checks.results.same_tests import seen_from
from autopack.core.checking import CheckReport, CheckStatus, StepReport, StepStatus
from autopack.core.failure import FailureKind
from autopack.core.plan import Checks

PATHS_SHOWN: Final = 50

KNOWN_RERUNS: Final = 3
"""So many more runs where only tests that are known as flaky are red."""


@dataclass(frozen=True)
class Tree:
    """A commit and the tree it holds."""

    commit: str
    tree: str


@dataclass(frozen=True)
class CheckSite:
    """The site of a check: where its commands run, and what is known already.

    Args:
        place: where commands run; its ``root`` is replaced by what ``at`` yields.
        at: enters a commit: the work tree holds exactly that commit's files while it is open (ignored files may stay).
        baselines: reports on trees that were checked before.
        written: tracked or unignored paths that differ from the commit that is open.
        added_red: ids that ``expect: red`` phases of this run added.
        may_write: whether a path lies in the scope; asked where ``writes: fail`` minds.
        known_flaky: ids of the project's tests that came and went before.
        removed: what commands on the open commit wrote and what was removed before the next command; a folder is one path.
    """

    context: CommandContext
    at: Callable[[str], AbstractContextManager[Path]]
    baselines: Baselines
    written: Callable[[], tuple[str, ...]] = tuple
    added_red: frozenset[str] = frozenset()
    may_write: Callable[[str], bool] = lambda _: True
    removed: Callable[[], tuple[str, ...]] = tuple
    known_flaky: frozenset[str] = frozenset()


def check_candidate(here: Tree, before: Tree | None, checks: Checks, site: CheckSite) -> CheckReport:
    """Runs the checks on a commit and says what follows. ``before`` is its parent; None where none is compared (final checks)."""
    if checks.skip:
        return CheckReport(status=CheckStatus.SKIPPED, reason=checks.reason)
    check = _Check(here, before, checks, site)
    report = check.expecting_red() if checks.expect == "red" else check.expecting_green()
    if report.status is CheckStatus.GREEN and checks.writes == "fail":
        report = _judge_writes(report, site)
    if report.status is CheckStatus.GREEN:
        drop_log(site.context.log, is_wanted=checks.log_on_success)
    return report


def _judge_writes(report: CheckReport, site: CheckSite) -> CheckReport:
    outside = [path for path in report.written if not site.may_write(path)]
    if not outside:
        return report
    more = f" and {len(outside) - 1} more" if len(outside) > 1 else ""
    message = f"a check wrote '{outside[0]}'{more} outside of the scope, which this phase does not allow (ci.writes: fail)."
    red = {"status": CheckStatus.RED, "failure": FailureKind.CHECKS_RED, "message": message, "evidence": "\n".join(outside[:PATHS_SHOWN])}
    return report.model_copy(update=red)


def every_step(here: Tree, before: Tree | None, checks: Checks, site: CheckSite, title: str) -> tuple[StepReport, ...]:
    """Each step's report on a tree. Runs a step that has no report yet; runs it again if it is red and ``before`` was green."""
    return _Check(here, before, checks, site, title=title).every_step()


@dataclass
class _Check:
    here: Tree
    before: Tree | None
    checks: Checks
    site: CheckSite
    title: str = "candidate"
    verdicts: list[StepVerdict] = field(default_factory=list)
    flaky: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    removed: tuple[str, ...] = ()

    def expecting_green(self) -> CheckReport:
        position = 0
        while position < len(self.checks.steps):
            position, red = self._until_red(position)
            if red is None:
                break
            parent = self._parent(position) if red.status not in (StepStatus.TIMEOUT, StepStatus.IDLE) else self._known_parent(position)
            verdict = judge_step(red, self._settled(position, red, parent), self.checks, self.site.added_red)
            if parent is not None and verdict.failure is not None and says_the_same(red, parent, self.site.may_write):
                why = f"{verdict.message} It says the same without this change: correct the check or what it needs, then retry."
                verdict = replace(verdict, failure=FailureKind.CHECK_UNUSABLE, message=why)
            if verdict.failure is not None:
                verdict = replace(verdict, message=verdict.message + missed(self.removed, red.output))
            self.verdicts.append(verdict)
            if verdict.failure is not None:
                return self._report(verdict)
            position += 1
        self._settle_green()
        if self.flaky and self.checks.flaky.on_flaky == "fail":
            return self._report(self._flaky_verdict())
        return self._report(None)

    def every_step(self) -> tuple[StepReport, ...]:
        known = [self.site.baselines.get(self.here.tree, step, self.checks) for step in self.checks.steps]
        reports = [report for report in known if report is not None]
        if len(reports) < len(known):  # a step may need what the steps before it made
            reports = []
            with self.site.at(self.here.commit) as root:
                for index, step in enumerate(self.checks.steps):
                    reports.append(self._again_while_newly_red(root, index))
                    self.site.baselines.put(self.here.tree, step, self.checks, reports[-1])
        return tuple(reports)

    def expecting_red(self) -> CheckReport:
        if self.before is None:
            raise ValueError("a check that expects red is compared with a parent")
        parents = [self._parent(position) for position in range(len(self.checks.steps))]
        with self.site.at(self.here.commit) as root:
            for position, parent in enumerate(parents):
                verdict = self._expected_red(root, position, parent)
                self.verdicts.append(verdict)
                if verdict.failure is not None:
                    break
            self.written |= set(self.site.written())
        last = self.verdicts[-1]
        if last.failure is None and not any(verdict.added_red for verdict in self.verdicts):
            message = "this phase must add tests that fail, and no check has a new test."
            last = replace(last, failure=FailureKind.NOT_RED, message=message, evidence=evidence(last.report, last.comparison))
        return self._report(last if last.failure is not None else None)

    def _until_red(self, position: int) -> tuple[int, StepReport | None]:
        """Runs steps on the candidate up to the first that stays red; returns its position and report."""
        with self.site.at(self.here.commit) as root:
            try:
                for index in range(position, len(self.checks.steps)):
                    self.removed = self.site.removed()
                    report = with_unstable(self._again_while_newly_red(root, index), self._known_parent(index))
                    self.site.baselines.put(self.here.tree, self.checks.steps[index], self.checks, report)
                    if report.status is not StepStatus.GREEN:
                        return index, report
                    self.verdicts.append(judge_step(report, self._known_parent(index), self.checks))
            finally:
                self.written |= set(self.site.written())
        return len(self.checks.steps), None

    def _again_while_newly_red(self, root: Path, index: int) -> StepReport:
        """The last of up to ``1 + reruns`` runs; a test that was red in one of them and passed in another is flaky, and not red.

        Where nothing is newly red but tests that are known as flaky, it is run some times more.
        """
        parent, runs = self._known_parent(index), [self._run(root, index)]
        left = self._reruns(runs[0])
        while is_newly_red(report := settled(runs), parent):
            if len(runs) > left + (KNOWN_RERUNS if left and self._is_known(report, parent) else 0):
                break
            runs.append(self._run(root, index, " (again)"))
            self.flaky |= came_and_went(runs) or _passed_now(runs[-2], runs[-1])
        return report

    def _is_known(self, report: StepReport, parent: StepReport | None) -> bool:
        """Whether all that is newly red came and went before."""
        found = compare(report, parent).newly_failed
        return bool(found) and set(found) <= self.site.known_flaky

    def _expected_red(self, root: Path, index: int, parent: StepReport | None) -> StepVerdict:
        report = self._run(root, index)
        verdict = judge_expected_red(report, parent)
        before = seen_from(report.results, parent.results if parent else None)
        lost = set(compare(report, parent).newly_failed) & set(before.passed if before else ())
        for _ in range(self._reruns(report)):
            if verdict.failure is None or not lost:
                break
            again = self._run(root, index, " (again)")
            self.flaky |= _passed_now(report, again) & lost
            report, verdict = again, judge_expected_red(again, parent)
        return verdict

    def _reruns(self, report: StepReport) -> int:
        """Tries a command once more at most after a time limit, and not at all if it ran no test or could not be started."""
        match report.status:
            case StepStatus.RED:
                return self.checks.flaky.reruns
            case StepStatus.TIMEOUT | StepStatus.IDLE:
                return min(1, self.checks.flaky.reruns)
            case _:
                return 0

    def _known_parent(self, index: int) -> StepReport | None:
        return self.site.baselines.get(self.before.tree, self.checks.steps[index], self.checks) if self.before else None

    def _parent(self, index: int) -> StepReport | None:
        """The step on the parent, run there after the steps before it where nothing is known yet."""
        known = self._known_parent(index)
        if known is not None or self.before is None:
            return known
        for position, report in enumerate(self._on_parent(self.before, index)):
            known = report
            self.site.baselines.put(self.before.tree, self.checks.steps[position], self.checks, report)
        return known

    def _on_parent(self, before: Tree, index: int) -> list[StepReport]:
        """The steps up to that one, run on the parent."""
        with self.site.at(before.commit) as root:
            context = self._context(root, "parent", before)
            return [run_step(step, self.checks.cwd, context).report for step in self.checks.steps[: index + 1]]

    def _settle_green(self) -> None:
        """Judges green steps with missing ids again, after a second run of the parent has shown whether such ids come and go."""
        for index, verdict in enumerate(self.verdicts):
            known = self._known_parent(index)
            parent = self._settled(index, verdict.report, known)
            if parent is not known:
                report = with_unstable(verdict.report, parent)
                self.site.baselines.put(self.here.tree, self.checks.steps[index], self.checks, report)
                self.verdicts[index] = judge_step(report, parent, self.checks, self.site.added_red)

    def _settled(self, index: int, report: StepReport, parent: StepReport | None) -> StepReport | None:
        """The parent's report; runs the parent twice where that tells whether an id is gone by chance."""
        if parent is None or self.before is None or not is_doubtful(report, parent):
            return parent
        again = self._on_parent(self.before, index)[-1]
        settled = ran_twice(parent, again)
        self.site.baselines.put(self.before.tree, self.checks.steps[index], self.checks, settled)
        return settled

    def _run(self, root: Path, index: int, note: str = "") -> StepReport:
        return run_step(self.checks.steps[index], self.checks.cwd, self._context(root, self.title + note, self.here)).report

    def _context(self, root: Path, title: str, tree: Tree) -> CommandContext:
        return replace(self.site.context, root=root, title=f"{title} {tree.commit[:12]}")

    def _flaky_verdict(self) -> StepVerdict:
        shown = ", ".join(sorted(self.flaky)[:5])
        last = self.verdicts[-1].report
        return StepVerdict(last, failure=FailureKind.FLAKY, message=f"red and then green on the same tree: {shown}.", evidence=shown)

    def _report(self, failed: StepVerdict | None) -> CheckReport:
        hold = None
        if failed is None and self.flaky and self.checks.flaky.on_flaky == "hold":
            hold = f"red and then green on the same tree: {', '.join(sorted(self.flaky)[:5])}."
        return CheckReport(
            status=CheckStatus.GREEN if failed is None else CheckStatus.RED,
            steps=tuple(verdict.report for verdict in self.verdicts),
            newly_failed=_all(verdict.comparison.newly_failed for verdict in self.verdicts if not verdict.added_red),
            red_before=_all(verdict.comparison.red_before for verdict in self.verdicts),
            forgiven=_all(verdict.forgiven for verdict in self.verdicts),
            flaky=tuple(sorted(self.flaky)),
            missing=_all(verdict.comparison.missing for verdict in self.verdicts),
            added_red=_all(verdict.added_red for verdict in self.verdicts),
            written=tuple(sorted(self.written)),
            failure=failed.failure if failed else None,
            message=failed.message if failed else "",
            evidence=failed.evidence if failed else "",
            hold=hold,
            fault=fault_of(failed.report, failed.comparison) if failed and failed.failure is FailureKind.CHECKS_RED else None,
        )


def _passed_now(first: StepReport, again: StepReport) -> set[str]:
    """Tests that were red and passed now; a step without ids, or one that crashed, is named as a whole."""
    passed = set(passed_now(first, again))
    if again.status is StepStatus.GREEN:
        return passed or {first.name}
    return passed


def _all(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))
