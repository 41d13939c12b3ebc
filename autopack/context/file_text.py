"""A file as a prompt frames it: a head that says how to answer for it, then its lines, numbered where numbers are needed."""

from typing import Final

from autopack.context.frame import Framed
from autopack.core.context import EditMode, Excerpt, FileShown
from autopack.core.visible import quoted

_ANSWERS: Final[dict[EditMode, str]] = {"full_file": "replace", "diff": "patch", "structured_edit": "edit"}


def file_text(file: FileShown) -> str | Framed:
    """Head: ``path= lines= answer=``; what is left out is said with its lines. A file that is not shown is one line of ours."""
    if file.note:
        return f"<file path={quoted(file.path)}>[{file.note}]</file>\n"
    unseen = f' unseen="{_unseen(file)}; leave such lines alone"' if file.is_redacted or file.is_spelled else ""
    if file.is_whole and (file.is_read_only or file.mode == "full_file"):
        body = file.stretches[0][1] + "\n" if file.total_lines else ""
    else:
        body = _numbered_stretches(file)
    return Framed("file", body, f'path={quoted(file.path)} lines="{file.total_lines}" {_answer(file)}{unseen}')


def excerpt_text(excerpt: Excerpt) -> Framed:
    return Framed("lines", _numbered(excerpt.first_line, excerpt.text), f"path={quoted(excerpt.path)}")


def _unseen(file: FileShown) -> str:
    said = ["⟦redacted:N⟧ stands for a secret"] if file.is_redacted else []
    said += ["⟦U+...⟧ stands for that character"] if file.is_spelled else []
    return ", ".join(said)


def _answer(file: FileShown) -> str:
    return 'answer="none, read-only"' if file.is_read_only else f'answer="{_ANSWERS[file.mode]}"'


def _numbered_stretches(file: FileShown) -> str:
    parts: list[str] = []
    expected = 1
    for first, text in file.stretches:
        parts += _gap(expected, first - 1)
        if file.total_lines:
            parts.append(_numbered(first, text))
        expected = first + text.count("\n") + 1
    parts += _gap(expected, file.total_lines)
    if file.outline:
        parts.append("[Of the lines not shown:]\n" + "".join(f"{line}: {symbol}\n" for line, symbol in file.outline))
    return "".join(parts)


def _gap(first: int, last: int) -> list[str]:
    return [f"[lines {first}-{last} are not shown]\n"] if first <= last else []


def _numbered(first: int, text: str) -> str:
    return "".join(f"{number}|{line}\n" for number, line in enumerate(text.split("\n"), first))
