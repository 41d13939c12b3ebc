"""Whether a change weakens the project's tests: tests gone, skipped, emptied, asserting less, or no longer run. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from autopack.core.checking import CheckReport
from autopack.core.model import Frozen
from autopack.core.scope import Scope
from autopack.review.python_tests import PythonTest, PythonTests, python_tests
from autopack.review.runner_settings import changed_settings
from autopack.review.script_tests import ScriptTests, script_tests

_PYTHON_TEST: Final = re.compile(r"(?:.*/)?(?:test_[^/]*|[^/]*_test|tests|conftest)\.py|(?:.*/)?(?:tests?|testing)/.*\.py")
_SCRIPT_TEST: Final = re.compile(
    r"(?:.*/)?(?:[^/]*[._-](?:test|spec|cy)|test[^/]*)\.[cm]?[jt]sx?|(?:.*/)?(?:tests?|__tests__|specs?|e2e)/.*\.[cm]?[jt]sx?"
)
_SHELL_RUNS: Final = r"(?:(?:^|[;&|(]\s*)|\b(?:sh|bash|dash|zsh|source|\.)\s+(?:-\S+\s+)*)(?:\./)?{path}(?=\s|$|[;&|)])"
_RUNS: Final = r"\b(?:python[\d.]*|node|ruby|perl|deno run|bun)\s+(?:-\S+\s+)*(?:\./)?{path}(?=\s|$|[;&|)])"
_TEST_PROGRAM: Final = re.compile(r"(?:.*/)?(?:[^/]*[._-])?(?:run_?tests?|tests?|check|checks|verify|ci)(?:[._-][^/]*)?")
_NAMED: Final = 5


class Finding(Frozen):
    """``is_allowed``: the phase's scope names that very file, so it is told and does not block."""

    path: str
    message: str
    is_allowed: bool

    @property
    def sentence(self) -> str:
        return f"{self.path}: {self.message}."


class TestChanges(Frozen):
    """What was found, as it is recorded."""

    __test__ = False

    findings: tuple[Finding, ...] = ()

    @property
    def blocking(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.is_allowed)


def find_tampering(before: Mapping[str, str], after: Mapping[str, str | None], report: CheckReport, scope: Scope) -> tuple[Finding, ...]:
    """Everything of the change that makes the tests say less; a test that only moved, or got another name or form, is nothing.

    Args:
        before: the texts of the touched files in the parent.
        after: each touched path's new text; None where the file is gone.
        report: of the green check, for the ids that passed on the parent and did not run.
        scope: the paths that people named; ``names_exactly`` decides what is allowed.
    """
    found: list[tuple[str, str]] = []
    paths = sorted({*before, *after})
    found += _python({path: (before.get(path), after.get(path)) for path in paths if _PYTHON_TEST.fullmatch(path)})
    found += _scripts({path: (before.get(path), after.get(path)) for path in paths if _SCRIPT_TEST.fullmatch(path)})
    rules = [(path, message) for path in paths for message in _rules_of(path, before.get(path), after.get(path), report)]
    lost = _not_run(report, frozenset(paths))
    found += [*rules, *((rules[0][0], f"{message} ({path})") if rules else (path, message) for path, message in lost)]
    return tuple(Finding(path=path, message=message, is_allowed=scope.names_exactly(path)) for path, message in dict.fromkeys(found))


def _rules_of(path: str, before: str | None, after: str | None, report: CheckReport) -> Iterator[str]:
    if before == after:
        return
    yield from changed_settings(path, before, after)
    if before is not None and _is_the_command(path, report):
        yield "it is the check's own program, and the change rewrites it"


@dataclass(frozen=True)
class _Both:
    old: PythonTests
    new: PythonTests


def _python(files: Mapping[str, tuple[str | None, str | None]]) -> Iterator[tuple[str, str]]:
    read = {path: (python_tests(old), python_tests(new)) for path, (old, new) in files.items()}
    both = {path: _Both(old, new) for path, (old, new) in read.items() if old is not None and new is not None}
    gained = _gained(both)
    for path, file in both.items():
        gone = [test for name, test in file.old.tests.items() if name not in file.new.tests and not _lives_on(test, both, gained)]
        if gone:
            yield path, f"{_count(len(gone), 'test')} gone: {_names([test.name for test in gone])}"
        if file.new.skips > file.old.skips and file.old.tests:
            yield path, "the whole module is skipped or expected to fail now"
        for name, old in file.old.tests.items():
            new = file.new.tests.get(name)
            if new is not None:
                yield from ((path, message) for message in _weakened(old, new, gained))


def _weakened(old: PythonTest, new: PythonTest, gained: Counter[str]) -> Iterator[str]:
    if new.skips > old.skips:
        yield f"`{old.name}` is skipped or expected to fail now"
    if new.is_empty and not old.is_empty:
        yield f"`{old.name}` is emptied"
    elif new.weight < old.weight and not _paid(old.shapes - new.shapes, old.weight - new.weight, gained):
        yield f"`{old.name}` asserts {new.weight} instead of {old.weight} times"


