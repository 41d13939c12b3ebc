"""A file as text in a prompt: a tag that says how to answer for it, then its lines, numbered where numbers are needed."""

import json
from typing import Final

from autopack.core.context import EditMode, Excerpt, FileShown

_ANSWERS: Final[dict[EditMode, str]] = {"full_file": "replace", "diff": "patch", "structured_edit": "edit"}


def file_text(file: FileShown) -> str:
    """``<file path= lines= answer=>``, the text, ``</file>``; what is left out is said with its lines."""
    if file.note:
        return f"<file path={_quoted(file.path)}>[{file.note}]</file>\n"
    redacted = ' redacted="⟦redacted:N⟧ stands for a secret; leave such lines alone"' if file.is_redacted else ""
    head = f'<file path={_quoted(file.path)} lines="{file.total_lines}" {_answer(file)}{redacted}>\n'
    if file.is_whole and (file.is_read_only or file.mode == "full_file"):
        body = file.stretches[0][1] + "\n" if file.total_lines else ""
    else:
        body = _numbered_stretches(file)
    return f"{head}{body}</file>\n"


def excerpt_text(excerpt: Excerpt) -> str:
    return f"<lines path={_quoted(excerpt.path)}>\n{_numbered(excerpt.first_line, excerpt.text)}</lines>\n"


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


def _quoted(path: str) -> str:
    return json.dumps(path, ensure_ascii=False)
