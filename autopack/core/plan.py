"""The plan as the run works on it: defaults merged, every short form spelled out. ``planning.plan_file`` reads it from YAML."""

from typing import Annotated, Literal

from pydantic import Field

from autopack.core.exploring import ExploreMode
from autopack.core.model import Frozen

Command = Annotated[str, Field(min_length=1)] | Annotated[tuple[str, ...], Field(min_length=1)]
"""A string runs in a shell; a list is an argument list without one."""

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Seconds = Annotated[float, Field(gt=0)]


class Budget(Frozen):
    max_usd: Annotated[float, Field(gt=0)] | None = None
    max_tokens: Annotated[int, Field(gt=0)] | None = None
    max_hours: Annotated[float, Field(gt=0)] | None = None


class SetupStep(Frozen):
    command: Command
    network: bool = False
    timeout_s: Seconds = 1800
    env_from: tuple[str, ...] = ()
    again_when: tuple[str, ...] = ()


class Link(Frozen):
    path: str
    mode: Literal["copy", "ro", "symlink"] = "copy"


class Workspace(Frozen):
    setup: tuple[SetupStep, ...] = ()
    submodules: bool = False
    link: tuple[Link, ...] = ()


class Results(Frozen):
    """Where a check leaves its test results; ``path`` is relative to the check's ``cwd`` and may be a pattern."""

    format: Literal["junit", "pytest", "tap", "trx", "gtest", "go"]
    path: str | None = None


class CheckStep(Frozen):
    command: Command
    name: str | None = None
    timeout_s: Seconds = 1800
    idle_timeout_s: Seconds | None = None
    tests: Literal["auto", "required", "none"] = "auto"
    results: Results | None = None


class Flaky(Frozen):
    reruns: Annotated[int, Field(ge=0, le=10)] = 1
    on_flaky: Literal["accept", "hold", "fail"] = "accept"


class Checks(Frozen):
    """The checks of a phase (``ci`` in the plan), their short form spelled out as one step."""

    steps: tuple[CheckStep, ...] = ()
    baseline: Literal["strict", "parent"] = "strict"
    cwd: str = "."
    network: bool = False
    env: dict[str, str] = Field(default_factory=dict)
    env_from: tuple[str, ...] = ()
    expect: Literal["green", "red"] = "green"
    flaky: Flaky = Flaky()
    writes: Literal["report", "fail"] = "report"
    changed_tests: Literal["hold", "audit", "refuse"] = "hold"
    log_on_success: bool = False
    skip: bool = False
    reason: str | None = None


class DeriveStep(Frozen):
    """A tool that makes files from an edit. ``writes`` is ``changed`` (this edit's files) or patterns."""

    command: Command
    when: tuple[str, ...]
    writes: Literal["changed"] | tuple[str, ...]
    network: bool = False
    timeout_s: Seconds = 600
    env_from: tuple[str, ...] = ()


class PhaseScope(Frozen):
    paths: Annotated[tuple[str, ...], Field(min_length=1)]
    read_only_context: tuple[str, ...] = ()
    may_add: tuple[str, ...] = ()


class PhaseSpec(Frozen):
    id: Slug
    description: Annotated[str, Field(min_length=1)]
    task_category: Slug = "feature"
    complexity: Literal["low", "medium", "high"] = "medium"
    builder_mode: Literal["auto", "full_file", "diff", "structured_edit"] = "auto"
    depends_on: tuple[str, ...] = ()
    acceptance_criteria: tuple[str, ...] = ()
    scope: PhaseScope
    ci: Checks
    derive: tuple[DeriveStep, ...] = ()
    allow_mass_deletion: bool = False
    allow_mass_addition: bool = False
    allow_no_change: bool = False
    gate: Literal["auto", "hold"] = "auto"
    explore: ExploreMode = "auto"
    max_attempts: Annotated[int, Field(ge=1, le=100)] = 5
    max_tokens: Annotated[int, Field(gt=0)] | None = None
    max_usd: Annotated[float, Field(gt=0)] | None = None


class Input(Frozen):
    """A value that is given when a run begins (``--set``); without a default it must be."""

    type: Literal["string", "integer", "number", "boolean"] = "string"
    default: str | int | float | bool | None = None
    choices: tuple[str | int | float, ...] = ()
    description: str = ""


class FinalChecks(Frozen):
    steps: tuple[CheckStep, ...] = ()


class Plan(Frozen):
    """``depends_on`` of every phase is explicit here: the file's default (the phase before) is already filled in."""

    version: Literal[1] = 1
    project: Slug
    goal: Annotated[str, Field(min_length=1)]
    base: str | None = None
    budget: Budget = Budget()
    instructions: tuple[str, ...] | None = None
    inputs: dict[Slug, Input] = Field(default_factory=dict)
    workspace: Workspace = Workspace()
    phases: Annotated[tuple[PhaseSpec, ...], Field(min_length=1)]
    final: FinalChecks = FinalChecks()

    def phase(self, phase_id: str) -> PhaseSpec:
        return next(phase for phase in self.phases if phase.id == phase_id)
