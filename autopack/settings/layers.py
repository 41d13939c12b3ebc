"""The files of one level of the configuration: the same names with the same keys wherever they lie."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from autopack.core.names import nearest
from autopack.settings.document import read_mapping
from autopack.settings.node import Node, merge
from autopack.settings.problem import Problem, UnreadableDocumentError

FILES: Final[Mapping[str, str]] = {
    "settings.yaml": "",
    "models.yaml": "models",
    "memory.yaml": "memory",
    "documents.yaml": "documents",
}
"""File name -> the part of ``Settings`` that it holds; empty: the rest of it."""

READ_ELSEWHERE: Final = frozenset({"rules.yaml"})
NAMED_LISTS: Final[tuple[tuple[str, ...], ...]] = (("models", "providers"),)
"""Lists whose items have a ``name`` by which they merge over the levels."""


def read_level(folder: Path, shown: str, problems: list[Problem]) -> dict[str, Node]:
    """File name -> its content, placed where it belongs in ``Settings``; a missing folder or file is none."""
    found: dict[str, Node] = {}
    if not folder.is_dir():
        return found
    for path in sorted(folder.iterdir()):
        if path.suffix not in (".yaml", ".yml") or path.name in READ_ELSEWHERE:
            continue
        source = f"{shown}/{path.name}"
        if path.name not in FILES:
            problems.append(_unknown_file(path.name, source))
            continue
        try:
            node = read_mapping(path, source)
        except UnreadableDocumentError as error:
            problems.extend(error.problems)
            continue
        part = FILES[path.name]
        placed = Node({part: node}, source) if part else node
        found[path.name] = with_named_lists(placed, problems)
    return found


def merged(level: Mapping[str, Node], below: Node) -> Node:
    for node in level.values():
        below = merge(below, node)
    return below


def with_named_lists(node: Node, problems: list[Problem]) -> Node:
    """Lists of ``NAMED_LISTS`` as mappings by name, so that a level adds to those below it."""
    for path in NAMED_LISTS:
        parent = node.at(path[:-1])
        found = parent.child(path[-1]) if parent is not node else None
        if found is not None and isinstance(found.value, tuple):
            node = _replaced(node, path, _by_name(found, ".".join(path), problems))
    return node


def with_plain_lists(node: Node) -> Node:
    """The reverse of ``with_named_lists``."""
    for path in NAMED_LISTS:
        parent = node.at(path[:-1])
        found = parent.child(path[-1]) if parent is not node else None
        if found is not None and isinstance(found.value, dict):
            items = tuple(item.with_entries({"name": Node(name, item.source, item.line)}) for name, item in found.value.items())
            node = _replaced(node, path, Node(items, found.source, found.line))
    return node


def _by_name(found: Node, shown: str, problems: list[Problem]) -> Node:
    named: dict[str, Node] = {}
    for item in found.items:
        name = item.mapping.get("name")
        if name is None or not name.text:
            problems.append(Problem(file=item.source, line=item.line or None, message=f"each of `{shown}` needs a `name`."))
        elif name.text in named:
            problems.append(Problem(file=name.source, line=name.line or None, message=f"`{shown}` names `{name.text}` twice."))
        else:
            named[name.text] = item.with_entries({"name": None})
    return Node(named, found.source, found.line)


def _replaced(node: Node, path: tuple[str, ...], leaf: Node) -> Node:
    key, rest = path[0], path[1:]
    below = node.child(key) or Node({}, node.source)
    return node.with_entries({key: _replaced(below, rest, leaf) if rest else leaf})


def _unknown_file(name: str, source: str) -> Problem:
    known = sorted({*FILES, *READ_ELSEWHERE})
    meant = nearest(name, known)
    advice = f"did you mean `{meant}`?" if meant else f"the files are {', '.join(known)}."
    return Problem(file=source, line=None, message=f"nothing reads a file of this name; {advice}")
