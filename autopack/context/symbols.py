"""The symbols of a source file and the lines they span: from its syntax tree where there is a parser, else by its lines."""

import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from autopack.context.parsed_symbols import parsed_symbols
from autopack.context.symbol_patterns import pattern_for

if TYPE_CHECKING:
    import ast

_SHOWN_CHARACTERS: Final = 120
_SCANNED_CHARACTERS: Final = 160
_PARSED_CHARACTERS: Final = 1_000_000


@dataclass(frozen=True)
class Symbol:
    """``last_line`` is inclusive; ``depth`` 0 is the file's top level; ``text`` is the line that opens it."""

    name: str
    first_line: int
    last_line: int
    depth: int
    text: str


def symbols_of(path: str, lines: list[str]) -> tuple[Symbol, ...]:
    """The symbols in the order of their lines; empty where the language is not known."""
    extension = path.rpartition(".")[2].lower()
    parsed = _parse_python(lines) if extension in ("py", "pyi") else None
    if parsed is None:
        parsed = _parse(extension, lines)
    if parsed is not None:
        return parsed
    pattern = pattern_for(extension)
    return _scan(pattern, lines) if pattern else ()


def _parse_python(lines: list[str]) -> tuple[Symbol, ...] | None:
    """None where it is not Python that this interpreter can parse."""
    import ast

    source = "\n".join(lines).replace("\r", " ")
    if len(source) > _PARSED_CHARACTERS:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found: list[Symbol] = []
    pending: list[tuple[ast.stmt, int]] = [(node, 0) for node in tree.body]
    while pending:
        node, depth = pending.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.append(_python_symbol(node, depth, lines))
            if isinstance(node, ast.ClassDef):
                pending.extend((inner, depth + 1) for inner in node.body)
    return tuple(sorted(found, key=lambda symbol: symbol.first_line))


def _python_symbol(node: "ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef", depth: int, lines: list[str]) -> Symbol:
    first = min((decorator.lineno for decorator in node.decorator_list), default=node.lineno)
    text = "  " * depth + _shown(lines[node.lineno - 1])
    return Symbol(node.name, first, node.end_lineno or node.lineno, depth, text)


def _parse(extension: str, lines: list[str]) -> tuple[Symbol, ...] | None:
    """None where no grammar for it is installed, or finds anything."""
    source = "\n".join(lines).replace("\r", " ")
    if len(source) > _PARSED_CHARACTERS:
        return None
    found = parsed_symbols(extension, source)
    return tuple(Symbol(one.name, one.first, one.last, one.depth, "  " * one.depth + _shown(lines[one.opens - 1])) for one in found) or None


def _shown(line: str) -> str:
    return line.strip()[:_SHOWN_CHARACTERS]


def _scan(pattern: re.Pattern[str], lines: list[str]) -> tuple[Symbol, ...]:
    """One symbol a matching line; it lasts until the next one that is indented no deeper."""
    found: list[tuple[str, int, int, str]] = []
    for number, line in enumerate(lines, 1):
        match = pattern.match(line[:_SCANNED_CHARACTERS])
        if match:
            name = next((group for group in match.groups() if group), "")
            found.append((name.strip(), number, len(line) - len(line.lstrip()), _shown(line)))
    ends = _ends(found, len(lines))
    return tuple(
        Symbol(name, number, end, int(indent > 0), ("  " if indent else "") + text)
        for (name, number, indent, text), end in zip(found, ends, strict=True)
    )


def _ends(found: list[tuple[str, int, int, str]], total: int) -> list[int]:
    ends = [total] * len(found)
    open_ones: list[int] = []
    for index, (_, number, indent, _) in enumerate(found):
        while open_ones and found[open_ones[-1]][2] >= indent:
            ends[open_ones.pop()] = number - 1
        open_ones.append(index)
    return ends
