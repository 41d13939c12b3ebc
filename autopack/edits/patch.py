"""The hunks of one file put into its text."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from autopack.core.refusal import RefusalCode
from autopack.edits.diff.hunk import Block, Hunk
from autopack.edits.lines import BOM, CR, Lines, split
from autopack.edits.match.forms import EXACT
from autopack.edits.match.indent import Drift, drift_of, indented
from autopack.edits.match.index import FileIndex
from autopack.edits.match.placement import Placement
from autopack.edits.match.search import find
from autopack.edits.model import EditRefused
from autopack.edits.rebuild import LineChange, rebuilt


def patched(text: str, hunks: Sequence[Hunk]) -> str:
    """Gives the text with every hunk at its one place.

    Raises:
        EditRefused: without a path; one of the codes of ``match.search.find``, or ``indentation``, ``overlap``, ``no_change``.
    """
    before = split(text)
    if before.has_bom:
        before = Lines(before.bodies, before.has_final_newline, has_bom=not any(_takes_bom_away(hunk) for hunk in hunks))
        hunks = [_without_bom(hunk) for hunk in hunks]
    index = FileIndex(before.bodies)
    standings = [standing for hunk in _changing(hunks) for standing in find(hunk, index)]
    drift = drift_of(standings, index.lines)
    return rebuilt(before, [change for standing in standings for change in _changes(standing, index, drift)])


def removes_all(text: str, hunks: Sequence[Hunk]) -> bool:
    """Says whether the hunks of a diff that deletes a file remove the very lines that the file has."""
    removed = [line.text.rstrip() for hunk in hunks for line in hunk.lines if line.mark == "-"]
    others = any(line.mark == "+" or line.text.strip() for hunk in hunks for line in hunk.lines if line.mark != "-")
    return not others and removed == [body.rstrip() for body in split(text).bodies]


def _changing(hunks: Sequence[Hunk]) -> list[Hunk]:
    changing = [hunk for hunk in hunks if hunk.blocks]
    if not changing:
        raise EditRefused(RefusalCode.NO_CHANGE, "The diff changes nothing; mark removed lines with `-` and added ones with `+`.")
    return changing


def _changes(standing: Placement, index: FileIndex, drift: Drift) -> Iterator[LineChange]:
    hunk = standing.part.hunk
    is_literal = standing.form == EXACT and any(CR in line for line in (*hunk.old, *hunk.new))
    indent = indented(standing, index.lines, drift)
    for block, (start, end) in zip(standing.part.blocks, standing.block_places(), strict=True):
        lines = [indent(line) for line in block.added]
        yield LineChange(start, end, lines, hunk.named, is_literal, final_newline=_final_newline(hunk, block))


def _final_newline(hunk: Hunk, block: Block) -> bool | None:
    r"""What the marks `\\ No newline at end of file` say about the new text, if the block reaches its end."""
    if (not hunk.old_lacks_newline and not hunk.new_lacks_newline) or block != hunk.blocks[-1]:
        return None
    return not hunk.new_lacks_newline


def _takes_bom_away(hunk: Hunk) -> bool:
    removed = any(line.mark == "-" and line.text.startswith(BOM) for line in hunk.lines)
    return removed and not any(line.mark == "+" and line.text.startswith(BOM) for line in hunk.lines)


def _without_bom(hunk: Hunk) -> Hunk:
    if not any(line.text.startswith(BOM) for line in hunk.lines):
        return hunk
    return replace(hunk, lines=tuple(line._replace(text=line.text.removeprefix(BOM)) for line in hunk.lines))
