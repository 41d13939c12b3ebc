"""Whether a diff was cut short: the end of the text is inside a fence, a hunk or a line."""

from collections.abc import Sequence
from typing import Final

from autopack.core.refusal import RefusalCode
from autopack.edits.diff.hunk import Hunk
from autopack.edits.model import EditRefused

_UNFINISHED: Final = (" ", "\t", "=", "(", "[", "{", ",", "+", "&", "|", "<", "\\")  # no file ends like that


def judge_end(lines: Sequence[str], last: Sequence[Hunk], *, is_whole: bool, is_fenced: bool) -> None:
    """Refuses a diff that does not end by itself.

    Args:
        lines: the lines of the text.
        last: its last hunk, if its last file has one.
        is_whole: the last line has its newline; a reply that stops on its own may lack it, a cut one nearly always does.
        is_fenced: the text ends inside a fence.
    """
    if is_fenced:
        raise EditRefused(
            RefusalCode.CUT,
            "The reply ends inside a code fence, so it was cut short; give the whole diff again, in smaller pieces if need be.",
        )
    if is_whole or not last or not last[0].lines or not lines[-1].endswith(last[0].lines[-1].text):
        return
    hunk = last[0]
    lacks_old = hunk.old_count is not None and len(hunk.old) < hunk.old_count
    lacks_new = hunk.new_count is not None and len(hunk.new) < hunk.new_count
    says_nothing = hunk.old_count is None and hunk.new_count is None and hunk.lines[-1].mark != " " and not _is_single(hunk)
    if lacks_old or lacks_new or says_nothing or _is_torn(hunk):
        raise EditRefused(RefusalCode.CUT, f"The diff ends in the middle of {hunk.named}, so it was cut short; give the whole diff again.")


def _is_single(hunk: Hunk) -> bool:
    """One line for one line, which is what numbers without counts mean."""
    return hunk.number is not None and len(hunk.old) == len(hunk.new) == 1


def _is_torn(hunk: Hunk) -> bool:
    """True where the last line is added and is but the beginning of a line: of one it replaces, or by how it ends."""
    last = hunk.lines[-1]
    if last.mark != "+" or not hunk.blocks:
        return False
    block = hunk.blocks[-1]
    replaced = hunk.old[block.start : block.end]
    is_beginning = any(old.startswith(last.text) and old.rstrip() != last.text.rstrip() for old in replaced)
    opened = sum(last.text.count(bracket) for bracket in "([{") - sum(last.text.count(bracket) for bracket in ")]}")
    return is_beginning or opened > 0 or last.text.endswith(_UNFINISHED)
