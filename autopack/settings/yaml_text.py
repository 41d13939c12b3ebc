"""Reads YAML into nodes from its event stream: nothing is constructed, aliases are shared and counted, merge keys (``<<``) understood."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from autopack.settings.limits import Limits
from autopack.settings.node import Node, Scalar
from autopack.settings.problem import Problem, UnreadableDocumentError

MERGE: Final = "<<"
_TEXT_TAGS: Final = ("!", "tag:yaml.org,2002:str")
_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,18}")
_HEXADECIMAL: Final = re.compile(r"0x[0-9a-fA-F]{1,15}")
_OCTAL: Final = re.compile(r"0o[0-7]{1,20}")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]{1,40}|[0-9]{1,40}(?:\.[0-9]{0,40})?)(?:[eE][-+]?[0-9]{1,2})?")


def read_yaml(text: str, source: str, problems: list[Problem]) -> Node | None:
    """Reads the first document of the text, None where it is empty; what can be read past is added to ``problems``.

    Raises:
        UnreadableDocumentError: this is not YAML, or beyond the limits; with line and column.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    events = YAML(typ="safe", pure=True).parse(text)
    try:
        return _Composer(events, source, problems).document()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = f"this is not YAML (column {column}): {error.problem or error.context or 'it cannot be read'}."
        raise UnreadableDocumentError([*problems, Problem(file=source, line=line, message=message)]) from error
    except ReaderError as error:
        escape = f"\\u{ord(text[error.position]):04x}"
        message = f'a character stands here that YAML takes as an escape only; write it as "{escape}", in double quotes, or take it out.'
        line = text.count("\n", 0, error.position) + 1
        raise UnreadableDocumentError([*problems, Problem(file=source, line=line, message=message)]) from error
    except (YAMLError, ValueError, RecursionError) as error:
        first_line = str(error).strip().partition("\n")[0]
        raise UnreadableDocumentError([*problems, Problem(file=source, line=None, message=f"this is not YAML: {first_line}.")]) from error


class _Composer:
    """One pass over the events of a text."""

    def __init__(self, events: Iterator[Any], source: str, problems: list[Problem]) -> None:
        self._events = events
        self._source = source
        self._limits = Limits(source, problems)
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._values = 0

    def document(self) -> Node | None:
        root: Node | None = None
        for event in self._events:
            match type(event).__name__:
                case "StreamStartEvent" | "StreamEndEvent" | "DocumentStartEvent" | "DocumentEndEvent":
                    continue
            if root is not None:
                self._limits.add(_line(event), "a second document begins here; a file holds one.")
                return root
            root = self._node(event, 0)
        return root

    def _node(self, event: Any, depth: int) -> Node:  # noqa: ANN401 - ruamel's events are untyped
        line = _line(event)
        if type(event).__name__ == "AliasEvent":
            return self._alias(event.anchor, line, depth)
        self._values += 1
        self._limits.count(line, depth)
        before = self._values
        match type(event).__name__:
            case "MappingStartEvent":
                self._judge_tag(event, line, "tag:yaml.org,2002:map")
                node = Node(self._mapping(depth), self._source, line)
            case "SequenceStartEvent":
                self._judge_tag(event, line, "tag:yaml.org,2002:seq")
                node = Node(self._sequence(depth), self._source, line)
            case _:
                node = self._scalar(event, line)
        if event.anchor:
            self._anchors[event.anchor] = (node, self._values - before + 1)
        return node

    def _scalar(self, event: Any, line: int) -> Node:  # noqa: ANN401 - as above
        self._judge_tag(event, line, *_TEXT_TAGS)
        text = _whole(event.value)
        self._limits.judge_text(text, line)
        is_plain = event.style is None and not event.tag
        return Node(resolve(text) if is_plain else text, self._source, line)

    def _judge_tag(self, event: Any, line: int, *known: str) -> None:  # noqa: ANN401 - as above
        if event.tag and str(event.tag) not in known:
            self._limits.add(line, f"the tag `{event.tag}` means nothing here; take it out.")

    def _alias(self, anchor: str, line: int, depth: int) -> Node:
        if anchor not in self._anchors:
            raise self._limits.unreadable(line, f"`*{anchor}` refers to no finished value before it.")
        node, values = self._anchors[anchor]
        self._values += values
        self._limits.count(line, depth + _depth(node), values)
        return replace(node, line=line)

    def _sequence(self, depth: int) -> tuple[Node, ...]:
        items: list[Node] = []
        for event in self._events:
            if type(event).__name__ == "SequenceEndEvent":
                break
            items.append(self._node(event, depth + 1))
        return tuple(items)

    def _mapping(self, depth: int) -> Mapping[str, Node]:
        entries: dict[str, Node] = {}
        merged: list[Node] = []
        for event in self._events:
            if type(event).__name__ == "MappingEndEvent":
                break
            line = _line(event)
            key = self._key(event, depth)
            value = replace(self._node(next(self._events), depth + 1), line=line)
            if key == MERGE and getattr(event, "style", None) is None:
                merged.extend(self._merged(value))
            elif key is not None:
                self._limits.judge_key(entries, key, line)
                entries.setdefault(key, value)
        for node in merged:
            entries = {**node.mapping, **entries}
        return entries

    def _key(self, event: Any, depth: int) -> str | None:  # noqa: ANN401 - as above
        if type(event).__name__ == "ScalarEvent":
            self._judge_tag(event, _line(event), *_TEXT_TAGS)
            return _whole(event.value)
        node = self._node(event, depth + 1)
        if node.text is None:
            self._limits.add(_line(event), "a key must be plain text.")
        return node.text

    def _merged(self, value: Node) -> list[Node]:
        """What ``<<`` brings in; of several the first wins."""
        nodes = [value, *value.items] if isinstance(value.value, tuple) else [value]
        wrong = [node for node in nodes if not isinstance(node.value, Mapping) and node is not value]
        if wrong or not isinstance(value.value, (tuple, Mapping)):
            self._limits.add(value.line, "`<<` merges mappings only.")
        return [node for node in nodes if isinstance(node.value, Mapping)]


def _depth(node: Node) -> int:
    """How many levels a node holds below itself; 0 for a scalar."""
    below = [*node.mapping.values(), *node.items]
    return 1 + max(map(_depth, below)) if below else 0


def _whole(text: str) -> str:
    """With its characters beyond U+FFFF in one piece: JSON escapes them in two halves."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _line(event: Any) -> int:  # noqa: ANN401 - as above
    return int(event.start_mark.line) + 1


def resolve(text: str) -> Scalar:
    """The value of an unquoted scalar. Infinities, NaN and numbers beyond any use stay text."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _HEXADECIMAL.fullmatch(text):
        return int(text, 16)
    if _OCTAL.fullmatch(text):
        return int(text, 0)
    return float(text) if _FLOAT.fullmatch(text) else text
