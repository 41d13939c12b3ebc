"""What a builder that cannot see enough asked for: paths, lines of paths and names, answered from the tree that its phase starts from."""

import re
from collections.abc import Sequence
from typing import Final

from autopack.context.drafts import read_drafts, worth_reading
from autopack.context.file_text import excerpt_text
from autopack.context.frame import Framed, in_frames
from autopack.context.reading import Looker, lines_of, may_be_read, wanted
from autopack.context.symbols import symbols_of
from autopack.core.context import Excerpt
from autopack.core.visible import one_name
from autopack.llm.prompts import render

ASKED_MAX: Final = 20
_LINES: Final = re.compile(r"(?P<path>.+?):(?P<first>\d{1,7})(?:-(?P<last>\d{1,7}))?")
_LISTED: Final = 200
_PLACES: Final = 5


def look(asked: Sequence[str], looker: Looker) -> str:
    """One block of a prompt that answers each of them, in order, as far as there is room."""
    parts: list[str | Framed] = [render("builder_look")]
    left = looker.characters
    for word in tuple(dict.fromkeys(asked))[:ASKED_MAX]:
        found = _answer(word.strip().removeprefix("./"), looker)
        cost = sum(len(part) for part in found)
        if cost > left:
            found = [f"{one_name(word)}: {cost:,} characters, more than there is room for; ask for fewer lines of it (path:first-last).\n"]
        else:
            left -= cost
        parts += found
    return in_frames(parts)


def _answer(word: str, looker: Looker) -> list[str | Framed]:
    entries = looker.tree.entries
    match = None if word in entries else _LINES.fullmatch(word)
    path = match["path"].strip().removeprefix("./") if match else word
    if path in entries:
        first = int(match["first"]) if match else 1
        last = int(match["last"] or match["first"]) if match else None
        return _lines(path, first, last, looker)
    below = sorted(other for other in entries if other.startswith(path.rstrip("/") + "/"))
    if below:
        more = f"\n… {len(below) - _LISTED:,} more" if len(below) > _LISTED else ""
        return [Framed("listing", "\n".join(map(one_name, below[:_LISTED])) + more, "")]
    return _definitions(path, looker) or [f"{one_name(word)}: there is no such file, folder or name in the repository yet.\n"]


def _lines(path: str, first: int, last: int | None, looker: Looker) -> list[str | Framed]:
    found, notes = lines_of((path,), looker)
    if path not in found:
        return [f"{one_name(path)}: {notes[path]}.\n"]
    lines = found[path]
    end = min(last or len(lines), len(lines))
    if first > end:
        return [f"{one_name(path)}: it has {len(lines):,} lines.\n"]
    return [excerpt_text(Excerpt(attempt=0, path=path, first_line=max(1, first), text="\n".join(lines[max(1, first) - 1 : end])))]


def _definitions(name: str, looker: Looker) -> list[str | Framed]:
    """Where a name is defined, in the scope first; ``Cart.total`` finds ``total``."""
    last = name.rpartition(".")[2].removesuffix("()")
    if not last.isidentifier():
        return []
    files = sorted((wanted(path, looker) for path in looker.tree.entries), key=lambda file: (file.is_read_only, file.path))
    shown = worth_reading((file for file in files if may_be_read(file.path, looker)), looker.tree)
    found: list[str | Framed] = []
    for draft in read_drafts(shown, looker.tree, {}):
        for symbol in symbols_of(draft.file.path, list(draft.lines)) if last in draft.text else ():
            if symbol.name == last:
                found += _lines(draft.file.path, symbol.first_line, symbol.last_line, looker)
        if len(found) >= _PLACES:
            break
    return found[:_PLACES]
