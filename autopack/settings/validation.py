"""Checks a document against a type and says every fault as a sentence at the line where it stands."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from autopack.core.names import nearest
from autopack.settings.node import Node, Path, plain
from autopack.settings.problem import Problem, problem_at

M = TypeVar("M", bound=BaseModel)
Fault = Mapping[str, Any]
AlsoKnown = Mapping[type[BaseModel], tuple[str, ...]]
Label = Callable[[Path, Node], str]
"""How the value at a path, or what a node there is to blame for, is named to a person: ``phase 'a': `ci.timeout_s```."""

SHOWN_MAX: Final = 60
_KINDS: Final[dict[str, str]] = {
    "string_type": "text",
    "string_sub_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping (`key: value`)",
    "model_type": "a mapping (`key: value`)",
    "model_attributes_type": "a mapping (`key: value`)",
}
_OF_ANOTHER_KIND: Final = frozenset({*_KINDS, "literal_error"})
"""Faults of a union's branch that was not meant; a fault inside a branch says more."""


def dotted(path: Path) -> str:
    """``phases[0].scope.paths[1]``."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return text.removeprefix(".")


def validate(
    model: type[M],
    node: Node,
    problems: list[Problem],
    label: Label = lambda path, _node: f"`{dotted(path)}`" if path else "",
    also_known: AlsoKnown | None = None,
) -> M | None:
    """The typed value, or None after every fault was added to ``problems``.

    Args:
        model: what it is to be.
        node: the document.
        problems: gets one sentence a place; the branches of a union that all failed become one.
        label: names a path in the document's own words.
        also_known: keys that a document may use besides a type's fields, for the advice on unknown ones.
    """
    try:
        return model.model_validate_json(json.dumps(plain(node)), strict=True)
    except ValidationError as error:
        speaker = _Speaker(model, node, label, also_known or {})
        grouped: dict[Path, list[Fault]] = {}
        for fault in error.errors(include_url=False):
            path = _real_path(fault, node)
            is_echo = fault["type"] == "too_short" and bool(node.at(path).items)  # faulty items are not counted
            if not is_echo:
                grouped.setdefault(path, []).append(fault)
        problems.extend(speaker.problem(path, group) for path, group in grouped.items())
        return None


def unknown_key(key: str, known: list[str], where: str) -> str:
    meant = nearest(key, known)
    if meant:
        return f"{where} has no key `{key}`; did you mean `{meant}`?"
    return f"{where} has no key `{key}`; it knows {', '.join(known)}." if known else f"{where} has no key `{key}`; take it out."


def _real_path(fault: Fault, node: Node) -> Path:
    """The fault's place in the document: pydantic adds the names of union branches, and keys that are not there."""
    path: Path = ()
    location: Path = tuple(fault["loc"])
    for position, key in enumerate(location):
        child = node.child(key)
        if child is None:
            is_absent_key = fault["type"] in ("missing", "extra_forbidden") and position == len(location) - 1
            return (*path, key) if is_absent_key else path
        path, node = (*path, key), child
    return path


@dataclass(frozen=True)
class _Speaker:
    """Says faults of one document."""

    model: type[BaseModel]
    root: Node
    label: Label
    also_known: AlsoKnown

    def problem(self, path: Path, group: list[Fault]) -> Problem:
        fault = group[0]
        node = self.root.at(path)
        if fault["type"] == "missing":
            parent = self.label(path[:-1], node)
            return problem_at(
                node, f"{parent} has no `{path[-1]}`; it is required." if parent else f"`{path[-1]}` is missing; it is required."
            )
        if fault["type"] == "extra_forbidden":
            parent = self.label(path[:-1], node) or "the file"
            return problem_at(node, unknown_key(str(path[-1]), self._known_keys(path[:-1]), parent))
        telling = [each for each in group if each["type"] not in _OF_ANOTHER_KIND] or group
        wanted = _joined([_demand(each) for each in telling])
        return problem_at(node, f"{self.label(path, node)} {' or '.join(dict.fromkeys(wanted))}{_hint(telling[0], node)}")

    def _known_keys(self, path: Path) -> list[str]:
        """The keys that the type knows at a path; none where it takes any."""
        annotation: Any = self.model
        for key in path:
            annotation = _step(annotation, key)
        found = _model_in(annotation)
        return [*found.model_fields, *self.also_known.get(found, ())] if found else []


def _joined(demands: list[str]) -> list[str]:
    """``must be text``, ``must be a list`` -> ``must be text``, ``a list``."""
    return [demand.removeprefix("must be ") if index else demand for index, demand in enumerate(demands)]


def _demand(fault: Fault) -> str:  # noqa: PLR0911 - one return a kind of fault
    kind, limits = str(fault["type"]), fault.get("ctx", {})
    if kind in _KINDS:
        return f"must be {_KINDS[kind]}"
    match kind:
        case "literal_error" | "enum":
            return f"must be {str(limits['expected']).replace(chr(39), '`')}"
        case "greater_than":
            return f"must be above {limits['gt']:g}"
        case "greater_than_equal":
            return f"must be at least {limits['ge']:g}"
        case "less_than" | "less_than_equal":
            return f"must be at most {limits.get('le', limits.get('lt')):g}"
        case "string_too_short" | "too_short":
            return "must not be empty"
        case "string_pattern_mismatch":
            return "must be of lower-case letters, digits, `.`, `_` and `-`, beginning with a letter or digit, at most 64"
        case "value_error":
            return f"is refused: {str(fault['msg']).removeprefix('Value error, ')}"
    return f"is not valid ({fault['msg']})"


def _hint(fault: Fault, node: Node) -> str:
    """What stands there instead, and how it would be written right."""
    value = node.value
    if fault["type"] in ("tuple_type", "list_type") and isinstance(value, str):
        return f"; write `[{shown(value)}]`."
    if fault["type"] == "string_type" and isinstance(value, (bool, int, float)):
        return f", not {json.dumps(value)}; put it in quotes."
    if fault["type"] == "literal_error" and isinstance(value, str):
        meant = nearest(value, [word.strip("' ") for word in str(fault["ctx"]["expected"]).replace(" or ", ",").split(",")])
        return f", not `{shown(value)}`; did you mean `{meant}`?" if meant else f", not `{shown(value)}`."
    if value is None:
        return "; nothing is written here."
    if isinstance(value, (bool, int, float, str)) and value != "":
        return f", not `{shown(value)}`."
    return "."


def shown(value: Any) -> str:  # noqa: ANN401 - any scalar
    """A value as it may stand in a sentence: one line, bounded."""
    text = value if isinstance(value, str) else json.dumps(value)
    text = " ".join(text.split())
    return text if len(text) <= SHOWN_MAX else text[: SHOWN_MAX - 1] + "…"


def _step(annotation: Any, key: str | int) -> Any:  # noqa: ANN401 - as above
    found = _model_in(annotation)
    if found is not None and isinstance(key, str):
        field = found.model_fields.get(key)
        return field.annotation if field else None
    if _is_model(annotation) or annotation is None:
        return None
    inner = [argument for argument in get_args(annotation) if _model_in(argument) is not None]
    return inner[-1] if inner else None


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - as above
    """The model that a type is, or that stands in its union or annotation."""
    if _is_model(annotation):
        return annotation  # type: ignore[no-any-return]  # _is_model says so
    for argument in get_args(annotation):
        found = _model_in(argument)
        if found is not None:
            return found
    return None


def _is_model(annotation: Any) -> bool:  # noqa: ANN401 - as above
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
