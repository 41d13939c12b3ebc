"""The symbols of other languages than Python, from their syntax trees, where the extra ``languages`` is installed."""

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from autopack.context.grammars import AROUND_SYMBOLS, BEFORE_SYMBOLS, HOLDS_SYMBOLS, grammar_for

if TYPE_CHECKING:
    from tree_sitter import Node


class Opened(NamedTuple):
    """A symbol: its name, its first and last line (both inclusive), and the line that opens it, behind what stands above it."""

    name: str
    first: int
    last: int
    opens: int
    depth: int


def parsed_symbols(extension: str, text: str) -> tuple[Opened, ...]:
    """In the order of their lines; none where no grammar for them is installed."""
    found = _finder(extension)
    if found is None:
        return ()
    return tuple(_outside_of_functions(sorted(found(text.encode()), key=lambda one: (one[1].start_byte, -one[1].end_byte))))


def has_grammar(extension: str) -> bool:
    """Whether one is installed for files of that extension."""
    return _finder(extension) is not None


@cache
def _finder(extension: str) -> "Callable[[bytes], list[tuple[Node, Node]]] | None":
    """Gives (name, node) of every symbol. A grammar is loaded, and its query made, once."""
    grammar = grammar_for(extension)
    try:
        language_of = getattr(import_module(grammar.module), grammar.function) if grammar else None
        from tree_sitter import Language, Parser, Query, QueryCursor
    except ImportError:
        return None
    if grammar is None or language_of is None:
        return None
    language = Language(language_of())
    parser, query = Parser(language), Query(language, grammar.query)

    def found(source: bytes) -> "list[tuple[Node, Node]]":
        matches: list[dict[str, Any]] = [captured for _, captured in QueryCursor(query).matches(parser.parse(source).root_node)]
        return [(captured["name"][0], captured["symbol"][0]) for captured in matches]

    return found


def _last_name(node: "Node") -> str:
    """``Cart::total`` is ``total``."""
    return (node.text or b"").decode(errors="replace").rpartition("::")[2].strip("\"'")


def _outside_of_functions(found: "list[tuple[Node, Node]]") -> Iterator[Opened]:
    open_ones: list[Node] = []
    for name, node in found:
        while open_ones and open_ones[-1].end_byte <= node.start_byte:
            open_ones.pop()
        if all(outer.type in HOLDS_SYMBOLS for outer in open_ones):
            last = node.end_point[0] + (node.end_point[1] > 0)
            yield Opened(_last_name(name), _first_row(node) + 1, last, name.start_point[0] + 1, len(open_ones))
        open_ones.append(node)


def _first_row(node: "Node") -> int:
    """Where what belongs to the symbol begins: comments and attributes right above it."""
    while (outer := node.parent) is not None and outer.parent is not None and _only_wraps(outer, node):
        node = outer
    first = int(node.start_point[0])
    while (above := node.prev_sibling) is not None and above.type in BEFORE_SYMBOLS and above.end_point[0] in (first - 1, first):
        node, first = above, int(above.start_point[0])
    return first


def _only_wraps(outer: "Node", node: "Node") -> bool:
    return outer.type in AROUND_SYMBOLS or (outer.start_point[0] == node.start_point[0] and outer.end_point[0] == node.end_point[0])
