"""Adds phases to a plan that a person has written: what stands there stays as it is, byte for byte where the plan is in block style."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any, Final

from autopack.core.errors import InvalidInputError
from autopack.planning.phase_draft import PhaseDraft, PlanDraft, phase_lines
from autopack.planning.plan_file import PlanSource
from autopack.planning.yaml_writing import bare, yaml_lines
from autopack.settings.document import decode, mapping_of
from autopack.settings.node import Node
from autopack.settings.yaml_text import read_yaml

_CHECK_KEYS: Final = ("command", "steps", "skip")
_WITHIN_THE_LIST: Final = 2
"""How deep the items of ``phases`` lie: in the document's mapping, in the list."""


@dataclass(frozen=True)
class Merged:
    """``kept`` are phases of that id that were there already, and were not touched."""

    text: str
    added: tuple[str, ...]
    kept: tuple[str, ...]


def merge_into(source: PlanSource, draft: PlanDraft) -> Merged:
    """The plan with those phases of the draft that it does not have, behind its own.

    A plan that has no check for all its phases gets the draft's check into each new phase, and the draft's ``workspace`` if it has none.

    Raises:
        InvalidInputError: the text holds no list of phases.
        UnreadableDocumentError: it is no YAML.
    """
    document = mapping_of(lambda problems: read_yaml(decode(source.text.encode("utf-8"), source.name), source.name, problems), source.name)
    listed = document.child("phases")
    if listed is None or not listed.items:
        raise InvalidInputError(f"{source.name} holds no phases to merge with; write the plan with `-o` instead.")
    present = {name.text for phase in listed.items if (name := phase.child("id")) is not None}
    fresh = tuple(phase for phase in draft.phases if phase.id not in present)
    kept = tuple(phase.id for phase in draft.phases if phase.id in present)
    if not fresh:
        return Merged(source.text, (), kept)
    head: dict[str, Any] = {}
    defaults: Mapping[str, Any] = draft.head.get("defaults") or {}
    if not _has_check(document):
        fresh = tuple(phase if "ci" in phase.keys else _with_check(phase, defaults) for phase in fresh)
        head = {"workspace": draft.head["workspace"]} if draft.head.get("workspace") and "workspace" not in document.mapping else {}
    extended = PlanDraft(head, fresh)
    text = _as_json(source.text, extended) or _in_block_style(source.text, extended) or _round_trip(source.text, extended)
    return Merged(text, tuple(phase.id for phase in fresh), kept)


def _has_check(document: Node) -> bool:
    return any(key in document.at(("defaults", "ci")).mapping for key in _CHECK_KEYS) and "ci" in document.at(("defaults",)).mapping


def _with_check(phase: PhaseDraft, defaults: Mapping[str, Any]) -> PhaseDraft:
    return replace(phase, keys={**phase.keys, "ci": defaults["ci"]}) if "ci" in defaults else phase


def _as_json(text: str, draft: PlanDraft) -> str | None:
    """A JSON plan stays one."""
    try:
        document = json.loads(text)
    except ValueError:
        return None
    document["phases"] += [bare(phase.document) for phase in draft.phases]
    first = next((line for line in text.splitlines()[1:] if line.strip()), "")
    indent = len(first) - len(first.lstrip()) if "\n" in text.strip() else None
    return json.dumps({**document, **bare(draft.head)}, ensure_ascii=False, indent=indent) + ("\n" if text.endswith("\n") else "")


def _in_block_style(text: str, draft: PlanDraft) -> str | None:
    """The new lines spliced in behind the last phase; None where the phases are not items on lines of their own."""
    end = "\r\n" if "\r\n" in text else "\n"
    place = _place_behind_phases(text)
    if place is None:
        return None
    line, column = place
    lines = text.splitlines(keepends=True)
    if lines[line - 1][-1:] not in ("\n", "\r"):
        lines[line - 1] += end
    added = "".join(f"{written}{end}" for written in ("", *phase_lines(draft.phases, " " * column)))
    head = "".join(f"{written}{end}" for written in yaml_lines(draft.head))
    whole = "".join(lines[:line]) + added + "".join(lines[line:])
    return whole + (end + head if head else "")


def _place_behind_phases(text: str) -> tuple[int, int] | None:
    """How many lines there are to the end of the last phase, and the column of the dashes."""
    from ruamel.yaml import YAML

    depth, is_wanted, column, last = 0, False, -1, 0
    for event in YAML(typ="safe", pure=True).parse(text):
        kind = type(event).__name__
        if kind == "SequenceStartEvent" and depth == 1 and is_wanted:
            if event.flow_style:
                return None
            column = event.start_mark.column
        if kind == "SequenceEndEvent" and depth == _WITHIN_THE_LIST and column >= 0:
            return _behind_comments(text, last, column), column
        last = max(last, _last_line(event))
        if depth == 1:
            is_wanted = kind == "ScalarEvent" and event.value == "phases"
        depth += kind.endswith("StartEvent") - kind.endswith("EndEvent") if kind.startswith(("Mapping", "Sequence")) else 0
    return None


def _last_line(event: Any) -> int:  # noqa: ANN401 - ruamel's events are untyped
    """How many lines there are to the end of what an event stands for; where a block ends, nothing stands."""
    is_block_text = getattr(event, "style", None) in ("|", ">")
    is_something = event.end_mark.index > event.start_mark.index
    return int(event.end_mark.line) + (not is_block_text) if is_something else 0


def _behind_comments(text: str, line: int, column: int) -> int:
    """Comments that belong to the last phase stay with it; empty lines behind a block of text do not."""
    lines = text.splitlines()
    while line < len(lines) and lines[line].lstrip().startswith("#") and len(lines[line]) - len(lines[line].lstrip()) > column:
        line += 1
    while line and not lines[line - 1].strip():
        line -= 1
    return line


def _round_trip(text: str, draft: PlanDraft) -> str:
    """A plan whose phases stand on one line is written anew, with its comments."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    document = yaml.load(text)
    document["phases"].extend(bare(phase.document) for phase in draft.phases)
    for key, value in draft.head.items():
        document[key] = bare(value)
    out = StringIO()
    yaml.dump(document, out)
    return out.getvalue()
