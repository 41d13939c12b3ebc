"""Indentation of added lines where the hunk's old lines are indented otherwise than the file's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from autopack.core.refusal import RefusalCode
from autopack.edits.lines import indent_of, is_blank
from autopack.edits.match.forms import TRAILING_SPACE
from autopack.edits.match.placement import Placement
from autopack.edits.model import EditRefused

_OPENERS: Final = (":", "{", "(", "[", "then", "do", "=>", "->")


class Pair(NamedTuple):
    """The indentation of one old line, as the hunk has it and as the file has it."""

    ours: str
    theirs: str
    is_removed: bool
    is_bare: bool


@dataclass(frozen=True)
class Drift:
    """What the hunks of one file show together about how their indentation differs from the file's.

    ``styles`` are the indentations of all old lines, if some have tabs where the file has spaces or the other way round.
    ``is_whole`` says whether removed lines drifted like the context, or not at all; ``None`` where no hunk shows it.
    """

    styles: Sequence[Pair] = ()
    is_whole: bool | None = None


def drift_of(standings: Sequence[Placement], lines: Sequence[str]) -> Drift:
    loose = [_pairs(standing, lines) for standing in standings if standing.form > TRAILING_SPACE]
    pairs = [pair for part in loose for pair in part]
    if any(_shift(pair) is None for pair in pairs):
        return Drift(styles=pairs)
    shown: set[bool] = set()
    for part in loose:
        removed = [_shift(pair) for pair in part if pair.is_removed]
        context = [_shift(pair) for pair in part if not pair.is_removed]
        if any(context) and any(pair.theirs for pair in part if pair.is_removed):
            shown.add(any(removed))
    return Drift(is_whole=shown.pop() if len(shown) == 1 else None)


def indented(standing: Placement, lines: Sequence[str], drift: Drift) -> Callable[[str], str]:
    """Gives what turns an added line of the hunk into one with the indentation that the file's lines beside it have.

    Raises:
        EditRefused: code ``indentation`` where the hunk leaves two readings; the function given may raise it too.
    """
    if drift.styles:
        return lambda line: _in_style(line, drift.styles, standing)
    pairs = _pairs(standing, lines) if standing.form > TRAILING_SPACE else []
    added = [line for block in standing.part.blocks for line in block.added if not is_blank(line)]
    if not added or all(pair.ours == pair.theirs for pair in pairs):
        return str
    has_removed = any(pair.is_removed for pair in pairs)
    evidence = [pair for pair in pairs if pair.is_removed or not has_removed]
    if not has_removed and any(pair.is_bare for pair in pairs):
        return str  # the context lost its own leading space, as lines without any mark betray, and says nothing of added lines
    shifts = {_shift(pair) or "" for pair in evidence}
    if len(shifts) > 1 and any(pair.ours for pair in evidence):
        raise _unclear(standing)
    shift = shifts.pop() if len(shifts) == 1 else ""
    if not shift or not (has_removed or _moves_whole(added, evidence, standing, lines, drift)):
        return str
    return lambda line: _shifted(line, shift, standing)


def _pairs(standing: Placement, lines: Sequence[str]) -> list[Pair]:
    bare = [line.is_bare for line in standing.part.hunk.lines if line.mark != "+"]
    pairs = []
    for number, (ours, at) in enumerate(zip(standing.part.old, standing.at, strict=True)):
        if at is not None and not is_blank(ours):
            removed = standing.part.is_removed[number]
            pairs.append(Pair(indent_of(ours), indent_of(lines[at]), removed, bare[standing.part.offset + number]))
    return pairs


def _shift(pair: Pair) -> str | None:
    """What has to go before the hunk's indentation to give the file's; with ``-`` before it, what has to go away."""
    if pair.theirs.endswith(pair.ours):
        return pair.theirs[: len(pair.theirs) - len(pair.ours)]
    if pair.ours.endswith(pair.theirs):
        return "-" + pair.ours[: len(pair.ours) - len(pair.theirs)]
    return None


def _moves_whole(added: Sequence[str], context: Sequence[Pair], standing: Placement, lines: Sequence[str], drift: Drift) -> bool:
    """Decides for an insertion whether the hunk as a whole lost its indentation, or only its context did."""
    shift = _shift(context[0]) or ""
    if shift.startswith("-") or drift.is_whole is not None:
        return drift.is_whole is not False
    known = {pair.theirs for pair in context}
    if shift == " ":
        kept = sum(indent_of(line) in known for line in added)
        moved = sum(shift + indent_of(line) in known for line in added)
        if kept == moved:
            raise _unclear(standing)
        return moved > kept
    if any(pair.ours for pair in context):
        return True
    place, _ = standing.block_places()[0]
    if any(not indent_of(line).startswith(shift) for line in added):
        if place == len(lines):
            raise _unclear(standing)
        return True
    if place and lines[place - 1].rstrip().endswith(_OPENERS):
        raise _unclear(standing)
    return False


def _shifted(line: str, shift: str, standing: Placement) -> str:
    if is_blank(line):
        return line
    if not shift.startswith("-"):
        return shift + line
    if not line.startswith(shift[1:]):
        raise _unclear(standing)
    return line[len(shift) - 1 :]


def _in_style(line: str, pairs: Sequence[Pair], standing: Placement) -> str:
    """Tabs for spaces or the other way round, by the pairs; a line that is in the file's style already stays."""
    indent = indent_of(line)
    theirs = {character for pair in pairs for character in pair.theirs}
    if set(indent) <= theirs or is_blank(line):
        return line
    for pair in pairs:
        if pair.ours == indent:
            return pair.theirs + line[len(indent) :]
    units = {_unit(pair) for pair in pairs if pair.ours and pair.theirs}
    unit = units.pop() if len(units) == 1 else None
    if unit is None or len(indent) % len(unit[0]) or indent.replace(unit[0], ""):
        raise _unclear(standing)
    return unit[1] * (len(indent) // len(unit[0])) + line[len(indent) :]


def _unit(pair: Pair) -> tuple[str, str] | None:
    """One step of indentation on both sides, where one of them is made of tabs."""
    tabs = max(pair.ours.count("\t"), pair.theirs.count("\t"))
    if not tabs or len(pair.ours) % tabs or len(pair.theirs) % tabs:
        return None
    return pair.ours[: len(pair.ours) // tabs], pair.theirs[: len(pair.theirs) // tabs]


def _unclear(standing: Placement) -> EditRefused:
    return EditRefused(
        RefusalCode.INDENTATION,
        f"The lines of {standing.part.hunk.named} are indented otherwise than the file's, so that of the added lines is a guess; "
        "copy the context with its leading white space.",
    )