def _gained(both: Mapping[str, _Both]) -> Counter[str]:
    """Assertions of tests that are new or grew, by shape: what assertions that are gone elsewhere may have become."""
    gained: Counter[str] = Counter()
    for file in both.values():
        for name, new in file.new.tests.items():
            old = file.old.tests.get(name)
            rounds = new.weight // max(1, new.shapes.total())
            if new.skips == 0 or (old is not None and old.skips):
                for shape, times in (new.shapes - old.shapes if old else new.shapes).items():
                    gained[shape] += times * rounds
                if old is not None and not new.shapes - old.shapes and new.weight > old.weight:
                    for shape in new.shapes:
                        gained[shape] += new.weight - old.weight
    return gained


def _lives_on(old: PythonTest, both: Mapping[str, _Both], gained: Counter[str]) -> bool:
    """Whether the test stands elsewhere, or as another test that asserts the same of other names and values."""
    leaf = old.name.rpartition(".")[2]
    for file in both.values():
        for name, new in file.new.tests.items():
            is_same = name.rpartition(".")[2] == leaf and name not in file.old.tests
            if is_same and new.skips <= old.skips and new.weight >= old.weight and new.is_empty <= old.is_empty:
                gained.subtract(new.shapes)
                return True
    if old.weight == 0:
        fresh = [new for file in both.values() for name, new in file.new.tests.items() if name not in file.old.tests]
        return any(not new.is_empty and new.skips <= old.skips for new in fresh)
    return _paid(old.shapes, old.weight, gained)


def _paid(lost: Counter[str], weight: int, gained: Counter[str]) -> bool:
    """Whether what is lost was gained elsewhere, shape by shape; what pays for it pays only once."""
    shapes = lost or Counter()
    available = sum(max(0, gained[shape]) for shape in shapes)
    if not shapes or not all(gained[shape] > 0 for shape in shapes) or available < min(weight, shapes.total()):
        return False
    gained.subtract(shapes)
    return True


def _scripts(files: Mapping[str, tuple[str | None, str | None]]) -> Iterator[tuple[str, str]]:
    both = {path: (script_tests(old), script_tests(new)) for path, (old, new) in files.items()}
    fresh: Counter[str] = Counter()
    titles = 0
    for old, new in both.values():
        for title in new.expects.keys() - old.expects.keys():
            titles += 1
            fresh += new.expects[title]
            if title in new.has_rounds:
                fresh += Counter(dict.fromkeys(new.expects[title], 1_000))
    for path, (old, new) in both.items():
        gone = []
        for title in (title for title in old.expects if title not in new.expects):
            if old.expects[title] and not old.expects[title] - fresh:
                fresh -= old.expects[title]
            elif not old.expects[title] and titles > 0:
                titles -= 1
            else:
                gone.append(title)
        if gone:
            yield path, f"{_count(len(gone), 'test')} gone: {_names(gone)}"
        if new.skips > old.skips:
            yield path, "more tests are skipped, or others are left out by `.only`"
        yield from ((path, message) for message in _expecting_less(old, new, fresh))


def _expecting_less(old: ScriptTests, new: ScriptTests, fresh: Counter[str]) -> Iterator[str]:
    for title in (title for title in old.expects if title in new.expects):
        before, after = old.expects[title], new.expects[title]
        fell = before.total() > after.total() and title not in new.has_rounds - old.has_rounds
        if fell and (before - after) - fresh:
            yield f"`{title}` expects {after.total()} instead of {before.total()} times"


def _is_the_command(path: str, report: CheckReport) -> bool:
    if _PYTHON_TEST.fullmatch(path) or _SCRIPT_TEST.fullmatch(path):
        return False
    name = re.escape(path)
    commands = [re.sub(r"[\[\]\",]+", " ", step.command).strip() for step in report.steps]
    if any(re.search(_SHELL_RUNS.format(path=name), command) for command in commands):
        return True
    return _TEST_PROGRAM.fullmatch(path) is not None and any(re.search(_RUNS.format(path=name), command) for command in commands)


def _not_run(report: CheckReport, touched: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Ids that passed on the parent and did not run here, of files that the change does not touch: those were read already."""
    results = [step.results for step in report.steps if step.results]
    ran = {_function(test) for result in results for test in (*result.passed, *result.failed, *result.errors)}
    skipped = {test for result in results for test in result.skipped}
    lost: dict[str, list[str]] = {}
    for test in report.missing:
        path = re.split(r"::| > ", test, maxsplit=1)[0]
        if path in touched or _stands_for(test, touched):
            continue
        if test in skipped or _function(test) not in ran:
            lost.setdefault(path, []).append(test + (" (skipped)" if test in skipped else ""))
    for path, tests in lost.items():
        yield path, f"{_count(len(tests), 'test')} that passed before did not run: {_names(tests)}"


def _stands_for(test: str, touched: frozenset[str]) -> bool:
    """Where an id names no file (a suite, a class), a touched test file may be where it stands."""
    return "::" not in test and any(_SCRIPT_TEST.fullmatch(path) or _PYTHON_TEST.fullmatch(path) for path in touched)


def _function(test: str) -> str:
    return test.partition("[")[0]


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number > 1 else ''}"


def _names(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(f"`{name}`" for name in names[:_NAMED]) + more
