"""Pieces of work in a Markdown document: its numbered headings, else its check list, else its numbered steps, else its headings."""

import re
from collections.abc import Iterator
from dataclasses import replace
from textwrap import dedent
from typing import Final, Literal

from autopack.core.names import is_valid_id
from autopack.planning.markdown.labels import label_of, labelled
from autopack.planning.markdown.outline import Heading, Item, Outline
from autopack.planning.markdown.piece import Piece
from autopack.planning.markdown.references import as_name, codes_in, looked_at, names_in, needs_in, plain_paths_in

Unit = Literal["auto", "heading", "item"]

_NUMBERED: Final = re.compile(
    r"^(phase|step|task|milestone|stage|part|story|epic)\s+(\d+(?:\.\d+)*|[A-Z])\b[\s:.)\u2013\u2014-]*(.*)$", re.IGNORECASE
)
_NUMBER: Final = re.compile(r"^(\d+(?:\.\d+)*)[.):]?\s+(.*)$")
_ID: Final = re.compile(r"^(?:\*\*)?(?:\[?([A-Z]{1,6}-?\d+)\]?|#(\d+)|`([a-z0-9][a-z0-9._-]*)`)(?:\*\*)?\s*[:.)\u2013\u2014-]?\s+(.*)$")
_MARKS: Final = re.compile(r"\[(P|US\d+)\]\s*")
_STORY: Final = re.compile(r"user story\s+(\d+)", re.IGNORECASE)
_LAST: Final = re.compile(r"\b(?:polish|cross-cutting|final(?:ly|ise|ize)?|wrap.?up|release)\b", re.IGNORECASE)
_FRAME_WORDS: Final = """
    overview background context goal goals non-goals nongoals scope notes note references reference summary introduction motivation risks
    glossary dependencies changelog status contents appendix questions assumptions format
"""
_NO_WORK: Final = frozenset(_FRAME_WORDS.split())
_BOX: Final = re.compile(r"^\s*[-*+]\s+\[([ xX])\]", re.MULTILINE)


def pieces_of(outline: Outline, unit: Unit = "auto") -> tuple[Piece, ...]:
    """The pieces in the order of the document; those that are done are among them."""
    numbered = [heading for heading in outline.headings if _NUMBERED.match(heading.title)]
    items = [item for item in outline.items if not _is_no_work(item)]
    boxed = [item for item in items if item.is_checked is not None]
    steps = boxed or [item for item in items if item.number is not None]
    if unit == "item" or (unit == "auto" and not numbered and steps):
        return tuple(_of_item(item, outline) for item in steps or items)
    level = min((heading.level for heading in numbered or _below_title(outline)), default=0)
    headings = numbered or [heading for heading in _below_title(outline) if heading.title.lower().split(" ")[0] not in _NO_WORK]
    found = [_of_heading(heading, outline) for heading in headings if heading.level == level]
    return tuple(_with_order(found))


def _below_title(outline: Outline) -> list[Heading]:
    """The headings below a single one of the first level, which is the title."""
    top = [heading for heading in outline.headings if heading.level == 1]
    return [heading for heading in outline.headings if len(top) != 1 or heading.level > 1]


def _is_no_work(item: Item) -> bool:
    """Lists of criteria, notes and the like are no steps."""
    return any(label_of(f"# {heading.title}") or heading.title.lower().split(" ")[0] in _NO_WORK for heading in item.headings)


def _of_heading(heading: Heading, outline: Outline) -> Piece:
    match = _NUMBERED.match(heading.title) or _NUMBER.match(heading.title)
    names: tuple[str, ...] = (heading.title.lower(),)
    title = heading.title
    if match is not None:
        *kind, number, title = match.groups()
        names = (*(as_name(f"{word} {number}") for word in kind), number.lower(), title.lower())
    lines = outline.lines[heading.first : heading.last]
    piece = _piece(_cleared(title) or heading.title, lines, names, heading.line)
    boxes = _BOX.findall("\n".join(lines))
    ids = tuple(name.lower() for name in re.findall(r"^\s*[-*+]\s+\[[ xX]\]\s+\**([A-Z]{1,4}\d+)\b", "\n".join(lines), re.MULTILINE))
    story = _STORY.search(heading.title)
    stories = (f"story {story[1]}", f"us{story[1]}") if story else ()
    outside = tuple(name for name in piece.needs or () if name not in ids)
    return replace(piece, names=(*names, *stories, *ids), is_done=bool(boxes) and " " not in boxes, needs=outside or None)


