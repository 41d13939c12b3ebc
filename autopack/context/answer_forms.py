"""In which forms a builder may answer for the files that it is shown: how each is explained, and the actions of it."""

from collections.abc import Mapping
from typing import Final

from autopack.core.context import EditMode, PhaseContext
from autopack.core.plan import PhaseSpec
from autopack.llm.prompts import render

_ALWAYS: Final = ("create", "delete", "rename")
_ACTIONS: Final[dict[str, str]] = {
    "full_file": "replace",
    "full_file or hunks": "patch",
    "diff": "patch",
    "diff or whole": "replace",
    "structured_edit": "edit",
}
"""The sections of ``builder_forms.md``, and the action that each explains."""

_OTHERS: Final[dict[EditMode, str]] = {"full_file": "full_file or hunks", "diff": "diff or whole"}
"""A file that is shown whole may be answered for in another form, too."""

_HEADS: Final = {f"[{section}]\n": section for section in _ACTIONS}


def forms_of(phase: PhaseSpec, context: PhaseContext) -> tuple[str, ...]:
    """The sections that explain the forms, in their order. One form alone where a failure or the plan asks for that one."""
    asked = {file.mode for file in context.editable}
    if context.unshown:
        asked.add("structured_edit")  # what is looked at later has numbers
    is_free = context.forced_mode is None and phase.builder_mode == "auto"
    wanted = {*asked, *(_OTHERS[mode] for mode in asked if is_free and mode in _OTHERS)}
    return tuple(section for section in _ACTIONS if section in wanted)


def explained(forms: tuple[str, ...]) -> str:
    """What a prompt says of these forms."""
    texts = _sections()
    return "".join(texts[form] for form in forms)


def actions_of(forms: tuple[str, ...]) -> tuple[str, ...]:
    """The actions that a prompt with these forms explains, those of every prompt among them."""
    return (*_ALWAYS, *dict.fromkeys(_ACTIONS[form] for form in forms))


def _sections() -> Mapping[str, str]:
    found: dict[str, str] = {}
    section = ""
    for line in render("builder_forms").splitlines(keepends=True):
        section = _HEADS.get(line, section)
        found[section] = found.get(section, "") + (line if line not in _HEADS else "")
    return found
