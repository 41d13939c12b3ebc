"""Guards on size: a file that shrinks, grows or goes away more than a phase was allowed to, and symbols that got lost."""

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from autopack.core.refusal import RefusalCode
from autopack.core.text import count_lines
from autopack.edits.model import EditRefused

SHRINK_FROM_LINES: Final = 40
SHRINK_KEEPS: Final = 0.4
GROWTH_ABOVE_LINES: Final = 200
GROWTH_FACTOR: Final = 3


@dataclass(frozen=True)
class Guards:
    """What a phase's plan opens by name, and whether it is a small fix, which takes nothing away."""

    allow_mass_deletion: bool = False
    allow_mass_addition: bool = False
    allow_no_change: bool = False
    is_small_fix: bool = False


def judge_size(
    path: str, before: str | None, after: str | None, *, allow_mass_deletion: bool = False, allow_mass_addition: bool = False
) -> None:
    """Refuses a file that is deleted, shrinks by more than 60 % (of 40 lines or more) or grows to more than 3 times (above 200).

    A new file, and one that was empty, cannot grow; a rename is not a deletion, so only its text is to be judged.
    """
    if before is None:
        return
    was, now = count_lines(before), 0 if after is None else count_lines(after)
    if after is None and not allow_mass_deletion:
        raise EditRefused(
            RefusalCode.DELETION, f"The file ({was} lines) would be deleted, and this phase does not allow deletions; keep it.", path
        )
    if was >= SHRINK_FROM_LINES and now < was * SHRINK_KEEPS and not allow_mass_deletion:
        reason = f"The file would shrink from {was} to {now} lines, by more than 60 %; give the whole file, or change only the lines meant."
        raise EditRefused(RefusalCode.MASS_DELETION, reason, path)
    if was and now > GROWTH_ABOVE_LINES and now > was * GROWTH_FACTOR and not allow_mass_addition:
        reason = f"The file would grow from {was} to {now} lines, to more than 3 times its size; put new code into new files."
        raise EditRefused(RefusalCode.MASS_ADDITION, reason, path)


def judge_symbols(path: str, before: str | None, after: str | None) -> None:
    """Refuses a small fix that takes functions or classes away."""
    lost = lost_symbols(path, before, after) if before is not None and after is not None else []
    if lost:
        named = ", ".join(f"`{name}`" for name in lost[:5])
        reason = f"This phase is a small fix, but {named} would be gone from the file; keep what the fix does not need to change."
        raise EditRefused(RefusalCode.LOST_SYMBOLS, reason, path)


def lost_symbols(path: str, before: str, after: str) -> list[str]:
    """Names of top-level functions, classes and exports that were in the file and are not any more; none where it cannot be told."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in {".py", ".pyi", ".pyw"}:
        had, has = _python_symbols(before), _python_symbols(after)
    elif suffix in _SCRIPT_SUFFIXES:
        had, has = _script_symbols(before), _script_symbols(after)
    else:
        return []
    return [] if had is None or has is None else [name for name in had if name not in has]


def _python_symbols(text: str) -> dict[str, None] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(text.removeprefix("\ufeff")).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return dict.fromkeys(name for node in body for name in _defined(node))


def _defined(node: ast.stmt) -> Iterator[str]:
    """The functions and classes that a top-level statement defines, also below ``if`` and ``try``; an ``elif`` lies below its ``if``."""
    left = [node]
    while left:
        match left.pop():
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.If(body=body, orelse=orelse):
                left += reversed([*body, *orelse])
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody):
                handled = [inner for handler in handlers for inner in handler.body]
                left += reversed([*body, *handled, *orelse, *finalbody])


_SCRIPT_SUFFIXES: Final = frozenset({".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts"})
_SCRIPT_SYMBOL: Final = re.compile(
    r"^(?:export\s+(?:default\s+)?)?(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\s*\*?|class|interface|enum|type|namespace)\s+([A-Za-z_$][\w$]*)"
    r"|^export\s+(?:declare\s+)?(?:const|let|var)\s+([A-Za-z_$][\w$]*)"
    r"|^export\s*(?:type\s*)?\{([^{}]*)\}",
    re.MULTILINE,
)


def _script_symbols(text: str) -> dict[str, None]:
    names: dict[str, None] = {}
    for match in _SCRIPT_SYMBOL.finditer(text):
        if match[3] is None:
            names[match[1] or match[2]] = None
        else:
            names.update(dict.fromkeys(part.split(" as ")[-1].strip() for part in match[3].split(",") if part.strip()))
    return names
