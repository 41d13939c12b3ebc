"""Keeps a command's report on a tree, so that the same command does not run there again in the same environment."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from autopack.checks.commands.environment import environment_sha256
from autopack.core.checking import StepReport, StepStatus
from autopack.core.plan import Checks, CheckStep

_KNOWN: Final = frozenset({StepStatus.GREEN, StepStatus.RED, StepStatus.NO_TESTS})
"""The reports that are kept. A time limit may have been bad luck, and a missing program may be installed by now."""


@dataclass(frozen=True)
class BaselineKey:
    tree: str
    command_sha256: str
    environment_sha256: str


@dataclass(frozen=True)
class Baselines:
    """Two callables over the store, and the environment of the checks in question."""

    recall: Callable[[BaselineKey], StepReport | None]
    remember: Callable[[BaselineKey, StepReport], None]
    environment: Mapping[str, str]

    def get(self, tree: str, step: CheckStep, checks: Checks) -> StepReport | None:
        return self.recall(baseline_key(tree, step, checks, self.environment))

    def put(self, tree: str, step: CheckStep, checks: Checks, report: StepReport) -> None:
        if report.status in _KNOWN:
            self.remember(baseline_key(tree, step, checks, self.environment), report)


def baseline_key(tree: str, step: CheckStep, checks: Checks, environment: Mapping[str, str]) -> BaselineKey:
    """Command, directory and how results are read make the command; names and limits do not."""
    asked = (step.command, checks.cwd, step.tests, step.results.model_dump_json() if step.results else None)
    return BaselineKey(tree, hashlib.sha256(repr(asked).encode()).hexdigest(), environment_sha256(environment))
