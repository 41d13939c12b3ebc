"""What a file may hold after an edit: judge_added looks at the lines an edit adds, judge_result at the whole."""

from autopack.edits.content.characters import judge_characters
from autopack.edits.content.elision import judge_elision, judge_whole
from autopack.edits.content.markers import judge_markers
from autopack.edits.content.problem import Change
from autopack.edits.content.syntax import judge_syntax
from autopack.edits.content.vanished import judge_vanished


def judge_added(path: str, before: str | None, after: str) -> None:
    """Refuses placeholders for left-out code, markers of other tools and hidden characters in lines that the edit adds.

    Raises:
        EditRefused: code ``characters``, ``conflict_marker``, ``fence``, ``diff_as_content`` or ``elision``.
    """
    if before == after:
        return
    change = Change(path, before, after)
    judge_characters(change)
    judge_markers(change)
    judge_whole(change)
    judge_vanished(change)  # before the next one: it can name what is gone
    judge_elision(change)


def judge_result(path: str, before: str | None, after: str) -> None:
    """Refuses a text that does not parse as what it is, unless it was broken in the same way before.

    Raises:
        EditRefused: code ``syntax``, ``fence`` or ``truncated``.
    """
    if before != after:
        judge_syntax(path, before, after)
