"""Finds checks that can never be green, whatever the phases write, since the plan or the machine is at fault."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from autopack.checks.results.evidence import cut_tail
from autopack.checks.results.recognise import words
from autopack.checks.results.text import plain, stable
from autopack.core.checking import StepReport, StepStatus
from autopack.core.errors import EnvironmentBlockedError
from autopack.core.plan import Checks, CheckStep, PhaseSpec
from autopack.core.scope import matches

_TAIL: Final = 2_000
_TEST: Final = re.compile(
    r"(?:^|/)(?:tests?|__tests__|specs?|e2e|testing)/|(?:^|/)tests?[_.-][^/]*$|[^/]*(?:[_.-](?:tests?|spec)|Tests?|Spec)\.\w+$"
)
_WITH_TESTS: Final = frozenset({".rs", ".zig", ".d"})
"""Languages whose tests stand in the source file itself."""

_SETTINGS: Final = (
    *(
        "package.json",
        "Makefile",
        "makefile",
        "GNUmakefile",
        "justfile",
        "Justfile",
        "pyproject.toml",
        "setup.cfg",
        "tox.ini",
        "pytest.ini",
    ),
    *("noxfile.py", "conftest.py", "Cargo.toml", ".config/nextest.toml", "build.gradle", "build.gradle.kts", "pom.xml", "CMakeLists.txt"),
    *("jest.config.js", "jest.config.ts", "vitest.config.js", "vitest.config.ts", "vite.config.js", "vite.config.ts", ".mocharc.json"),
)
"""Where a runner is told to write a report."""

_MANIFESTS: Final = ("package.json", "pyproject.toml", "setup.py", "requirements.txt", "Cargo.toml", "go.mod", "Gemfile", "pom.xml")
_NO_MODULE: Final = re.compile(
    r"No module named '?(?P<python>[\w.]+)|(?:Cannot find (?:module|package)|Failed to load url) '?(?P<script>[^'\s(]+)"
)


@dataclass(frozen=True)
class BaseFacts:
    """``paths`` are those of the base commit, ``empty_submodules`` the ones of them that are empty folders in the work tree."""

    paths: Collection[str] = ()
    empty_submodules: Callable[[], tuple[str, ...]] = tuple


def why_unusable(step: CheckStep, checks: Checks, report: StepReport, phases: Iterable[PhaseSpec], facts: BaseFacts) -> str | None:
    """A sentence on what no phase up to this one can mend; None where a phase may mend it, or where nobody can tell.

    Args:
        step: the check, on the base.
        checks: the checks it belongs to, for their directory.
        report: what it said there.
        phases: those that will have run by the time the check counts.
        facts: what the base holds.
    """
    if report.status in (StepStatus.GREEN, StepStatus.NOT_STARTED):
        return None
    entries = tuple(entry for phase in phases for entry in phase.scope.paths)
    submodule = next((path for path in facts.empty_submodules() if _speaks_of(path, step, checks, report)), None)
    if submodule is not None:
        advice = "'workspace.submodules: true' fills it"
        return f"the submodule '{submodule}' is an empty folder in the run's work tree, and the check needs it ({advice})."
    if has_no_report(report):
        return None if _may_bring_a_report(step, entries, facts.paths) else report.detail
    return next((sentence for sentence in _modules_nobody_makes(report, entries, facts.paths)), None)


def has_no_report(report: StepReport) -> bool:
    """Whether the command says that all is well and its test report does not: it is missing, or breaks off."""
    return report.exit_code == 0 and report.results is not None and not report.results.is_complete and not report.results.red


def says_the_same(report: StepReport, parent: StepReport, may_write: Callable[[str], bool]) -> bool:
    """Whether a check fails as on the parent: it misses the same report, or a module that the phase may not write."""
    if has_no_report(report):
        return has_no_report(parent) and report.detail == parent.detail
    here, there = report.results, parent.results
    if here is None or there is None or not here.errors or set(here.errors) != set(there.errors):
        return False
    wanted = {found[0] for found in _NO_MODULE.finditer(_said(report))}
    return bool(wanted) and wanted == {found[0] for found in _NO_MODULE.finditer(_said(parent))} and not any(map(may_write, here.errors))


def cannot_be_green(where: str, report: StepReport, sentence: str) -> EnvironmentBlockedError:
    advice = "No phase of the plan can mend that; correct the check or its 'results' in the plan, or fill in what it needs in 'workspace'."
    tail = last_lines(report)
    message = f"{where} '{report.command}' cannot become green: {sentence} {advice}"
    return EnvironmentBlockedError(f"{message}\n{tail}" if tail else message, next_command="autopack plan check --run-checks")


def last_lines(report: StepReport, limit: int = _TAIL) -> str:
    return cut_tail(stable(plain(report.output)).strip(), limit)


def _speaks_of(submodule: str, step: CheckStep, checks: Checks, report: StepReport) -> bool:
    name = re.compile(rf"(?<![\w.-]){re.escape(submodule)}(?![\w.-])")
    spoken = " ".join((*words(step.command), checks.cwd, report.detail, _said(report)))
    return name.search(spoken) is not None or any(
        found["python"] is not None and found["python"].partition(".")[0] in PurePosixPath(submodule).parts
        for found in _NO_MODULE.finditer(_said(report))
    )


def _said(report: StepReport) -> str:
    details = report.results.details if report.results else ()
    return "\n".join((report.output, *(text for _, text in details)))


def _may_bring_a_report(step: CheckStep, entries: tuple[str, ...], paths: Collection[str]) -> bool:
    """Whether a phase may bring the missing report: by telling the runner to write one or, without any tests yet, by adding tests."""
    tracked = frozenset(paths)
    named = [word.removeprefix("./") for word in words(step.command) if word.removeprefix("./") in tracked]
    if any(_covers(entry, place) for entry in entries for place in (*_SETTINGS, *named)):
        return True
    return not any(map(_TEST.search, tracked)) and any(_may_hold_tests(entry, tracked) for entry in entries)


def _may_hold_tests(entry: str, tracked: frozenset[str]) -> bool:
    is_file = "*" not in entry and not entry.endswith("/") and not any(path.startswith(f"{entry}/") for path in tracked)
    return not is_file or bool(_TEST.search(entry)) or PurePosixPath(entry).suffix in _WITH_TESTS


def _covers(entry: str, place: str) -> bool:
    return matches(entry, place) or ("*" not in entry and PurePosixPath(entry).name == PurePosixPath(place).name)


def _modules_nobody_makes(report: StepReport, entries: tuple[str, ...], paths: Collection[str]) -> Iterator[str]:
    """A test file that cannot be collected, since it misses a module that is not the project's and that no phase may bring."""
    results = report.results
    if results is None or not results.errors:
        return
    if any(_covers(entry, manifest) for entry in entries for manifest in (*_MANIFESTS, *_SETTINGS)):
        return
    texts = dict(results.details)
    for test in results.errors:
        found = _NO_MODULE.search(texts.get(test, report.output))
        if found is None or any(matches(entry, test) for entry in entries):
            continue
        module = found["python"] or found["script"]
        if not _may_be_the_projects(module, entries, paths):
            yield f"'{test}' cannot be loaded: there is no module '{module}'."


def _may_be_the_projects(module: str, entries: tuple[str, ...], paths: Collection[str]) -> bool:
    if module.startswith((".", "/")):
        return any("*" in entry or entry.endswith("/") or "." not in PurePosixPath(entry).name for entry in entries)
    top = re.split(r"[./]", module.removeprefix("@"))[0]
    places = (path for path in (*paths, *entries) if top in PurePosixPath(path).parts or PurePosixPath(path).stem == top)
    return any(True for _ in places)
