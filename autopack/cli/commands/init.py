"""``autopack init`` looks at the project, writes what a first run needs, says what it found."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from autopack.cli.options import AsJson, Repo
from autopack.cli.output import note, print_json
from autopack.cli.printable import flat

if TYPE_CHECKING:
    from autopack.cli.screens.config_view import ConfigView
    from autopack.planning.plan_file import PlanSource
    from autopack.planning.project_tests import ProjectTests
    from autopack.worktree.repository import Repository


@dataclass(frozen=True)
class Found:
    """What the project has, and which files ``init`` wrote."""

    repository: "Repository"
    uncommitted: int
    view: "ConfigView"
    tests: "tuple[ProjectTests, ...]"
    submodules: tuple[str, ...]
    written: tuple[str, ...]
    kept: tuple[str, ...]
    cap: int | None


def init(*, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Look at the project and write a starter plan and configuration."""
    found = _look_and_write(repo)
    if as_json:
        print_json(_record(found))
        return
    for line in _lines(found):
        typer.echo(flat(line))
    for text in found.view.notes:
        note(f"note: {text}")
    for command in _next(found):
        note(f"next: {command}")


def _look_and_write(repo: Path) -> Found:
    from autopack.cli.screens.config_view import config_at
    from autopack.planning.plan_file import PlanSource
    from autopack.planning.project_tests import recognise_tests
    from autopack.planning.starter import BUDGET_USD, PLAN, SETTINGS, starter_plan, starter_settings, write_new
    from autopack.settings.environment import inherited_environment
    from autopack.worktree.base_tree import BaseTree
    from autopack.worktree.repository import Repository

    repository = Repository.discover(repo, inherited_environment())
    view = config_at(repository.top)
    base = BaseTree(repository.git, repository.resolve("HEAD"))
    tracked = base.entries.keys()
    uncommitted = len(repository.uncommitted())
    tests = recognise_tests(repository.top, tracked)
    readmes = [path for path in tracked if path.lower().startswith("readme") and path.isprintable() and "/" not in path]
    readme = min(readmes, key=_plainness, default="README.md")
    told = partial(starter_plan, tests[0] if tests else None, readme, has_submodules=bool(base.submodules))
    plan = told()
    cap = _cap(repository, view, PlanSource.pinned(PLAN, plan))
    if cap is not None and cap > BUDGET_USD:
        plan = told(budget=cap)
    outcome = {name: write_new(repository.top / name, text) for name, text in ((PLAN, plan), (SETTINGS, starter_settings()))}
    written = tuple(name for name, is_new in outcome.items() if is_new)
    kept = tuple(name for name, is_new in outcome.items() if not is_new)
    return Found(
        repository,
        uncommitted,
        view,
        tests,
        base.submodules,
        written,
        kept,
        cap if PLAN in written else _cap(repository, view, PlanSource.reread(str(repository.top / PLAN))),
    )


def _cap(repository: "Repository", view: "ConfigView", source: "PlanSource | None") -> int | None:
    """Dollars that are enough for the plan; None where it cannot be read, or a price is not known."""
    from autopack.core.errors import UserError
    from autopack.core.redaction import Redactor
    from autopack.executor.attempt.estimate import suggested_cap
    from autopack.planning.plan_file import load_plan
    from autopack.worktree.base_tree import BaseTree

    try:
        plan = load_plan(source.as_written, repository.top.name) if source else None
    except UserError:
        plan = None
    if plan is None:
        return None
    tree = BaseTree(repository.git, repository.resolve("HEAD"))
    redactor = Redactor(tuple(key.value.get_secret_value() for key in view.keys))
    return suggested_cap(plan, tree, view.effective.settings, view.keys, redactor)


def _plainness(name: str) -> tuple[int, str]:
    order = ("readme.md", "readme.rst", "readme.txt", "readme")
    return order.index(name.lower()) if name.lower() in order else len(order), name


def _lines(found: Found) -> list[str]:
    commit, branch = found.repository.head()
    dirty = f", {found.uncommitted} paths not committed" if found.uncommitted else ""
    lines = [f"git    {found.repository.top}, {f'on {branch}' if branch else 'detached'} at {commit[:10]}{dirty}"]
    lines += [f"tests  {one.kind} (from {one.source}): {one.command}" for one in found.tests]
    lines += [] if found.tests else ["tests  none recognised; write the command that shows that the project works into the plan"]
    if found.submodules:
        lines.append(f"submodules  {', '.join(found.submodules)}: 'workspace: {{submodules: true}}' has a run fill them")
    lines += [f"key    {key.provider}: {key.variable} …{key.last_four}, from {_place(key.source)}" for key in found.view.keys]
    lines += [] if found.view.keys else [f"key    none; set {' or '.join(_variables(found))}"]
    lines += [f"wrote  {name}" for name in found.written]
    return [*lines, *(f"kept   {name}, which was there already" for name in found.kept)]


def _place(source: str) -> str:
    return "the environment" if source == "environment" else f"the repository's {source}"


def _variables(found: Found) -> list[str]:
    return list(dict.fromkeys(provider.api_key_env for provider in found.view.effective.settings.models.providers))


def _next(found: Found) -> list[str]:
    capped = f"autopack run --max-usd {found.cap}" if found.cap is not None else "autopack run"
    run = [capped] if found.view.keys else ["autopack demo"]
    return ["autopack plan check", *run]


def _record(found: Found) -> dict[str, Any]:
    commit, branch = found.repository.head()
    return {
        "schema": 1,
        "repository": {
            "top": str(found.repository.top),
            "branch": branch,
            "commit": commit,
            "uncommitted": found.uncommitted,
        },
        "tests": [{"kind": one.kind, "source": one.source, "command": one.command, "setup": one.setup or None} for one in found.tests],
        "keys": [
            {"provider": key.provider, "variable": key.variable, "last_four": key.last_four, "source": key.source}
            for key in found.view.keys
        ],
        "submodules": list(found.submodules),
        "written": list(found.written),
        "kept": list(found.kept),
        "notes": list(found.view.notes),
        "next": _next(found),
    }
