"""``.autopack/rules.yaml``: rules that a team shares by committing them, read anew for each attempt; and rules as a file of that shape."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field

from autopack.core.errors import EnvironmentBlockedError, InvalidInputError
from autopack.core.model import Frozen
from autopack.core.names import is_valid_id
from autopack.core.redaction import Redactor
from autopack.core.rules import Rule, RuleOrigin
from autopack.settings.document import read_mapping
from autopack.settings.own_files import judge_way
from autopack.settings.paths import repository_config_dir
from autopack.settings.problem import Problem, UnreadableDocumentError, in_order
from autopack.settings.validation import validate
from autopack.store.rules import rule_name
from autopack.worktree.replace_own import replace_own

if TYPE_CHECKING:
    from ruamel.yaml import YAML

SHOWN: Final = ".autopack/rules.yaml"
"""The file as people know it."""

TEXT_MAX: Final = 1_000

_HEAD: Final = "# Rules that Autopack shows to builders where they fit; docs/rules.md says how. Edit it as you like, also during a run.\n"


class FileRule(Frozen):
    """One rule of the file; absent category, paths, kind or project mean any."""

    text: Annotated[str, Field(min_length=1, max_length=TEXT_MAX)]
    id: str | None = None
    project: str | None = None
    category: str | None = None
    paths: tuple[str, ...] = ()
    kind: str | None = None
    failure: str | None = None
    learned: str | None = None


class _File(Frozen):
    version: Literal[1] = 1
    rules: tuple[FileRule, ...] = ()


def rules_path(repo: Path) -> Path:
    return repository_config_dir(repo) / "rules.yaml"


def read_rules(path: Path, shown: str | None = None) -> tuple[FileRule, ...]:
    """Nothing where there is no such file. Raises InvalidInputError with every fault of it."""
    if not os.path.lexists(path):
        return ()
    source, problems = shown or SHOWN, list[Problem]()
    try:
        found = validate(_File, read_mapping(path, source), problems)
    except UnreadableDocumentError as error:
        raise _refused(source, error.problems) from error
    if found is None:
        raise _refused(source, problems)
    bad = [rule.id for rule in found.rules if rule.id is not None and not is_valid_id(rule.id)]
    if bad:
        raise _refused(source, [Problem(file=source, line=None, message=f"'{bad[0][:60]}' cannot be an id; use one like r-1a2b3c4d.")])
    return found.rules


def of_file(rules: Iterable[FileRule], project: str, source: str | None = None) -> tuple[Rule, ...]:
    """Those of the project, and those that name none."""
    return tuple(_rule(rule, project, source or SHOWN) for rule in rules if rule.project in (None, project))


@dataclass
class RuleFile:
    """The repository's file as a run reads it: where it cannot be read any more, the rules of before hold, and ``fault`` says why."""

    path: Path
    project: str
    redactor: Redactor
    rules: tuple[Rule, ...] = ()
    fault: str | None = field(default=None)

    def read(self) -> tuple[Rule, ...]:
        try:
            found = of_file(read_rules(self.path), self.project)
        except InvalidInputError as error:
            self.fault = error.message
        else:
            redact = self.redactor.redact
            self.rules = tuple(rule.model_copy(update={"text": redact(rule.text), "failure": redact(rule.failure)}) for rule in found)
            self.fault = None
        return self.rules


def add_to_file(path: Path, rule: Rule) -> bool:
    """Writes the rule at the end of the file, which is made where there is none; False where it stands there already.

    What a person wrote stays as it is. Raises InvalidInputError where the file cannot be read, EnvironmentBlockedError where it cannot
    be written.
    """
    known = of_file(read_rules(path), rule.project)
    if any(one.name == rule.name or one.text == rule.text for one in known):
        return False
    text = _with(path.read_text("utf-8") if path.exists() else _HEAD, _entry(rule))
    try:
        judge_way(path)
        replace_own(path, text)
    except OSError as error:
        raise EnvironmentBlockedError(f"{path}: the file cannot be written: {error.strerror}.") from error
    return True


def as_yaml(rules: Iterable[Rule]) -> str:
    """The rules in the shape of the file."""
    text = StringIO()
    _yaml().dump({"version": 1, "rules": [_entry(rule) for rule in rules]}, text)
    return text.getvalue()


def _with(text: str, entry: dict[str, str | list[str]]) -> str:
    """The document with one rule more; a person's comments and the order of keys stay."""
    yaml, written = _yaml(), StringIO()
    document = yaml.load(text)
    if document is None:
        yaml.dump({"version": 1, "rules": [entry]}, written)
        return text + written.getvalue()
    if document.get("rules"):
        document["rules"].append(entry)
    else:
        document["rules"] = [entry]
    yaml.dump(document, written)
    return written.getvalue()


def _yaml() -> "YAML":
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _entry(rule: Rule) -> dict[str, str | list[str]]:
    learned = rule.came_from if rule.origin is RuleOrigin.RUN else ""
    entry = {"id": rule.name, "text": rule.text, "project": rule.project, "category": rule.category, "kind": rule.kind}
    entry |= {"failure": rule.failure, "learned": learned}
    kept: dict[str, str | list[str]] = {name: value for name, value in entry.items() if value}
    return {**kept, "paths": list(rule.paths)} if rule.paths else kept


def _rule(rule: FileRule, project: str, source: str) -> Rule:
    return Rule(
        name=rule.id or rule_name(rule.text, rule.kind or "", rule.category or ""),
        project=project,
        text=rule.text,
        failure=rule.failure or "",
        kind=rule.kind or "",
        category=rule.category or "",
        paths=rule.paths,
        origin=RuleOrigin.FILE,
        source=f"{source}, learned by {rule.learned}" if rule.learned else source,
        is_learned=rule.learned is not None,
    )


def _refused(source: str, problems: Iterable[Problem]) -> InvalidInputError:
    listed = tuple(str(problem) for problem in in_order(list(problems)))
    return InvalidInputError(f"{source} has {len(listed)} fault{'s' if len(listed) > 1 else ''}:", listed)
