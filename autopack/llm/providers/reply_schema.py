"""Puts a reply's JSON Schema as each provider takes it, or in words for the model."""

import json
from typing import Any, Final

from autopack.core.call import Prompt
from autopack.llm.wire import Json

_UNSUPPORTED: Final = frozenset(
    {
        "$schema",
        "title",
        "default",
        "examples",
        "format",
        "pattern",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
    }
)
"""Keywords that no provider enforces; whoever reads the reply checks them."""

_NULL: Final[Json] = {"type": "null"}


def narrowed(schema: Json) -> Json:
    """The schema with every object closed, without the keywords that structured output does not know."""
    narrow: Json = _node(schema)
    return narrow


def without_nulls(schema: Json) -> Json:
    """The narrowed schema in which a property that may be ``null`` may be left out instead: it is shorter, and so is the reply."""
    lean: Json = _lean(schema)
    return lean


def is_expressible(schema: Json) -> bool:
    """Whether closing the objects loses nothing: no object with free keys, no value of any type."""
    return all(_is_closed(node) for node in _nodes(schema))


def has_only_required_fields(schema: Json) -> bool:
    return all(set(node.get("properties", {})) == set(node.get("required", ())) for node in _nodes(schema))


def asked_in_words(prompt: Prompt) -> str:
    """What a model is told about the reply's shape where the server enforces none."""
    schema = json.dumps(prompt.reply_schema, ensure_ascii=False, separators=(",", ":"))
    return f"Answer with one JSON object and nothing before or after it. It must meet this JSON Schema:\n{schema}"


def _node(value: Any) -> Any:  # noqa: ANN401 - any JSON value may stand in a schema
    if isinstance(value, list):
        return [_node(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {("anyOf" if key == "oneOf" else key): _child(key, item) for key, item in value.items() if key not in _UNSUPPORTED}
    return {**kept, "additionalProperties": False} if "properties" in value else kept


def _child(key: str, value: Any) -> Any:  # noqa: ANN401 - as in _node
    """Leaves data alone: names of properties, values of ``enum`` and ``const``."""
    if key in {"properties", "$defs"} and isinstance(value, dict):
        return {name: _node(item) for name, item in value.items()}
    return value if key in {"enum", "const", "required", "description", "type"} else _node(value)


def _lean(node: Any) -> Any:  # noqa: ANN401 - as in _node
    if isinstance(node, list):
        return [_lean(item) for item in node]
    if not isinstance(node, dict):
        return node
    inner = {key: _lean(node[key]) for key in ("items", "anyOf", "allOf") if key in node}
    named = {key: {name: _lean(item) for name, item in node[key].items()} for key in ("properties", "$defs") if key in node}
    whole = {**node, **inner, **named}
    if "properties" not in whole:
        return whole
    given = {name: _not_null(item) for name, item in whole["properties"].items()}
    asked = [name for name in whole.get("required", ()) if given.get(name) is whole["properties"].get(name)]
    return {**whole, "properties": given, "required": asked}


def _not_null(node: Json) -> Json:
    """The same object where it cannot be ``null``."""
    kinds, choices = node.get("type"), node.get("anyOf", [])
    if isinstance(kinds, list) and "null" in kinds:
        left = [kind for kind in kinds if kind != "null"]
        enum = {"enum": [value for value in node["enum"] if value is not None]} if "enum" in node else {}
        return {**node, "type": left[0] if len(left) == 1 else left, **enum}
    if _NULL not in choices:
        return node
    others = [choice for choice in choices if choice != _NULL]
    return others[0] if len(others) == 1 and set(node) == {"anyOf"} else {**node, "anyOf": others}


def _nodes(schema: Any) -> list[Json]:  # noqa: ANN401 - as in _node
    """The schema and every schema inside it."""
    if not isinstance(schema, dict):
        return []
    inner: list[Any] = []
    for key in ("properties", "$defs"):
        inner += schema.get(key, {}).values()
    for key in ("anyOf", "oneOf", "allOf"):
        inner += schema.get(key, [])
    inner.append(schema.get("items"))
    return [schema, *(node for item in inner for node in _nodes(item))]


def _is_closed(node: Json) -> bool:
    if "properties" in node:
        return not node.get("additionalProperties")
    kinds = node.get("type")
    if kinds is None:
        return any(key in node for key in ("anyOf", "oneOf", "allOf", "enum", "const", "$ref"))
    return "object" not in kinds if isinstance(kinds, list) else kinds != "object"
