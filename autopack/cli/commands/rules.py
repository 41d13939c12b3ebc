"""``autopack rules``: what the project has learned from failures, and what its people want heeded; shown to builders where it fits."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from autopack.cli.open_state import opened
from autopack.cli.options import AsJson, Project, Repo, system_clock
from autopack.cli.output import note, print_json
from autopack.cli.printable import one_line
from autopack.cli.screens.columns import Column, in_columns
from autopack.cli.screens.prose import labelled, sentence
from autopack.cli.screens.screen import stdout_screen
from autopack.cli.target import project_of
from autopack.core.errors import UsageError
from autopack.core.names import nearest
from autopack.core.printed import SCHEMA
from autopack.core.redaction import Redactor
from autopack.core.rules import Rule, RuleOrigin, RuleState
from autopack.executor.project_state import ProjectState, open_project
from autopack.memory.rule_choice import all_rules
from autopack.memory.rule_file import SHOWN, TEXT_MAX, add_to_file, as_yaml, of_file, read_rules, rules_path
from autopack.settings.key_variables import suspected_values
from autopack.settings.own_files import judge_way
from autopack.store.rules import DEPRECATED, PROMOTED, add_rule, note_rule, rule_name, rules_of

Name = Annotated[str, typer.Argument(metavar="RULE", show_default=False, help="Its name, such as r-1a2b3c4d.")]
Said = Annotated[str, typer.Argument(metavar="TEXT", show_default=False, help="What builders are to heed.")]
Category = Annotated[str, typer.Option("--category", metavar="NAME", show_default=False, help="Only in phases of this task_category.")]
OnPath = Annotated[list[str] | None, typer.Option("--path", metavar="PATH", show_default=False, help="Only where a phase may change it.")]
Kind = Annotated[str, typer.Option("--kind", metavar="TYPE", show_default=False, help="Shown first after a failure of this type.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file instead.")]
From = Annotated[Path, typer.Argument(metavar="FILE", show_default=False, help="A file as `rules export` writes it.")]

_COLUMNS: Final = (
    Column("RULE"),
    Column("STATE"),
    Column("CATEGORY", rank=3),
    Column("KIND", rank=2),
    Column("PATHS", rank=4, wraps=True),
    Column("TEXT", wraps=True),
    Column("FROM", rank=1, wraps=True),
)
_LONGEST: Final = 160


def list_rules(*, project: Project = None, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """List the rules of the project: hints of runs, rules, and those that are not shown any more."""
    with opened(repo, system_clock()) as place:
        name = project_of(place, project)
        rules = _known(place, name)
    if as_json:
        print_json({"schema": SCHEMA, "project": name, "rules": [_record(rule) for rule in rules]})
        return
    screen = stdout_screen()
    if rules:
        screen.show(in_columns(_COLUMNS, [_row(rule) for rule in rules], screen.width))
    else:
        note(f"Project '{name}' has no rule yet.")


def show(rule: Name, *, project: Project = None, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Show a rule whole: what it says, where it holds and came from, what became of it."""
    with opened(repo, system_clock()) as place:
        found = _named(_known(place, project_of(place, project)), rule)
    if as_json:
        print_json({"schema": SCHEMA, **_record(found)})
        return
    screen = stdout_screen()
    screen.show(_lines(found, screen.width))


def add(text: Said, *, category: Category = "", path: OnPath = None, kind: Kind = "", project: Project = None, repo: Repo = Path()) -> None:
    """Add a rule of your own; it holds at once, also for a run that is under way."""
    words = " ".join(text.split())
    if not words or len(words) > TEXT_MAX:
        raise UsageError(f"a rule has 1 to {TEXT_MAX:,} characters.")
    with _writable(repo) as place:
        name = project_of(place, project)
        rule = Rule(
            name=rule_name(words, kind, category),
            project=name,
            text=_redactor(place).redact(words),
            kind=kind,
            category=category,
            paths=tuple(path or ()),
            origin=RuleOrigin.PERSON,
        )
        with place.database.write() as session:
            add_rule(session.connection(), rule, system_clock().now())
    note(f"rule {rule.name} holds in project '{name}'.", next_command=f"autopack rules promote {rule.name}")


def promote(rule: Name, *, project: Project = None, repo: Repo = Path()) -> None:
    """Make a rule of a hint, and write it into .autopack/rules.yaml, which a team shares by committing it."""
    with _writable(repo) as place:
        name = project_of(place, project)
        found = _named(_known(place, name), rule)
        path = rules_path(place.repository.top)
        judge_way(path)
        is_new = add_to_file(path, found)
        if found.name in {one.name for one in rules_of(place.database, name)}:
            with place.database.write() as session:
                note_rule(session.connection(), name, found.name, PROMOTED, system_clock().now())
    note(f"rule {found.name} {'is written into' if is_new else 'stands already in'} {SHOWN}; commit it to share it.")


