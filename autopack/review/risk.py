"""Counts how risky a change is, from its diff and what the auditor left open: one table of parts. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from autopack.core.quality import QualityLevel, Risk, RiskPart
from autopack.core.scope import Scope
from autopack.core.settings import QualitySettings
from autopack.core.tool_made import is_tool_made
from autopack.edits.protected import is_ci
from autopack.review.diff_text import FileDiff, split_diff
from autopack.review.test_files import counts_as_test

MOST: Final = 100
_UNTESTED_LINES: Final = 50
_NAMES: Final = 3

_SENSITIVE: Final = re.compile(
    r"(?:^|[/._-])(?:auth(?:n|z|entication|orization)?|login|oauth\d?|security|crypto(?:graphy)?|secrets?|passwords?|credentials?|permissions?|acl|rbac|sessions?|tokens?"
    r"|payments?|billing|migrations?|privacy)(?=[/._-]|$)",
    re.IGNORECASE,
)
_RISKY: Final = re.compile(
    r".*\.(?:sh|bash|zsh|ps1|bat|cmd|sql|tf|tfvars|service|plist)|(?:.*/)?(?:dockerfile|containerfile|procfile|vagrantfile)(?:\..*)?",
    re.IGNORECASE,
)
_DEPENDENCIES: Final = re.compile(
    r"(?:.*/)?(?:package\.json|pyproject\.toml|setup\.(?:py|cfg)|requirements[\w.-]*\.(?:txt|in)|pipfile|environment\.ya?ml|go\.mod|cargo\.toml"
    r"|gemfile|[\w.-]+\.gemspec|composer\.json|pom\.xml|build\.gradle(?:\.kts)?|mix\.exs|pubspec\.yaml|[\w.-]+\.csproj|package\.swift)",
    re.IGNORECASE,
)
_CODE: Final = re.compile(
    r".*\.(?:py|pyx|js|jsx|mjs|cjs|ts|tsx|go|rs|java|kt|scala|c|h|cc|cpp|hpp|cs|fs|rb|php|swift|m|ex|exs|dart|lua|pl|r|jl|sql|sh|vue|svelte)",
    re.IGNORECASE,
)
_TODO: Final = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
_LINES: Final = ((2000, 30), (1000, 20), (500, 10), (200, 5))


@dataclass(frozen=True)
class WeighedChange:
    """``diff`` is git's, whole or cut; ``planned`` the scope as the plan has it; ``not_judged`` the criteria that the auditor left open."""

    diff: str
    planned: Scope
    not_judged: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Changed:
    """A file of the diff: the lines that were added, and how many went."""

    path: str
    added: tuple[str, ...]
    removed: int

    @property
    def lines(self) -> int:
        return len(self.added) + self.removed


@dataclass(frozen=True)
class Judged:
    """What is counted: the files that people write; the paths, written by whomever, that the plan does not name; what was not answered."""

    written: tuple[_Changed, ...]
    unnamed: tuple[str, ...]
    not_judged: tuple[str, ...]


def risk_of(change: WeighedChange, settings: QualitySettings, task_category: str) -> Risk:
    """Paths that the plan names exactly were chosen by a person: their names alone are no risk."""
    files = tuple(map(_changed, split_diff(change.diff)))
    written = tuple(file for file in files if not is_tool_made(file.path))
    unnamed = tuple(file.path for file in files if not change.planned.names_exactly(file.path))
    judged = Judged(written, unnamed, change.not_judged)
    parts = tuple(part for name, count in PARTS.items() if (part := _part(name, count(judged))).points > 0)
    points = min(MOST, sum(part.points for part in parts))
    return Risk(points=points, level=_level(points, settings, task_category), parts=parts)


Points = tuple[int, str]


def _lines(judged: Judged) -> Points:
    lines = sum(file.lines for file in judged.written)
    return next((points for least, points in _LINES if lines > least), 0), f"{lines} lines changed"


def _untested(judged: Judged) -> Points:
    lines = sum(file.lines for file in judged.written if _CODE.fullmatch(file.path) and not counts_as_test(file.path))
    has_tests = any(counts_as_test(file.path) and file.added for file in judged.written)
    return (15 if lines > _UNTESTED_LINES and not has_tests else 0), f"no test with {lines} lines of code"


def _sensitive(judged: Judged) -> Points:
    found = [path for path in judged.unnamed if _SENSITIVE.search(path) and not counts_as_test(path) and not is_tool_made(path)]
    return min(20, 10 * len(found)), f"sensitive by name: {_listed(found)}"


def _matching(matches: Callable[[str], object], points: tuple[int, int], what: str) -> Callable[[Judged], Points]:
    """The first of ``points`` for each file that matches, the second at most."""

    def count(judged: Judged) -> Points:
        found = [path for path in judged.unnamed if matches(path)]
        return min(points[1], points[0] * len(found)), f"{what}: {_listed(found)}"

    return count


def _todo(judged: Judged) -> Points:
    markers = sum(len(_TODO.findall(line)) for file in judged.written for line in file.added)
    return min(10, 3 * markers), f"{markers} TODO marker{'' if markers == 1 else 's'}"


def _not_judged(judged: Judged) -> Points:
    count = len(judged.not_judged)
    return min(30, 10 * count), f"{count} criteri{'on' if count == 1 else 'a'} not judged"


PARTS: Final[dict[str, Callable[[Judged], Points]]] = {
    "lines": _lines,
    "no_tests": _untested,
    "sensitive_paths": _sensitive,
    "risky_files": _matching(_RISKY.fullmatch, (5, 10), "run or deployed as they are"),
    "dependencies": _matching(_DEPENDENCIES.fullmatch, (10, 10), "dependencies"),
    "ci": _matching(is_ci, (20, 20), "CI"),
    "todo": _todo,
    "not_judged": _not_judged,
}


def _part(name: str, counted: Points) -> RiskPart:
    return RiskPart(name=name, points=counted[0], why=counted[1])


def _level(points: int, settings: QualitySettings, task_category: str) -> QualityLevel:
    thresholds = settings.of(task_category)
    if points >= thresholds.refuse_at:
        return QualityLevel.BLOCKED
    return QualityLevel.NEEDS_REVIEW if points >= thresholds.review_at else QualityLevel.OK


def _changed(file: FileDiff) -> _Changed:
    body = file.text.partition("\n@@")[2].split("\n")
    added = tuple(line[1:] for line in body if line.startswith("+"))
    return _Changed(file.path, added, sum(line.startswith("-") for line in body))


def _listed(paths: list[str]) -> str:
    return ", ".join(paths[:_NAMES]) + (f" and {len(paths) - _NAMES} more" if len(paths) > _NAMES else "")
