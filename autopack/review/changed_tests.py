"""What the old tests say on the new code, set beside what they said before and what the new tests say. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from autopack.checks.results.same_tests import outline, seen_from
from autopack.core.checking import StepReport, StepStatus, TestResults
from autopack.core.test_runs import ChangedTest, NewTests
from autopack.review.test_files import is_setting

_NOTHING = TestResults()


class Sort(Enum):
    """How a test is changed; the last two are seen in the run of the new tests."""

    STEP = auto()
    RED = auto()
    SKIPPED = auto()
    ABSENT = auto()
    NEW_SKIP = auto()
    NEW_ABSENT = auto()


@dataclass(frozen=True)
class Found:
    """``file`` is the test's own, where its id names one that is known; ``step`` is the position of its step."""

    test: str
    how: str
    sort: Sort
    file: str | None
    step: int


@dataclass(frozen=True)
class Three:
    """One step on the parent, on the candidate, and with the old tests on the new code."""

    before: StepReport
    after: StepReport
    old: StepReport


@dataclass(frozen=True)
class Files:
    """``touched`` are those that count as tests; ``of`` gives the known file that an id names."""

    touched: frozenset[str]
    of: Callable[[str], str | None]

    @property
    def holds_modules(self) -> bool:
        """Whether a touched file may be where a test without a file's name stands."""
        return not all(map(is_setting, self.touched))


def changed_tests(steps: Sequence[Three], files: Files) -> tuple[Found, ...]:
    """What passed before and does not with the old tests, or is skipped by the new ones."""
    return tuple(found for position, three in enumerate(steps) for found in _of_step(position, three, files))


def gone_tests(steps: Sequence[Three], changed: Iterable[Found]) -> tuple[str, ...]:
    """Ids that passed before and are not among the new tests, though their old version is as good as ever."""
    told = {found.test for found in changed}
    pairs = ((_results(three.before).passed, _all(_seen(three)) | told) for three in steps)
    return tuple(dict.fromkeys(test for passed, there in pairs for test in passed if test not in there))


def added_tests(steps: Sequence[Three]) -> tuple[str, ...]:
    """Ids that the parent did not have."""
    new = (test for three in steps for test in sorted(_all(_seen(three)) - _all(_results(three.before))))
    return tuple(dict.fromkeys(new))


@dataclass(frozen=True)
class May:
    """What may be changed: files with the reason why, ids that an earlier phase of the run added, and the steps with only the rest old."""

    files: Mapping[str, str]
    added: Collection[str] = ()
    second: Sequence[StepReport] | None = None


def judged(found: Iterable[Found], may: May) -> tuple[ChangedTest, ...]:
    """Each with the reason that allows it, if there is one; what only did not run for another's sake is left out."""
    judged: list[ChangedTest] = []
    for one in found:
        reason = _own_reason(one, may)
        second = may.second[one.step] if may.second is not None else None
        if reason is None and second is not None:
            if one.sort is Sort.ABSENT and one.test in _results(second).passed:
                continue
            reason = f"it is as before but for {', '.join(may.files)}" if _is_settled(one, second) else None
        judged.append(ChangedTest(test=one.test, how=one.how, allowed=reason))
    return tuple(judged)


def needs_second(found: Iterable[Found], may: May) -> bool:
    """Whether it has to be seen what is changed where only the other files are the old ones."""
    return bool(may.files) and any(_own_reason(one, may) is None for one in found)


def new_tests(steps: Iterable[tuple[StepReport, StepReport, StepReport]], seconds: float) -> NewTests:
    """What the new tests are worth: (parent, candidate, new tests on the old code) of each step."""
    fail: list[str] = []
    passing: list[str] = []
    for before, after, new in steps:
        if after.results is None:
            if after.status is StepStatus.GREEN:
                (passing if new.status is StepStatus.GREEN else fail).append(after.name)
            continue
        there, known = (seen_from(after.results, one.results) or _NOTHING for one in (new, before))
        passed, stood = set(there.passed), _all(known)
        fail += [test for test in after.results.passed if test not in passed]
        passing += [test for test in after.results.passed if test in passed and test not in stood]
    return NewTests(fail_without=tuple(fail), pass_without=tuple(passing), seconds=seconds)


