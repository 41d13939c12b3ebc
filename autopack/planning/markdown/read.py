"""A document of any of the known forms, read into a goal, the keys of a plan that it gives, and pieces of work."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from autopack.core.errors import InvalidInputError
from autopack.core.text import unix_text
from autopack.planning.markdown.labels import label_of
from autopack.planning.markdown.outline import Outline, outline_of
from autopack.planning.markdown.piece import Piece
from autopack.planning.markdown.pieces import Unit, pieces_of
from autopack.planning.markdown.task_master import pieces_of_tasks, tasks_of
from autopack.settings.document import decode, mapping_of, read_bytes
from autopack.settings.node import plain
from autopack.settings.problem import UnreadableDocumentError
from autopack.settings.yaml_text import read_yaml

HEAD_KEYS: Final = ("project", "goal", "base", "budget", "instructions", "workspace", "defaults", "final")
"""What front matter may say of the plan; its other keys are the document's own."""

_TITLE: Final = re.compile(r"^(?:tasks|todo|plan|roadmap|implementation plan|feature)\s*:\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Document:
    """``ignored`` are keys of the front matter that mean nothing in a plan."""

    text: str
    goal: str
    head: Mapping[str, Any]
    pieces: tuple[Piece, ...]
    ignored: tuple[str, ...] = ()


def read_document(path: Path, name: str, unit: Unit = "auto", tag: str | None = None) -> Document:
    """Reads Markdown, or a ``tasks.json`` of Task Master.

    Raises:
        InvalidInputError: it is no text, or neither headings nor lists nor tasks are in it.
    """
    try:
        text = unix_text(decode(read_bytes(path, name), name))
        if path.suffix == ".json":
            return _of_tasks(text, name, tag)
        outline = outline_of(text)
        front = plain(mapping_of(lambda problems: read_yaml(outline.front, f"the front matter of {name}", problems), name))
    except UnreadableDocumentError as error:
        raise InvalidInputError(f"{name} cannot be read:", tuple(map(str, error.problems))) from error
    pieces = pieces_of(outline, unit)
    if not pieces:
        raise InvalidInputError(f"{name} holds no headings, check lists or numbered steps that phases could be made of.")
    head = {key: front[key] for key in HEAD_KEYS if key in front and key != "goal"}
    goal = str(front.get("goal") or _goal(outline) or f"What {name} describes is done.")
    return Document(text, goal, head, pieces, tuple(key for key in front if key not in HEAD_KEYS))


def _of_tasks(text: str, name: str, tag: str | None) -> Document:
    tasks = tasks_of(mapping_of(lambda problems: read_yaml(text, name, problems), name), tag)
    if tasks is None or not tasks.items:
        raise InvalidInputError(f"{name} holds no `tasks`; from JSON, only the tasks of Task Master are read.")
    return Document(text, f"The tasks of {name} are done.", {}, pieces_of_tasks(tasks))


def _goal(outline: Outline) -> str:
    """The title, and the first paragraph below it."""
    title = next((heading for heading in outline.headings if heading.level == 1), None)
    first = 0 if title is None else title.first
    last = next((heading.line for heading in outline.headings if heading.line >= first), len(outline.lines))
    paragraphs = re.split(r"\n\s*\n", "\n".join(outline.lines[first:last]).strip())
    said = next(
        (text for text in paragraphs if text.strip() and not label_of(text) and not text.lstrip().startswith(("*", "-", "|", "`"))), ""
    )
    return " ".join(filter(None, ("" if title is None else f"{_TITLE.sub('', title.title).rstrip('.')}.", " ".join(said.split()))))
