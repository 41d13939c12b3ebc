"""``autopack init`` looks at the project, writes what a first run needs, says what it found."""

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autopack.cli.options import AsJson, Repo
from autopack.cli.output import note, print_json
from autopack.cli.printable import flat
from autopack.core.printed import SCHEMA

if TYPE_CHECKING:
    from autopack.executor.look.config_view import ConfigView
    from autopack.planning.offers import Offer
    from autopack.planning.plan_file import PlanSource
    from autopack.planning.project_tests import ProjectTests
    from autopack.worktree.base_tree import BaseTree
    from autopack.worktree.repository import Repository

Makefile = Annotated[bool, typer.Option("--makefile", help="Write autopack.mk too: targets for make.")]
GithubAction = Annotated[bool, typer.Option("--github-action", help="Write .github/workflows/autopack.yml too: a run on a GitHub runner.")]
PreCommit = Annotated[bool, typer.Option("--pre-commit", help="Write .pre-commit-config.yaml too: is the plan sound?")]


@dataclass(frozen=True)
class Found:
    """What the project has, which files ``init`` wrote, and which it could write too."""

    repository: "Repository"
    uncommitted: int
    view: "ConfigView"
    tests: "tuple[ProjectTests, ...]"
    submodules: tuple[str, ...]
    written: tuple[str, ...]
    kept: tuple[str, ...]
    cap: int | None
    offers: "tuple[Offer, ...]"


def init(
    *,
    makefile: Makefile = False,
    github_action: GithubAction = False,
    pre_commit: PreCommit = False,
    repo: Repo = Path(),
    as_json: AsJson = False,
) -> None:
    """Look at the project and write a starter plan and configuration."""
    asked = {"--makefile": makefile, "--github-action": github_action, "--pre-commit": pre_commit}
    found = _look_and_write(repo, frozenset(option for option, is_asked in asked.items() if is_asked))
    if as_json:
        print_json(_record(found))
        return
    for line in _lines(found):
        typer.echo(flat(line))
    for text in found.view.notes:
        note(f"note: {text}")
    for command in _next(found):
        note(f"next: {command}")
    for offer in found.offers:
        note(f"also: autopack init {offer.option}  ({offer.file}: {offer.what})")


def _look_and_write(repo: Path, options: frozenset[str]) -> Found:
    from autopack.executor.look.config_view import config_at
    from autopack.planning.offers import OFFERS, offered
    from autopack.planning.plan_file import PlanSource
    from autopack.planning.project_tests import recognise_tests
    from autopack.planning.starter import PLAN, SETTINGS, starter_settings, write_new
    from autopack.settings.environment import inherited_environment
    from autopack.worktree.base_tree import BaseTree
    from autopack.worktree.repository import Repository

    repository = Repository.discover(repo, inherited_environment())
    view = config_at(repository.top)
    base = BaseTree(repository.git, repository.resolve("HEAD"))
    uncommitted = len(repository.uncommitted())
    tests = recognise_tests(repository.top, base.entries.keys())
    plan, cap = _starter(repository, view, base, tests)
    outcome = {name: write_new(repository.top / name, text) for name, text in ((PLAN, plan), (SETTINGS, starter_settings()))}
    if not outcome[PLAN]:
        cap = _cap(repository, view, PlanSource.reread(str(repository.top / PLAN)))
    for offer in (offer for offer in OFFERS if offer.option in options):
        outcome[offer.file] = write_new(repository.top / offer.file, offered(offer, next(iter(tests), None), cap))
    written, kept = (tuple(name for name, is_new in outcome.items() if is_new is wanted) for wanted in (True, False))
    offers = tuple(offer for offer in OFFERS if not os.path.lexists(repository.top / offer.file))
    return Found(repository, uncommitted, view, tests, base.submodules, written, kept, cap, offers)


def _starter(repository: "Repository", view: "ConfigView", base: "BaseTree", tests: "tuple[ProjectTests, ...]") -> tuple[str, int | None]:
    """The starter plan, and the dollars that are enough for it."""
    from autopack.planning.plan_file import PlanSource
    from autopack.planning.starter import BUDGET_USD, PLAN, starter_plan

    readmes = [path for path in base.entries if path.lower().startswith("readme") and path.isprintable() and "/" not in path]
    readme = min(readmes, key=_plainness, default="README.md")
    told = partial(starter_plan, next(iter(tests), None), readme, has_submodules=bool(base.submodules))
    plan = told()
    cap = _cap(repository, view, PlanSource.pinned(PLAN, plan))
    return (told(budget=cap) if cap is not None and cap > BUDGET_USD else plan), cap


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
        "schema": SCHEMA,
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
        "offers": [{"option": offer.option, "file": offer.file, "what": offer.what} for offer in found.offers],
        "notes": list(found.view.notes),
        "next": _next(found),
    }
