"""Pieces of work in a ``tasks.json`` of Task Master: tasks with ids, dependencies, a test strategy and subtasks."""

import re
from collections.abc import Iterator
from typing import Final

from autopack.core.errors import InvalidInputError
from autopack.planning.markdown.piece import Piece
from autopack.planning.markdown.references import codes_in, plain_paths_in
from autopack.settings.node import Node

MAIN: Final = "master"
_OVER: Final = frozenset(("done", "completed", "cancelled", "deferred"))
_ITEM: Final = re.compile(r"^\s*(?:[-*•]|\d{1,3}[.)])\s+")
_LOW_MOST, _MEDIUM_MOST = 3, 6


def tasks_of(document: Node, tag: str | None) -> Node | None:
    """The list of tasks; None where the document is no file of Task Master.

    Raises:
        InvalidInputError: there are several lists, and the tag names none of them.
    """
    if document.at(("tasks",)).items:
        return document.at(("tasks",))
    tagged = {name: node.child("tasks") for name, node in document.mapping.items() if node.child("tasks") is not None}
    if not tagged:
        return None
    name = tag or (MAIN if MAIN in tagged else next(iter(tagged)) if len(tagged) == 1 else "")
    if name not in tagged:
        raise InvalidInputError(f"{document.source} holds the lists of tasks {', '.join(tagged)}; choose one with `--tag`.")
    return tagged[name]


def pieces_of_tasks(tasks: Node) -> tuple[Piece, ...]:
    return tuple(_piece(task) for task in tasks.items if task.mapping)


def _piece(task: Node) -> Piece:
    title, number = _text(task, "title") or "Untitled", _text(task, "id")
    parts = [title, _text(task, "description"), _text(task, "details"), "\n".join(_subtasks(task))]
    text = "\n\n".join(part for part in parts if part)
    return Piece(
        title=title,
        label=number,
        text=text,
        names=(number.lower(), f"task {number}".lower()),
        line=task.line,
        criteria=_criteria(_text(task, "testStrategy")),
        needs=tuple(str(node.value) for node in _items(task, "dependencies")) if task.child("dependencies") is not None else None,
        codes=codes_in(text),
        plain=plain_paths_in(text),
        complexity=_complexity(task),
        is_done=_text(task, "status").lower() in _OVER,
    )


def _criteria(strategy: str) -> tuple[str, ...]:
    """A line each, without what marks it as an item; a line that only leads to others says nothing by itself."""
    lines = [line for line in (_ITEM.sub("", line).strip(" *") for line in strategy.splitlines()) if line]
    return tuple(line for line in lines if not line.endswith(":")) or tuple(lines)


def _subtasks(task: Node) -> Iterator[str]:
    for node in _items(task, "subtasks"):
        if _text(node, "status").lower() not in _OVER:
            more = " ".join(_text(node, key) for key in ("description", "details")).strip()
            yield f"- {_text(node, 'title')}{f': {more}' if more else ''}"


def _complexity(task: Node) -> str:
    found = task.child("complexity") or task.child("complexityScore")
    if found is None or isinstance(found.value, bool) or not isinstance(found.value, (int, float)):
        return found.text if found is not None and found.text in ("low", "medium", "high") else ""
    return "low" if found.value <= _LOW_MOST else "medium" if found.value <= _MEDIUM_MOST else "high"


def _items(node: Node, key: str) -> tuple[Node, ...]:
    found = node.child(key)
    return found.items if found is not None else ()


def _text(node: Node, key: str) -> str:
    found = node.child(key)
    return "" if found is None or found.value is None or not isinstance(found.value, (str, int, float)) else str(found.value).strip()
