"""A piece of a YAML or JSON document that knows where it stands, so that merged values still point at the line they came from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

Scalar = str | int | float | bool | None
Path = tuple[str | int, ...]
"""The keys and list positions that lead from a document's root to a value."""


@dataclass(frozen=True, eq=False)
class Node:
    """A scalar, a list or a mapping. ``line`` is that of its key, or its own; 0 where the source has no lines."""

    value: "Scalar | tuple[Node, ...] | Mapping[str, Node]"
    source: str
    line: int = 0

    def __repr__(self) -> str:
        return f"Node({plain(self)!r}, {self.where!r})"

    @property
    def where(self) -> str:
        return f"{self.source}:{self.line}" if self.line else self.source

    @property
    def mapping(self) -> "Mapping[str, Node]":
        """The entries of a mapping; none where this is something else."""
        return self.value if isinstance(self.value, Mapping) else {}

    @property
    def items(self) -> "tuple[Node, ...]":
        """The items of a list; none where this is something else."""
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def text(self) -> str | None:
        return self.value if isinstance(self.value, str) else None

    def child(self, key: str | int) -> "Node | None":
        if isinstance(key, str):
            return self.mapping.get(key)
        return self.items[key] if 0 <= key < len(self.items) else None

    def at(self, path: Path) -> "Node":
        """The deepest node that exists on the way along the path."""
        node = self
        for key in path:
            found = node.child(key)
            if found is None:
                break
            node = found
        return node

    def with_entries(self, entries: "Mapping[str, Node | None]") -> "Node":
        """This mapping with entries set, or taken out where None."""
        changed = {**self.mapping, **entries}
        return replace(self, value={key: node for key, node in changed.items() if node is not None})


def node_of(value: Any, source: str, line: int = 0) -> Node:  # noqa: ANN401 - any JSON-like value
    """Wraps plain values that came without a document: flags, generated parts."""
    if isinstance(value, Mapping):
        return Node({str(key): node_of(item, source, line) for key, item in value.items()}, source, line)
    if isinstance(value, (list, tuple)):
        return Node(tuple(node_of(item, source, line) for item in value), source, line)
    return Node(value, source, line)


def plain(node: Node) -> Any:  # noqa: ANN401 - any JSON-like value
    """The values alone, as dicts, lists and scalars; a whole float (``1e6``) is the integer it means."""
    if isinstance(node.value, Mapping):
        return {key: plain(item) for key, item in node.value.items()}
    if isinstance(node.value, tuple):
        return [plain(item) for item in node.value]
    if isinstance(node.value, float) and node.value.is_integer():
        return int(node.value)
    return node.value


def merge(below: Node, above: Node) -> Node:
    """Mappings merge key by key, deeply; anything else of ``above`` replaces what is below it."""
    if not isinstance(below.value, Mapping) or not isinstance(above.value, Mapping):
        return above
    merged = dict(below.value)
    for key, item in above.value.items():
        merged[key] = merge(merged[key], item) if key in merged else item
    return Node(merged, above.source, above.line)


def leaves(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every scalar and list (lists are replaced as a whole) with its path; empty mappings too."""
    if node.mapping:
        for key, item in node.mapping.items():
            yield from leaves(item, (*path, key))
    else:
        yield path, node
