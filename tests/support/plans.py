"""Plans for tests: the contract's own example, and shorthand for small ones."""

from typing import Any

from autopack.planning.plan_file import PlanReading, PlanSource, read_plan

FULL = """\
version: 1
project: shop
goal: One paragraph that builder and auditor read.
base: null
budget: {max_usd: null, max_tokens: null, max_hours: null}
instructions: [AGENTS.md]
inputs: {region: {type: string, default: eu, choices: [eu, us], description: Where it runs.}}
workspace:
  setup: [{command: "npm ci", network: true, timeout_s: 1800, env_from: [NPM_TOKEN], again_when: ["package-lock.json"]}]
  link: [{path: .venv, mode: copy}]
defaults: {complexity: medium, ci: {command: "pytest -q"}}
phases:
  - id: add-model
    description: The model.
    scope: {paths: [src/model.py]}
  - id: add-parser
    description: What to build.
    task_category: feature
    complexity: low
    builder_mode: auto
    depends_on: [add-model]
    acceptance_criteria: ["..."]
    scope:
      paths: [src/, tests/test_a.py, "docs/**/*.md"]
      read_only_context: [docs/]
      may_add: []
    ci:
      baseline: strict
      steps: [{name: unit, command: "...", timeout_s: 900, idle_timeout_s: null, tests: auto, results: {format: junit, path: unit.xml}}]
      cwd: .
      network: false
      env: {}
      env_from: []
      expect: green
      flaky: {reruns: 1, on_flaky: accept}
      changed_tests: hold
      writes: report
      log_on_success: false
      skip: false
      reason: null
    derive:
      - {command: "npm install --package-lock-only", when: ["**/package.json"], writes: [package-lock.json], network: true}
      - {command: "ruff format {changed}", when: ["**/*.py"], writes: changed}
    allow_mass_deletion: false
    allow_mass_addition: false
    allow_no_change: false
    gate: auto
    max_attempts: 5
    max_tokens: null
    max_usd: null
final: {steps: []}
"""


def reading(text: str, project: str = "shop") -> PlanReading:
    return read_plan(PlanSource.pinned("plan.yaml", text), project)


def faults(text: str) -> list[str]:
    """``line: message`` of every fault."""
    return [f"{problem.line}: {problem.message}" for problem in reading(text).problems]


def plan(text: str) -> Any:
    found = reading(text)
    assert found.problems == ()
    return found.plan


def with_phases(phases: str, defaults: str = "{ci: {command: pytest}}") -> str:
    """A plan whose phases begin on line 5."""
    return f"version: 1\ngoal: g\ndefaults: {defaults}\nphases:\n{phases}"