def _of_step(position: int, three: Three, files: Files) -> Iterator[Found]:
    if three.before.results is None or not _all(three.before.results):
        if three.before.status is StepStatus.GREEN and three.old.status is not StepStatus.GREEN:
            ended = f"exit code {three.old.exit_code}" if three.old.exit_code is not None else three.old.status.value.replace("_", " ")
            yield Found(three.old.name, f"it was green, and the old tests end with {ended} on the new code", Sort.STEP, None, position)
        return
    before = three.before.results
    after, old = (seen_from(before, one.results) or _NOTHING for one in (three.after, three.old))
    ran_old, ran_new = (_Ran.of(before, one) for one in (old, after))
    for test in before.passed:
        how = _old_fault(test, old, ran_old) or _new_fault(test, after, ran_new, files)
        if how is not None:
            yield Found(test, *how, files.of(test), position)
    for test in before.failed:
        if test not in (*after.red,) and test in {*old.red}:
            yield Found(test, "it failed before and fails on the new code; only its new version passes", Sort.RED, files.of(test), position)


@dataclass(frozen=True)
class _Ran:
    """What ran in the place of an id: other parameters of its function, or an id that is new and differs in figures alone."""

    functions: frozenset[str]
    outlines: frozenset[str]

    @classmethod
    def of(cls, before: TestResults, results: TestResults) -> "_Ran":
        fresh = _all(results) - _all(before)
        return cls(
            frozenset(_function(test) for test in (*results.passed, *results.failed)),
            frozenset(outline(test) for test in fresh if "::" not in test),
        )

    def __contains__(self, test: str) -> bool:
        return _function(test) in self.functions or (bool(self.outlines) and outline(test) in self.outlines)


def _old_fault(test: str, old: TestResults, ran: "_Ran") -> tuple[str, Sort] | None:
    if test in old.passed:
        return None
    if test in old.red:
        return "it passed before and fails on the new code", Sort.RED
    if test in old.skipped:
        return "it passed before and is skipped on the new code", Sort.SKIPPED
    return None if test in ran else ("it passed before and does not run on the new code", Sort.ABSENT)


def _new_fault(test: str, after: TestResults, ran: "_Ran", files: Files) -> tuple[str, Sort] | None:
    if test in after.skipped:
        return "it passed before and the new tests skip it", Sort.NEW_SKIP
    if test in _all(after) or test in ran:
        return None
    file = files.of(test)
    is_untouched = file not in files.touched if file is not None else not files.holds_modules
    return ("it passed before and does not run any more, though its file is as it was", Sort.NEW_ABSENT) if is_untouched else None


def _own_reason(found: Found, may: May) -> str | None:
    if found.file is not None and found.file in may.files:
        return may.files[found.file]
    return "an earlier phase of this run added it" if found.test in may.added else None


def _is_settled(found: Found, second: StepReport) -> bool:
    results = _results(second)
    match found.sort:
        case Sort.STEP:
            return second.status is StepStatus.GREEN
        case Sort.NEW_SKIP | Sort.NEW_ABSENT:
            return found.test not in results.passed
        case _ if found.test in results.passed:
            return True
        case _:
            return found.file is None and found.test not in _all(results)


def _seen(three: Three) -> TestResults:
    """The candidate's results under the parent's ids, where only figures and the like differ."""
    return seen_from(three.before.results, three.after.results) or _NOTHING


def _results(step: StepReport) -> TestResults:
    return step.results or _NOTHING


def _all(results: TestResults) -> set[str]:
    return {*results.passed, *results.failed, *results.errors, *results.skipped}


def _function(test: str) -> str:
    return test.partition("[")[0]
