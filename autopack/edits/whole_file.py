"""The whole new text of a file that exists: its line ends, byte-order mark and final newline stay; a mere piece of it is refused."""

from collections.abc import Sequence

from autopack.core.refusal import RefusalCode
from autopack.edits.lines import BOM, CR, Lines, split
from autopack.edits.model import EditRefused
from autopack.edits.snippet import judge_snippet


def replaced(path: str, before: str, content: str) -> str:
    """Gives the new text as it is written.

    Raises:
        EditRefused: code ``empty`` for no text at all, ``snippet`` for a piece of the file in place of the file.
    """
    if not content.strip() and before.strip():
        raise EditRefused(RefusalCode.EMPTY, "The new text is empty; give the whole file, or use `delete` to remove it.")
    old, new = split(before), split(content)
    judge_snippet(path, old.bodies, new.bodies)
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
