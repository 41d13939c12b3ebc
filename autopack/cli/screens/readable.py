"""Lays out a JSON reply for a reader, with its files as blocks of lines instead of one long string."""

import json
from collections.abc import Iterator

_DEEPEST = 12


def readable(text: str) -> str:
    """A JSON object laid out in the manner of YAML; any other text as it is."""
    stripped = text.strip()
    if not stripped.startswith("{"):
        return text
    try:
        value = json.loads(stripped)
    except (ValueError, RecursionError):
        return text
    return "\n".join(_laid_out(value, 0)) if isinstance(value, dict) else text


def _laid_out(value: object, depth: int) -> Iterator[str]:
    indent = "  " * depth
    if depth > _DEEPEST:
        yield indent + "…"
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _entry(f"{indent}{key}:", item, depth)
    elif isinstance(value, list):
        for item in value:
            first, *rest = list(_laid_out(item, depth + 1)) or [""]
            yield f"{indent}- {first.removeprefix(indent + '  ')}"
            yield from rest
    else:
        yield from (indent + line for line in _scalar(value).split("\n"))


def _entry(head: str, item: object, depth: int) -> Iterator[str]:
    if isinstance(item, str) and "\n" in item:
        yield f"{head} |"
        yield from ("  " * (depth + 1) + line for line in item.removesuffix("\n").split("\n"))
    elif isinstance(item, dict | list) and item:
        yield head
        yield from _laid_out(item, depth + 1)
    else:
        yield f"{head} {_scalar(item)}"


def _scalar(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
