"""Fills the plan's inputs in: ``{{inputs.name}}`` in descriptions and criteria, and nowhere else."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from autopack.core.names import nearest
from autopack.settings.node import Node, Scalar
from autopack.settings.problem import Problem, problem_at
from autopack.settings.validation import shown
from autopack.settings.yaml_text import resolve

_MARK: Final = re.compile(r"\{\{\s*inputs\.([A-Za-z0-9._-]*?)\s*\}\}")
_APART: Final = ("phases", "inputs", "defaults")
_KEYS: Final = ("description", "acceptance_criteria")
_IS: Final[dict[str, Callable[[Scalar], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
}
_NAMES: Final = {"string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false"}


def fill_inputs(document: Node, given: Mapping[str, str] | None, problems: list[Problem]) -> Node:
    """The plan with its inputs filled in; what is wrong with them, or with what was given, is added to ``problems``.

    ``given`` is None where nobody is to give anything: what has no default stays as it is written.
    """
    declared = document.at(("inputs",)).mapping if document.child("inputs") is not None else {}
    values = {name: _value(name, node, given, problems) for name, node in declared.items()}
    for name in given or ():
        if name not in declared:
            meant = nearest(name, list(declared))
            hint = f"did you mean `{meant}`?" if meant else f"it has {', '.join(declared) or 'none'}."
            problems.append(problem_at(document, f"`--set {name}=...` names no input of this plan; {hint}"))
    filled = {key: _filled(node, values, problems, is_open=False) for key, node in document.mapping.items() if key not in _APART}
    listed = document.child("phases")
    if listed is not None and isinstance(listed.value, tuple):
        filled["phases"] = Node(tuple(_phase(phase, values, problems) for phase in listed.items), listed.source, listed.line)
    defaults = document.child("defaults")
    if defaults is not None and defaults.mapping:
        filled["defaults"] = _phase(defaults, values, problems)
    return document.with_entries(filled)


def _phase(phase: Node, values: Mapping[str, str | None], problems: list[Problem]) -> Node:
    if not phase.mapping:
        return phase
    return phase.with_entries({key: _filled(node, values, problems, is_open=key in _KEYS) for key, node in phase.mapping.items()})


def _filled(node: Node, values: Mapping[str, str | None], problems: list[Problem], *, is_open: bool) -> Node:
    if node.mapping:
        return node.with_entries({key: _filled(item, values, problems, is_open=False) for key, item in node.mapping.items()})
    if node.items:
        return Node(tuple(_filled(item, values, problems, is_open=is_open) for item in node.items), node.source, node.line)
    if node.text is None or not _MARK.search(node.text):
        return node
    if not is_open:
        problems.append(problem_at(node, f"`{shown(node.text)}`: inputs are filled in into descriptions and criteria only."))
        return node
    problems.extend(_unknown(node, values))
    text = _MARK.sub(lambda found: found[0] if (value := values.get(found[1])) is None else value, node.text)
    return Node(text, node.source, node.line)


def _unknown(node: Node, values: Mapping[str, str | None]) -> Iterator[Problem]:
    for name in dict.fromkeys(_MARK.findall(node.text or "")):
        if name not in values:
            meant = nearest(name, list(values))
            hint = f"did you mean `{meant}`?" if meant else "write it under `inputs`."
            yield problem_at(node, f"`{{{{inputs.{name}}}}}` names no input of this plan; {hint}")


def _value(name: str, node: Node, given: Mapping[str, str] | None, problems: list[Problem]) -> str | None:
    """The value as it stands in a text; None where there is none."""
    kind_node, default = node.child("type"), node.child("default")
    kind = kind_node.text if kind_node is not None and kind_node.text in _IS else "string"
    if given is not None and name in given:
        value: Scalar = given[name] if kind == "string" else resolve(given[name])
        where = f"`--set {name}={shown(given[name])}`"
    elif default is not None and default.value is not None and not default.items and not default.mapping:
        value, where = default.value, f"the default of the input `{name}`"  # type: ignore[assignment]  # neither a list nor a mapping
    elif given is None:
        return None
    else:
        problems.append(problem_at(node, f"the input `{name}` has no value: give it with `--set {name}=...`, or write a default."))
        return None
    if not _IS[str(kind)](value):
        problems.append(problem_at(node, f"{where} must be {_NAMES[str(kind)]}."))
        return None
    choices = node.child("choices")
    allowed = [item.value for item in choices.items] if choices is not None else []
    if allowed and value not in allowed:
        problems.append(problem_at(node, f"{where} must be one of {', '.join(map(str, allowed))}."))
    return str(value).lower() if isinstance(value, bool) else str(value)


def given_of(words: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """``NAME=VALUE`` words; the last of a name counts. Raises ValueError with the word that is none."""
    found: dict[str, str] = {}
    for word in words:
        name, is_pair, value = word.partition("=")
        if not is_pair or not name:
            raise ValueError(word)
        found[name] = value
    return tuple(found.items())
