"""Left-over markers of other tools in a file: merge conflicts, Markdown fences around code, a diff in place of the file."""

import re
from typing import Final

from autopack.core.refusal import RefusalCode
from autopack.edits.content.kinds import SCRIPT_SUFFIXES, Kind, suffix_of
from autopack.edits.content.problem import Change, excerpt, refuse

_CONFLICT: Final = re.compile(r"^(<{7}|>{7}|\|{7}|={7})(?=[ \t\r]|$)(?![ \t]*[<>=|])[^\n]*$", re.MULTILINE)
_FENCE: Final = re.compile(r"(?:`{3,}|~{3,})[ \t]*[\w+#.-]*[ \t]*\Z")
_FENCE_LINE: Final = re.compile(r"^[ ]{0,3}```[\w+-]*[ \t\r]*$", re.MULTILINE)
_MARKDOWN_FENCE: Final = re.compile(r"`{3,}[ \t]*(?:md|markdown|mdx|rst|txt|text)[ \t]*\Z")
_DIFF_HEAD: Final = re.compile(
    r"diff --git |@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@"
    r"|--- (?:a/|/dev/null)[^\n]*\n\+\+\+ (?:b/|/dev/null)|\*\*\* (?:Begin Patch|Update File: )"
)
_HUNK: Final = re.compile(r"^@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@", re.MULTILINE)
_STRICT: Final = frozenset({Kind.PYTHON, Kind.BRACES, Kind.HASH, Kind.DASHES, Kind.MARKUP})


def judge_markers(change: Change) -> None:
    """Refuses such markers in lines that the edit adds."""
    kind = change.kind
    if kind is Kind.PATCH:
        return
    _judge_conflicts(change, kind)
    _judge_fences(change, kind)
    if kind in _STRICT:
        _judge_diff(change)


def _judge_conflicts(change: Change, kind: Kind) -> None:
    text = change.after
    if "<<<<<<<" not in text and ">>>>>>>" not in text:
        return
    found = list(_CONFLICT.finditer(text))
    marks = {match[1][0] for match in found}
    for match in found:
        if match[1][0] not in "<>" or (kind not in _STRICT and not {"<", "=", ">"} <= marks):
            continue
        if change.adds(match[0].rstrip("\r")) and not change.regions.is_data(match.start()):
            reason = f"it is a merge conflict marker ({excerpt(match[0])}); resolve the conflict and leave the markers out"
            raise refuse(change.path, RefusalCode.CONFLICT_MARKER, change.line_number(match.start()), reason)


def _judge_fences(change: Change, kind: Kind) -> None:
    """A fence as the first or last line of code; of a document only where the whole of it is wrapped."""
    text = change.after
    if "```" not in text and "~~~" not in text:
        return
    lines = text.split("\n")
    filled = [number for number, line in enumerate(lines) if line.strip()]
    first, last = lines[filled[0]].strip(" \t\r\ufeff"), lines[filled[-1]].strip()
    reason = "it is a Markdown fence around the file's content; give the content alone"
    if kind in _STRICT:
        for number, line in ((filled[0], first), (filled[-1], last)):
            if _FENCE.match(line) and change.adds(lines[number].rstrip("\r")) and not change.regions.is_data(_offset(lines, number)):
                raise refuse(change.path, RefusalCode.FENCE, number + 1, reason)
        _judge_inner_fences(change)
    elif _MARKDOWN_FENCE.match(first) and _FENCE.match(last) and last.strip("`~") == "" and change.adds(lines[filled[0]].rstrip("\r")):
        raise refuse(change.path, RefusalCode.FENCE, filled[0] + 1, reason)


def _judge_inner_fences(change: Change) -> None:
    """In scripts three backticks alone on a line are never code, wherever they stand but in a comment."""
    if suffix_of(change.path) not in SCRIPT_SUFFIXES:
        return
    for match in _FENCE_LINE.finditer(change.after):
        if not change.regions.is_comment(match.start()) and change.adds(match[0].rstrip("\r")):
            raise refuse(
                change.path, RefusalCode.FENCE, change.line_number(match.start()), "it is a Markdown fence in code; give the code alone"
            )


def _offset(lines: list[str], number: int) -> int:
    return sum(len(line) + 1 for line in lines[:number])


def _judge_diff(change: Change) -> None:
    text = change.after
    start = len(text) - len(text.lstrip("\ufeff \t\r\n"))
    head = _DIFF_HEAD.match(text, start)
    for match in [head] if head else _HUNK.finditer(text):
        begin, end = change.line_at(match.start())
        is_inside = change.regions.is_data(match.start()) or change.regions.is_comment(match.start())
        if not is_inside and change.adds(text[begin:end]):
            reason = f"it is a diff ({excerpt(text[begin:end])}), not the file's text; give the text itself, or send the diff with `patch`"
            raise refuse(change.path, RefusalCode.DIFF_AS_CONTENT, change.line_number(match.start()), reason)