def deprecate(rule: Name, *, project: Project = None, repo: Repo = Path()) -> None:
    """Show a rule to nobody any more; `rules promote` brings it back."""
    with _writable(repo) as place:
        name = project_of(place, project)
        found = _named(_known(place, name), rule)
        known = {one.name for one in rules_of(place.database, name)}
        in_file = found.name in {one.name for one in _of_file(place, name)}
        if found.name not in known:
            raise UsageError(f"rule {found.name} stands in {SHOWN}: take it out there.")
        with place.database.write() as session:
            note_rule(session.connection(), name, found.name, DEPRECATED, system_clock().now())
    note(f"rule {found.name} is not shown any more." + (f" Take it out of {SHOWN} for everybody." if in_file else ""))


def export(*, output: Output = None, project: Project = None, repo: Repo = Path()) -> None:
    """Print the rules of the project in the shape of .autopack/rules.yaml, without hints and what has sunk."""
    with opened(repo, system_clock()) as place:
        rules = _known(place, project_of(place, project))
    text = as_yaml(rule for rule in rules if rule.state is RuleState.RULE)
    if output is None:
        stdout_screen().show(text.splitlines())
        return
    output.write_text(text, "utf-8")
    note(f"written to {output}.")


def import_rules(file: From, *, project: Project = None, repo: Repo = Path()) -> None:
    """Take the rules of a file over into the state of this project; what is known already stays as it is."""
    with _writable(repo) as place:
        name = project_of(place, project)
        redact = _redactor(place).redact
        read = of_file([rule.model_copy(update={"project": None}) for rule in read_rules(file, str(file))], name, str(file))
        known = {rule.name for rule in rules_of(place.database, name)}
        added = [rule for rule in read if rule.name not in known]
        with place.database.write() as session:
            for rule in added:
                clean = {"text": redact(rule.text), "failure": redact(rule.failure)}
                kept = rule.model_copy(update={**clean, "origin": RuleOrigin.FILE})
                add_rule(session.connection(), kept, system_clock().now())
    note(f"{len(added)} of {len(read)} rules are new in project '{name}'.")


def _known(place: ProjectState, project: str) -> tuple[Rule, ...]:
    return all_rules(rules_of(place.database, project), _of_file(place, project))


def _of_file(place: ProjectState, project: str) -> tuple[Rule, ...]:
    return of_file(read_rules(rules_path(place.repository.top)), project)


def _named(rules: tuple[Rule, ...], name: str) -> Rule:
    found = next((rule for rule in rules if rule.name == name), None)
    if found is None:
        near = nearest(name, [rule.name for rule in rules])
        raise UsageError(f"there is no rule '{name}'." + (f" Did you mean '{near}'?" if near else ""), next_command="autopack rules list")
    return found


def _redactor(place: ProjectState) -> Redactor:
    return Redactor(suspected_values(place.environment, place.repository.top))


@contextmanager
def _writable(repo: Path) -> Iterator[ProjectState]:
    place = open_project(repo, system_clock())
    try:
        yield place
    finally:
        place.database.close()


def _record(rule: Rule) -> dict[str, object]:
    return {**rule.model_dump(mode="json", exclude={"is_promoted", "is_deprecated"}), "state": rule.state, "came_from": rule.came_from}


def _row(rule: Rule) -> tuple[Text, ...]:
    return (
        Text(rule.name),
        Text(rule.state),
        Text(rule.category),
        Text(rule.kind),
        Text(one_line(", ".join(rule.paths), _LONGEST)),
        Text(one_line(rule.text, _LONGEST)),
        Text(one_line(rule.came_from, _LONGEST)),
    )


def _lines(rule: Rule, width: int | None) -> Iterator[Text]:
    yield Text.assemble((rule.name, "bold"), "  ", rule.state)
    yield from sentence("says", rule.text, width, lines=10)
    if rule.failure:
        yield from sentence("after", f"{rule.kind}: {rule.failure}" if rule.kind else rule.failure, width)
    yield labelled("project", rule.project)
    for label, value in (("category", rule.category), ("paths", ", ".join(rule.paths)), ("kind", "" if rule.failure else rule.kind)):
        if value:
            yield from sentence(label, value, width)
    yield from sentence("from", rule.came_from, width)
    if rule.runs:
        yield from sentence("runs", ", ".join(rule.runs), width)
    if rule.helped_not:
        yield labelled("in vain", f"{rule.helped_not} of 2 times")
