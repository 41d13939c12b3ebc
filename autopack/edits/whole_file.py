"""The whole new text of a file that exists: its line ends, byte-order mark and final newline stay; a mere piece of it is refused."""

from collections.abc import Sequence
from typing import Final

from autopack.edits.lines import BOM, CR, Lines, is_blank, split
from autopack.edits.model import EditRefused

SNIPPET_OF_FILE_MAX: Final = 0.6  # a piece from the middle of the file is at most this part of it
EDGE_SNIPPET_OF_FILE_MAX: Final = 0.2  # a piece from its head or tail
EDGE_SNIPPET_LINES_MAX: Final = 20
_FILE_LINES_MIN: Final = 10
_TELLING_CHARACTERS_MIN: Final = 3


def replaced(before: str, content: str) -> str:
    """Gives the new text as it is written.

    Raises:
        EditRefused: code ``empty`` for no text at all, ``snippet`` for a piece of the file in place of the file.
    """
    if not content.strip() and before.strip():
        raise EditRefused("empty", "The new text is empty; give the whole file, or use `delete` to remove it.")
    old, new = split(before), split(content)
    _judge_snippet([line for line in old.bodies if not is_blank(line)], [line for line in new.bodies if not is_blank(line)])
    return _with_manners(before, old, new, content)


def _with_manners(before: str, old: Lines, new: Lines, content: str) -> str:
    text = content.removeprefix(BOM)
    if old.has_final_newline and not new.has_final_newline and text:
        text += "\n"
    ends = {body.endswith(CR) for body in (old.bodies if old.has_final_newline else old.bodies[:-1])}
    if ends == {True}:
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    elif ends == {False} and all(body.endswith(CR) for body in new.bodies[: -1 if not new.has_final_newline else None]):
        text = text.replace("\r\n", "\n")
    elif ends == {True, False} and CR not in text:
        text = _with_own_ends(old.bodies, text)
    return BOM + text if before.startswith(BOM) or content.startswith(BOM) else text


def _with_own_ends(old: Sequence[str], text: str) -> str:
    """Each line with the end it had in the old text; new lines with the one that most old lines have."""
    crlf = sum(body.endswith(CR) for body in old)
    usual = CR if crlf * 2 > len(old) else ""
    own = {body.removesuffix(CR): CR if body.endswith(CR) else "" for body in old}
    lines = text.split("\n")
    return "\n".join([*(line + own.get(line, usual) for line in lines[:-1]), lines[-1]])


def _judge_snippet(old: Sequence[str], new: Sequence[str]) -> None:
    """Refuses what is plainly one stretch of the old file, with a change or two, while all the rest of it is gone."""
    share = len(new) / len(old) if len(old) >= _FILE_LINES_MIN else 1
    if share > SNIPPET_OF_FILE_MAX:
        return
    places = {line.strip(): number for number, line in reversed(list(enumerate(old)))}
    known = [places[line.strip()] for line in new if line.strip() in places]
    if len(known) * 2 < len(new):
        return
    first, last = _edges(old, new)
    if first and last:
        return
    is_edge = first or last
    if is_edge and (share > EDGE_SNIPPET_OF_FILE_MAX or len(new) > EDGE_SNIPPET_LINES_MAX):
        return
    raise EditRefused(
        "snippet",
        f"The new text ({len(new)} lines) is only a piece of the file, which has {len(old)}; the rest would be lost. "
        "Give the whole file, or edit the lines that change.",
    )


def _edges(old: Sequence[str], new: Sequence[str]) -> tuple[bool, bool]:
    """Whether the new text still begins, and ends, about where the old one does."""
    texts = {line.strip() for line in new}
    head = [line.strip() for line in old[:3] if len(line.strip()) >= _TELLING_CHARACTERS_MIN]
    tail = [line.strip() for line in old[-3:] if len(line.strip()) >= _TELLING_CHARACTERS_MIN]
    return any(line in texts for line in head), any(line in texts for line in tail)
