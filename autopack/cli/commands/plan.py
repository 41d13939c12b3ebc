"""``autopack plan check`` judges a plan file before it runs; ``plan schema`` prints its JSON Schema."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from autopack.cli.options import AsJson, Repo, SetInput, given_inputs, system_clock
from autopack.cli.output import note, print_json
from autopack.core.counted import counted
from autopack.core.errors import EnvironmentBlockedError, InvalidInputError, UsageError
from autopack.core.printed import SCHEMA
from autopack.settings.environment import inherited_environment, process_environment

if TYPE_CHECKING:
    from autopack.core.plan import Plan
    from autopack.executor.start.estimate_plan import PlanEstimate
    from autopack.planning.plan_file import PlanSource
    from autopack.worktree.repository import Repository

File = Annotated[
    str | None,
    typer.Argument(metavar="FILE", show_default=False, help="The plan, or the name of one in .autopack/plans. Default: autopack.yaml."),
]


RunChecks = Annotated[
    bool, typer.Option("--run-checks", help="Run every command of the plan once on the base: can it be started, is it green?")
]

Estimated = Annotated[bool, typer.Option("--estimate", help="Tokens and dollars: best, likely and worst, by phase and of the whole run.")]
OfTemplate = Annotated[bool, typer.Option("--template", help="The schema of a template of plans instead.")]

LINES_SHOWN: Final = 12


def check(
    file: File = None,
    *,
    run_checks: RunChecks = False,
    estimate: Estimated = False,
    set_input: SetInput = None,
    repo: Repo = Path(),
    as_json: AsJson = False,
) -> None:
    """Check a plan file and say everything that is wrong with it."""
    from autopack.planning.plan_file import find_plan, plan_refused, read_plan

    environment = process_environment()
    repository, without = _repository(repo)
    top = repository.top if repository else repo.resolve()
    try:
        source = replace(find_plan(top, file), given=given_inputs(set_input))
    except InvalidInputError as error:
        if as_json:
            print_json(_record([{"file": file or "autopack.yaml", "line": None, "message": str(error)}], []))
        raise
    notes = [without] if without else []
    variables, faulty = _key_variables(top if repository else None, environment)
    notes += [faulty] if faulty else []
    reading = read_plan(source, top.name, variables)
    problems, blocked, estimated = [problem.model_dump() for problem in reading.problems], None, None
    if reading.plan is not None:
        notes += _notes(reading.plan, source, repository, environment)
        blocked = _run_checks(reading.plan, repo, notes) if run_checks else None
        estimated = _estimate(reading.plan, source, repo) if estimate and blocked is None else None
    if blocked is not None:
        problems.append({"file": source.name, "line": None, "message": blocked.message})
    if as_json:
        print_json(_record(problems, notes) | ({"estimate": estimated.model_dump(mode="json")} if estimated else {}))
    if blocked is not None:
        raise blocked
    if reading.plan is None:
        raise plan_refused(source.name, reading.problems)
    if not as_json:
        _say_valid(reading.plan, source, notes)
        _show(estimated)


def schema(*, template: OfTemplate = False) -> None:
    """Print the JSON Schema of a plan file, for editors."""
    import json

    from autopack.planning.schema import plan_schema
    from autopack.planning.templates.template import template_schema

    typer.echo(json.dumps(template_schema() if template else plan_schema(), indent=2))


def _repository(repo: Path) -> tuple["Repository | None", str | None]:
    """The repository, or a note that there is none: a plan can be judged by itself, unless a repository was named."""
    from autopack.worktree.repository import Repository

    try:
        return Repository.discover(repo, inherited_environment()), None
    except EnvironmentBlockedError as error:
        if repo != Path():
            raise
        return None, f"The plan was not checked against a repository: {error.message}"


def _key_variables(top: Path | None, environment: Mapping[str, str]) -> tuple[frozenset[str], str | None]:
    """Names of variables that a plan may not hand to commands, or a note that the configuration cannot name them all."""
    from autopack.settings.effective import load_settings
    from autopack.settings.key_variables import PROVIDER_KEYS, key_variables

    try:
        return key_variables(load_settings(top, environment).settings), None
    except InvalidInputError:
        return PROVIDER_KEYS, "The configuration has faults, which `autopack config show` names; keys that it names were not looked for."


def _notes(plan: "Plan", source: "PlanSource", repository: "Repository | None", environment: Mapping[str, str]) -> list[str]:
    from autopack.core.redaction import Redactor
    from autopack.planning.check import check_plan
    from autopack.planning.surroundings import PlanSurroundings
    from autopack.worktree.base_tree import BaseTree
    from autopack.worktree.submodules import find_submodules

    notes = []
    if Redactor().finds_in(source.text):
        notes.append("The plan holds what looks like a key or a token; hand it on by name with `env_from` instead.")
    if repository is None:
        return notes
    try:
        commit = repository.resolve(plan.base or "HEAD")
    except UsageError as error:
        return [*notes, f"`base`: {error.message}"]
    base = BaseTree(repository.git, commit)
    surroundings = PlanSurroundings(
        paths=base.entries.keys(),
        submodules=base.submodules,
        variables=environment.keys(),
        uncommitted=frozenset(repository.uncommitted()),
    )
    if plan.workspace.submodules:
        try:
            find_submodules(base, repository.common_dir / "modules")
        except EnvironmentBlockedError as error:
            notes.append(error.message)
    return [*notes, *(str(found) for found in check_plan(plan, surroundings))]


def _run_checks(plan: "Plan", repo: Path, notes: list[str]) -> EnvironmentBlockedError | None:
    """Adds what the plan's commands said on the base; gives the error where one cannot be started."""
    from autopack.cli.screens.told_while import told_while
    from autopack.executor.project_state import PLAN_CHECK, open_project
    from autopack.executor.start.check_on_base import check_on_base

    clock = system_clock()
    try:
        found = check_on_base(open_project(repo, clock), plan, clock.now(), told_while)
    except EnvironmentBlockedError as error:
        return error
    for one in found:
        notes += [f"{one.phase}: {one.sentence}", *(f"  | {line}" for line in one.last_lines.splitlines()[-LINES_SHOWN:])]
    notes.append(f"what they said: autopack logs {PLAN_CHECK}" if found else "every check runs, and is green on the base")
    if any(phase.derive for phase in plan.phases):
        notes.append("derive steps were looked for and not run: they need an edit to work on")
    return None


def _estimate(plan: "Plan", source: "PlanSource", repo: Path) -> "PlanEstimate":
    from autopack.executor.options import RunOptions
    from autopack.executor.start.estimate_plan import estimate_plan

    return estimate_plan(RunOptions(repo=repo, plan=source.path, is_new=True, given=source.given), plan, system_clock())


def _show(estimated: "PlanEstimate | None") -> None:
    from autopack.cli.screens.estimate_screen import estimate_lines
    from autopack.cli.screens.screen import stdout_screen

    if estimated is not None:
        screen = stdout_screen()
        screen.show(estimate_lines(estimated, screen.width))


def _record(problems: list[dict[str, Any]], notes: list[str]) -> dict[str, Any]:
    return {"schema": SCHEMA, "valid": not problems, "problems": problems, "notes": notes}


def _say_valid(plan: "Plan", source: "PlanSource", notes: list[str]) -> None:
    for text in notes:
        note(text if text.startswith("  | ") else f"note: {text}")
    many = counted(len(plan.phases), "phase")
    typer.echo(f"{source.name}: valid, {many}")