def _of_item(item: Item, outline: Outline) -> Piece:
    lines = outline.lines[item.line + 1 : item.last]
    marks, title = set(_MARKS.findall(item.title)), _MARKS.sub("", item.title)
    names: tuple[str, ...] = (str(item.number),) if item.number is not None else ()
    own_id = label = ""
    if (match := _ID.match(title)) is not None:
        letters, digits, code, rest = match.groups()
        names, title = (as_name(letters or digits or code),), _MARKS.sub("", rest)
        marks |= set(_MARKS.findall(rest))
        own_id = code if code and is_valid_id(code) else ""
        label = (letters or digits or "").lower()
    below = dedent("\n".join(lines)).split("\n")
    boxes = tuple(re.sub(r"^\s*[-*+]\s+\[[ xX]\]\s+", "", line) for line in below if _BOX.match(line))
    below = [line for line in below if not _BOX.match(line)]
    piece = _piece(_cleared(title), [title, *below], (*names, _cleared(title).lower()), item.line)
    above = "" if not item.headings else f"Part of: {item.headings[-1].title}\n\n"
    return replace(
        piece,
        id=own_id,
        label=label,
        text=f"{above}{piece.text}",
        criteria=piece.criteria or boxes,
        after="last_shared" if "P" in marks else "before",
        is_side_by_side="P" in marks,
        is_done=item.is_checked is True,
    )


def _piece(title: str, lines: "tuple[str, ...] | list[str]", names: tuple[str, ...], line: int) -> Piece:
    """What the lines say, their labels taken out of the text."""
    found = labelled(lines)
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(found.rest)).strip("\n")
    files = "\n".join(found.found.get("files", ()))
    needs = names_in(found.found["needs"]) if "needs" in found.found else (needs_in("\n".join(found.rest)) or None)
    context = "\n".join((*found.found.get("context", ()), *looked_at("\n".join((title, *found.rest)))))
    return Piece(
        title=title,
        text=text if text.startswith(title) else f"{title}\n\n{text}".strip(),
        names=names,
        line=line + 1,
        criteria=tuple(criterion for criterion in found.found.get("criteria", ()) if criterion),
        needs=needs,
        codes=tuple(code for code in codes_in(files or "\n".join((title, *found.rest))) if files or f"`{code}`" not in context),
        plain=plain_paths_in(files or "\n".join((title, *found.rest))) or (tuple(re.split(r"[,\s]+", files)) if files else ()),
        context=(*codes_in(context), *plain_paths_in(context)),
        complexity=next((word.lower() for word in found.found.get("complexity", ()) if word.lower() in ("low", "medium", "high")), ""),
    )


def _with_order(pieces: list[Piece]) -> Iterator[Piece]:
    """User stories stand beside each other; what polishes comes after all."""
    for piece in pieces:
        if any(name.startswith("us") and name[2:].isdigit() for name in piece.names):
            yield replace(piece, after="last_shared", is_side_by_side=True)
        else:
            yield replace(piece, after="all") if _LAST.search(piece.title) else piece


def _cleared(title: str) -> str:
    """A title without its marks of Markdown and of priority."""
    title = re.sub(r"\((?:Priority|P\d|Optional)[^)]*\)", "", _MARKS.sub("", title), flags=re.IGNORECASE)
    return re.sub(r"\s+", " ", re.sub(r"[*_]{2}|[^\w\s.,:;()'\"`/&+#@%=<>*?!-]", "", title)).strip(" :.-")
