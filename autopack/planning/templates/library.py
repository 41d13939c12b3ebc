"""The templates at hand: the repository's, the user's, and those that come with Autopack; of one name the first of them counts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from autopack.core.errors import InvalidInputError, UsageError
from autopack.core.names import is_valid_id, nearest
from autopack.planning.patterns import fault_of_entry, fault_of_path
from autopack.planning.templates.template import PhaseDefaults, Template
from autopack.settings.assets import assets
from autopack.settings.document import read_mapping
from autopack.settings.node import Node, plain
from autopack.settings.problem import Problem, UnreadableDocumentError, in_order, problem_at
from autopack.settings.validation import validate

ENDINGS: Final = (".json", ".yaml", ".yml")
SHIPPED: Final = "hardening_phases.json"
DEFAULTS: Final = "phase_defaults.json"
FOLDER: Final = "templates"


@dataclass(frozen=True)
class Known:
    """``origin`` is ``repository``, ``user`` or ``shipped``; ``file`` is what messages call the file."""

    template: Template
    origin: str
    file: str


@dataclass(frozen=True)
class Library:
    known: tuple[Known, ...]

    def of(self, name: str) -> Known:
        """Raises UsageError where there is none of that name."""
        found = next((each for each in self.known if each.template.name == name), None)
        if found is not None:
            return found
        names = [each.template.name for each in self.known]
        meant = nearest(name, names)
        raise UsageError(
            f"There is no template '{name}'; " + (f"did you mean '{meant}'?" if meant else f"there are {', '.join(names)}."),
            next_command="autopack plan templates",
        )


def read_library(repository: Path | None, user: Path) -> Library:
    """Every template.

    Args:
        repository: the repository's folder of Autopack's files (``.autopack``), None outside of one.
        user: the user's folder of configuration.

    Raises:
        InvalidInputError: with every fault of every file.
    """
    problems: list[Problem] = []
    known: list[Known] = []
    levels = (("repository", repository, ".autopack"), ("user", user, str(user)))
    for origin, folder, shown in levels:
        for path in _files(folder / FOLDER) if folder is not None else ():
            name = f"{shown}/{FOLDER}/{path.name}"
            template = _read(path, name, problems)
            known += [Known(template, origin, name)] if template is not None else []
    shipped = _read(assets("templates") / SHIPPED, SHIPPED, problems)
    known += [Known(shipped, "shipped", SHIPPED)] if shipped is not None else []
    problems += _twice(known)
    if problems:
        listed = tuple(str(problem) for problem in in_order(problems))
        raise InvalidInputError(f"The templates have {len(listed)} fault{'s' if len(listed) > 1 else ''}:", listed)
    first = {each.template.name: each for each in reversed(known)}
    return Library(tuple(each for each in known if first[each.template.name] is each))


def phase_defaults() -> PhaseDefaults:
    """What every phase has that is made from a template."""
    return PhaseDefaults.model_validate(plain(read_mapping(assets("templates") / DEFAULTS, DEFAULTS)))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.suffix in ENDINGS and path.is_file()) if folder.is_dir() else []


def _read(path: Path, name: str, problems: list[Problem]) -> Template | None:
    try:
        document = read_mapping(path, name)
    except UnreadableDocumentError as error:
        problems += error.problems
        return None
    before = len(problems)
    template = validate(Template, document, problems)
    problems += _faults(document)
    return template if len(problems) == before else None


def _twice(known: Iterable[Known]) -> Iterator[Problem]:
    first: dict[tuple[str, str], str] = {}
    for each in known:
        other = first.setdefault((each.origin, each.template.name), each.file)
        if other != each.file:
            yield Problem(file=each.file, line=None, message=f"the name '{each.template.name}' is taken by {other}; give it another one.")


def _faults(document: Node) -> Iterator[Problem]:
    """What the types do not see; what is of a wrong type is left to them."""
    phases = document.at(("phases",)).items
    names: list[str] = []
    for phase in phases:
        name = phase.child("id")
        if name is None or name.text is None:
            continue
        if name.text in names or not is_valid_id(name.text):
            why = "stands here a second time" if name.text in names else "cannot be used: it has a `..`, or ends in `.` or `.lock`"
            yield problem_at(name, f"the phase id '{name.text}' {why}.")
        yield from _unknown(phase, names)
        names.append(name.text)
        yield from _entries(phase)


def _unknown(phase: Node, before: list[str]) -> Iterator[Problem]:
    wanted = phase.child("depends_on")
    for node in wanted.items if wanted else ():
        if node.text is not None and node.text not in before:
            yield problem_at(node, f"`depends_on` names '{node.text}', which is no phase before this one.")


def _entries(phase: Node) -> Iterator[Problem]:
    find = phase.child("find")
    for holder, key, judge in ((find, "paths", fault_of_entry), (phase, "read_only_context", fault_of_entry), (phase, "creates", fault_of_path)):
        listed = holder.child(key) if holder is not None else None
        for node in listed.items if listed else ():
            if node.text is not None and (fault := judge(node.text)):
                yield problem_at(node, f"`{key}`: `{node.text}` {fault}.")
