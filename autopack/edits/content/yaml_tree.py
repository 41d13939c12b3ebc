"""The first document of a YAML text as plain nodes with lines: nothing is constructed, and aliases share their node."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from autopack.edits.content.yaml_syntax import events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ruamel.yaml.events import NodeEvent


@dataclass
class Scalar:
    line: int
    value: str
    is_plain: bool
    is_tagged: bool = False

    @property
    def is_null(self) -> bool:
        return self.is_plain and self.value in ("", "~", "null", "Null", "NULL")


@dataclass
class Sequence:
    line: int
    items: "list[Node]" = field(default_factory=list)
    is_tagged: bool = False


@dataclass
class Mapping:
    line: int
    pairs: "list[tuple[Node, Node]]" = field(default_factory=list)
    is_tagged: bool = False

    def own(self) -> "Iterator[tuple[Scalar, Node]]":
        """The pairs with a scalar key, as written."""
        return ((key, value) for key, value in self.pairs if isinstance(key, Scalar))

    def get(self, name: str) -> "Node | None":
        """The value of a key, also of one that comes by a merge (``<<``)."""
        if name in self.named:
            return self.named[name]
        return next((found for merged in self._merged if (found := merged.named.get(name)) is not None), None)

    @cached_property
    def named(self) -> "dict[str, Node]":
        """Looked up once the node is complete; of a key that is given twice the first value."""
        return {key.value: value for key, value in reversed(list(self.own()))}

    @cached_property
    def _merged(self) -> "list[Mapping]":
        merges = [value for key, value in self.own() if key.value == "<<"]
        sources = [source for value in merges for source in (value.items if isinstance(value, Sequence) else [value])]
        return [source for source in sources if isinstance(source, Mapping)]


Node = Scalar | Sequence | Mapping


def first_document(text: str) -> Node | None:
    """The root node; ``None`` where there is none. The text has passed ``strict_yaml_problem``."""
    from ruamel.yaml import events as kinds

    root: list[Node] = []
    open_nodes: list[tuple[Sequence | Mapping, list[Node]]] = []
    anchors: dict[str, Node] = {}
    for event in events(text):
        if isinstance(event, kinds.DocumentEndEvent):
            break
        if isinstance(event, (kinds.MappingEndEvent, kinds.SequenceEndEvent)):
            node, children = open_nodes.pop()
            _fill(node, children)
        elif isinstance(event, kinds.NodeEvent):
            found = anchors.get(event.anchor) if isinstance(event, kinds.AliasEvent) else _node(event)
            if found is None:
                return None
            if event.anchor is not None:
                anchors[event.anchor] = found
            (open_nodes[-1][1] if open_nodes else root).append(found)
            if isinstance(event, kinds.CollectionStartEvent) and not isinstance(found, Scalar):
                open_nodes.append((found, []))
    return root[0] if root else None


def _fill(node: Sequence | Mapping, children: list[Node]) -> None:
    if isinstance(node, Sequence):
        node.items.extend(children)
    else:
        node.pairs.extend(zip(children[::2], children[1::2], strict=False))


def _node(event: "NodeEvent") -> Node:
    from ruamel.yaml import events as kinds

    line = event.start_mark.line + 1
    if isinstance(event, kinds.MappingStartEvent):
        return Mapping(line, is_tagged=event.tag is not None)
    if isinstance(event, kinds.SequenceStartEvent):
        return Sequence(line, is_tagged=event.tag is not None)
    return Scalar(line, str(getattr(event, "value", "")), getattr(event, "style", None) is None, getattr(event, "tag", None) is not None)
