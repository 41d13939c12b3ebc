"""Writes YAML for people: block style, short lists on one line, comments where something is to be said. Reads back as what was given."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any, Final

from autopack.core.text import unix_text
from autopack.core.visible import escaped, quoted
from autopack.settings.yaml_text import resolve

WIDTH: Final = 120
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./+-][A-Za-z0-9_./@+-]*(?: [A-Za-z0-9_./@()+;=-]+)*")
_DOCUMENT_ENDS: Final = ("---", "...")
_INDENT: Final = "  "
_FLOW_DEPTH: Final = 2
"""An item of a list may stand on one line with a list in it, and no more."""


@dataclass(frozen=True)
class Remarked:
    """A value, or an entry of a list, above which a comment stands."""

    value: Any
    remark: str


def yaml_lines(document: Mapping[str, Any], indent: str = "") -> list[str]:
    """The lines of a mapping of JSON-like values, ``Remarked`` ones among them; entries that are None are left out."""
    return [line for key, value in document.items() if bare(value) is not None for line in _entry(key, value, indent)]


def item_lines(items: Sequence[Any], indent: str) -> list[str]:
    """The lines of a list in block style."""
    return [line for item in items for line in _item(item, indent)]


def comment_lines(text: str, indent: str = "") -> list[str]:
    """A comment, wrapped; characters that nobody sees are spelled out."""
    found = [
        piece for line in unix_text(text).split("\n") for piece in wrap(escaped(line), WIDTH - len(indent) - 2, break_on_hyphens=False)
    ]
    return [f"{indent}# {line}" for line in found]


def bare(value: Any) -> Any:  # noqa: ANN401 - any JSON-like value
    """The value without its remarks."""
    if isinstance(value, Remarked):
        return bare(value.value)
    if isinstance(value, Mapping):
        return {key: bare(item) for key, item in value.items() if bare(item) is not None}
    return [bare(item) for item in value] if isinstance(value, (list, tuple)) else value


def _entry(key: str, value: Any, indent: str) -> Iterator[str]:  # noqa: ANN401 - as above
    if isinstance(value, Remarked):
        yield from comment_lines(value.remark, indent)
        value = value.value
    name = f"{indent}{_scalar(key)}:"
    if _depth(value) <= 1 and (flow := _flow(value)) is not None and (len(name) + len(flow) < WIDTH or not _depth(value)):
        yield f"{name} {flow}"
    elif isinstance(value, str) and _is_literal(value):
        yield f"{name} |{'' if value.endswith(chr(10)) else '-'}"
        yield from (f"{indent}{_INDENT}{line}".rstrip() for line in value.removesuffix("\n").split("\n"))
    elif isinstance(value, Mapping) and bare(value):
        yield name
        yield from yaml_lines(value, indent + _INDENT)
    elif isinstance(value, (list, tuple)) and value:
        yield name
        yield from item_lines(value, indent + _INDENT)
    else:
        yield f"{name} {_whole(value)}"


def _item(item: Any, indent: str) -> Iterator[str]:  # noqa: ANN401 - as above
    if isinstance(item, Remarked):
        yield from comment_lines(item.remark, indent)
        item = item.value
    flow = _flow(item) if _depth(item) <= _FLOW_DEPTH else None
    if isinstance(item, Mapping) and bare(item) and (flow is None or len(indent) + len(flow) > WIDTH):
        first, *rest = yaml_lines(item, indent + _INDENT)
        while first.lstrip().startswith("#") and rest:
            yield f"{indent}{first.lstrip()}"
            first, *rest = rest
        yield f"{indent}- {first.removeprefix(indent + _INDENT)}"
        yield from rest
    else:
        yield f"{indent}- {flow if flow is not None else _whole(item)}"


def _flow(value: Any) -> str | None:  # noqa: ANN401 - as above
    """The value on one line; None where a remark or a text of several lines stands in it."""
    if isinstance(value, Remarked) or (isinstance(value, str) and "\n" in value):
        return None
    if isinstance(value, (Mapping, list, tuple)):
        inner = [_flow(item) for item in (value.values() if isinstance(value, Mapping) else value)]
        return None if None in inner else _whole(value)
    return _scalar(value)


def _depth(value: Any) -> int:  # noqa: ANN401 - as above
    if isinstance(value, Remarked):
        return _depth(value.value)
    if isinstance(value, (Mapping, list, tuple)):
        return 1 + max(map(_depth, value.values() if isinstance(value, Mapping) else value), default=0)
    return 0


def _whole(value: Any) -> str:  # noqa: ANN401 - as above
    """The value on one line, whatever it is."""
    value = bare(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {_whole(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(map(_whole, value)) + "]" if isinstance(value, list) else _scalar(value)


def _scalar(value: Any) -> str:  # noqa: ANN401 - as above
    if not isinstance(value, str):
        return "null" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
    is_plain = _PLAIN.fullmatch(value) and not value.startswith(("-", *_DOCUMENT_ENDS)) and isinstance(resolve(value), str)
    return value if is_plain else quoted(value)


def _is_literal(text: str) -> bool:
    """Whether a text of several lines can stand as it is below ``|``."""
    lines = text.removesuffix("\n").split("\n")
    return (
        len(lines) > 1
        and not text.startswith((" ", "\n"))
        and all(line == line.rstrip() and "\t" not in line and escaped(line) == line and line.isprintable() for line in lines)
        and lines[-1] != ""
    )
