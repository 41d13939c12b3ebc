"""The JSON Schema of a builder's reply: the actions that its prompt explains, and the keys that these need.

It keeps to what both vendors take: every property required, ``null`` by type arrays (fewer than the 16 unions that one
of them allows), objects closed, no lengths or ranges. A key that an action does not use is ``null``; for Anthropic, which takes properties
that may be left out, it is left out.
"""

from collections.abc import Collection
from typing import Any, Final

REPLY_NAME: Final = "changes"


def builder_schema(actions: Collection[str]) -> dict[str, Any]:
    """A new one each time, since a schema is a plain dict."""
    text = {"type": "string"}
    texts = {"type": "array", "items": text}
    text_or_null = {"type": ["string", "null"]}
    file = {
        "path": text,
        "action": _one_of(*actions),
        **dict.fromkeys(("content", *(("diff",) if "patch" in actions else ()), "to"), text_or_null),
        **({"operations": _or_null({"type": "array", "items": _object(_operation())})} if "edit" in actions else {}),
    }
    kinds = _one_of("needs_context", "needs_scope", "needs_dependency", "contradiction", "question")
    blocked = {"kind": kinds, "paths": texts, "message": text}
    files = {"type": "array", "items": _object(file)}
    return _object({"summary": text, "files": files, "blocked": _or_null(_object(blocked))})


def _operation() -> dict[str, Any]:
    number_or_null, text_or_null = {"type": ["integer", "null"]}, {"type": ["string", "null"]}
    return {
        "type": _one_of("replace", "insert", "delete", "append"),
        **dict.fromkeys(("line", "start_line", "end_line"), number_or_null),
        **dict.fromkeys(("content", "context_before", "context_after"), text_or_null),
    }


def _one_of(*words: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(words)}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
