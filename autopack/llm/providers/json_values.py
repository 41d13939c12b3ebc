"""Reads values of a server's JSON: takes what has a plain meaning and raises TypeError for the rest.

Servers put anything in place of anything: ``null`` for an object, an object for a text that holds one, a text for a number.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from autopack.llm.wire import Json

_MOST: Final = 2**40
_LONGEST_NAME: Final = 200
_DEEPEST: Final = 60
_THOUGHT: Final = frozenset({"thinking", "reasoning", "reasoning_text", "redacted_thinking"})
"""Parts of a text that are no part of the answer."""


def an_object(value: Any) -> Json:  # noqa: ANN401 - any JSON value
    """The object; an empty one for ``null``."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TypeError(f"an object was expected, not {_told(value)}")
    return value


def object_or_empty(value: Any) -> Json:  # noqa: ANN401 - any JSON value
    """The object; an empty one for anything else. For what stands beside a reply, such as usage: no reply is lost for it."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[Json]:  # noqa: ANN401 - any JSON value
    """The objects of a list. One object alone is a list of one; ``null`` is passed over."""
    if isinstance(value, dict):
        return [value]
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError(f"a list was expected, not {_told(value)}")
    return [an_object(item) for item in value if item is not None]


def visible_text(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """The text, which may come in parts; thoughts are left out."""
    return "".join(_texts(value))


def json_text(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """The JSON text as it came; an object in its place is written as JSON."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return visible_text(value)


def name(value: Any) -> str | None:  # noqa: ANN401 - any JSON value
    """A bounded word, such as a model's name; None where there is none."""
    return value[:_LONGEST_NAME] if isinstance(value, str) and value else None


def count(value: Any) -> int:  # noqa: ANN401 - any JSON value
    """A number of tokens; 0 for anything else."""
    try:
        number = int(value) if isinstance(value, int | float | str) else 0
    except (ValueError, OverflowError):
        return 0
    return number if 0 < number < _MOST else 0


def judge_depth(value: Any, left: int = _DEEPEST) -> None:  # noqa: ANN401 - any JSON value
    """Raises ValueError for what is nested too deep to be kept."""
    if isinstance(value, dict | list):
        if left == 0:
            raise ValueError(f"it is nested deeper than {_DEEPEST} levels")
        for item in value.values() if isinstance(value, dict) else value:
            judge_depth(item, left - 1)


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        if value.get("type") not in _THOUGHT:
            yield from _texts(value.get("text"))
    elif value is not None:
        raise TypeError(f"a text was expected, not {_told(value)}")


def _told(value: object) -> str:
    return f"{type(value).__name__} {str(value)[:40]!r}"
