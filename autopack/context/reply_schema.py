"""The JSON Schema of a builder's reply: one for every mode, so that a change of mode does not change the schema.

It keeps to what both vendors take: every property required, ``null`` by type arrays (fewer than the 16 unions that one
of them allows), objects closed, no lengths or ranges. A key that an action does not use is ``null``.
"""

from typing import Any, Final

REPLY_NAME: Final = "changes"


def builder_schema(*, may_take: bool = False) -> dict[str, Any]:
    """A new one each time, since a schema is a plain dict. ``may_take``: the builder has a scratch copy."""
    text = {"type": "string"}
    texts = {"type": "array", "items": text}
    text_or_null = {"type": ["string", "null"]}
    number_or_null = {"type": ["integer", "null"]}
    operation = {
        "type": _one_of("replace", "insert", "delete", "append", "prepend"),
        **dict.fromkeys(("line", "start_line", "end_line"), number_or_null),
        **dict.fromkeys(("content", "context_before", "context_after"), text_or_null),
    }
    file = {
        "path": text,
        "action": _one_of("create", "replace", "patch", "edit", "delete", "rename", *(("take",) if may_take else ())),
        **dict.fromkeys(("content", "diff", "to"), text_or_null),
        "operations": _or_null({"type": "array", "items": _object(operation)}),
    }
    kinds = _one_of("needs_context", "needs_scope", "needs_dependency", "contradiction", "question")
    blocked = {"kind": kinds, "paths": texts, "message": text}
    files = {"type": "array", "items": _object(file)}
    return _object({"summary": text, "files": files, "blocked": _or_null(_object(blocked))})


def _one_of(*words: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(words)}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
