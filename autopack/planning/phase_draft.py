"""A plan that is about to be written: its phases with what was guessed of them, as the file will say it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from autopack.planning.yaml_writing import Remarked, comment_lines, item_lines, yaml_lines

HEAD_REMARK: Final = "All keys: docs/plan_file.md. For your editor: `autopack plan schema`. For yourself: `autopack plan check`."
PHASE_INDENT: Final = "  "


@dataclass(frozen=True)
class PhaseDraft:
    """``keys`` are the phase's own besides ``id``, in the order in which they are written; ``guesses`` are remarks on some of them."""

    id: str
    keys: Mapping[str, Any]
    remark: str = ""
    guesses: Mapping[str, str] = field(default_factory=dict)

    @property
    def document(self) -> dict[str, Any]:
        return {"id": self.id, **self.keys}

    def remarked(self) -> Remarked | dict[str, Any]:
        written = {key: Remarked(value, self.guesses[key]) if key in self.guesses else value for key, value in self.document.items()}
        return Remarked(written, self.remark) if self.remark else written


@dataclass(frozen=True)
class PlanDraft:
    """``head`` is everything but ``version`` and ``phases``; ``tail`` are remarks below the last phase."""

    head: Mapping[str, Any]
    phases: tuple[PhaseDraft, ...]
    remark: str = ""
    tail: tuple[str, ...] = ()

    @property
    def document(self) -> dict[str, Any]:
        return {"version": 1, **self.head, "phases": [phase.document for phase in self.phases]}


def plan_text(draft: PlanDraft) -> str:
    """The plan as a file."""
    head = yaml_lines({"version": 1, **draft.head})
    lines = [*comment_lines(draft.remark), *comment_lines(HEAD_REMARK), *head, "", "phases:", *phase_lines(draft.phases)]
    for text in draft.tail:
        lines += ["", *comment_lines(text)]
    return "\n".join(lines) + "\n"


def phase_lines(phases: tuple[PhaseDraft, ...], indent: str = PHASE_INDENT) -> list[str]:
    """Phases as items of a list, an empty line between each two."""
    lines: list[str] = []
    for phase in phases:
        lines += ([""] if lines else []) + item_lines([phase.remarked()], indent)
    return lines
