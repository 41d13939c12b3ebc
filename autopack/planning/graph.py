"""Draws the order of a plan's phases: as a Mermaid diagram, and as a tree for a terminal."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from autopack.core.plan import PhaseSpec, Plan

_BRANCH: Final = ("├── ", "│   ")
_LAST: Final = ("└── ", "    ")


def mermaid(plan: Plan) -> str:
    """A flow chart, for pages that draw one; a phase that a person looks at before it lands has a shape of its own."""
    order = _Order(plan)
    lines = ["flowchart TD"]
    for number, phase in enumerate(plan.phases, 1):
        first, last = ("{{", "}}") if phase.gate == "hold" else ("[", "]")
        lines.append(f'    p{number}{first}"{phase.id}"{last}')
    for number, phase in enumerate(plan.phases, 1):
        lines += [f"    p{order.numbers[needed]} --> p{number}" for needed in order.direct(phase)]
    return "\n".join(lines) + "\n"


def tree_lines(plan: Plan) -> Iterator[str]:
    """Each phase once, below the last of those that it waits for; the others are named beside it."""
    order = _Order(plan)
    below: dict[str | None, list[PhaseSpec]] = {}
    for phase in plan.phases:
        below.setdefault(order.parent(phase), []).append(phase)
    to_draw = [(phase, "", "") for phase in reversed(below.get(None, []))]
    while to_draw:
        phase, sign, indent = to_draw.pop()
        yield f"{sign}{_told(order, phase)}"
        children = below.get(phase.id, [])
        for child in reversed(children):
            own, room = _LAST if child is children[-1] else _BRANCH
            to_draw.append((child, indent + own, indent + room))


def all_before(plan: Plan) -> dict[str, frozenset[str]]:
    """Every phase that is complete before each phase begins."""
    needed = {phase.id: phase.depends_on for phase in plan.phases}
    before: dict[str, frozenset[str]] = {}
    while len(before) < len(needed):
        for name, direct in needed.items():
            if name not in before and all(other in before for other in direct):
                before[name] = frozenset(direct).union(*(before[other] for other in direct))
    return before


def direct_needs(plan: Plan) -> dict[str, tuple[str, ...]]:
    """What each phase waits for, without what those wait for anyway."""
    order = _Order(plan)
    return {phase.id: order.direct(phase) for phase in plan.phases}


def _told(order: "_Order", phase: PhaseSpec) -> str:
    others = [name for name in order.direct(phase) if name != order.parent(phase)]
    parts = [phase.complexity, *(["held before it lands"] if phase.gate == "hold" else [])]
    parts += [f"also after {', '.join(others)}"] if others else []
    return f"{phase.id}  ({'; '.join(parts)})"


@dataclass(frozen=True)
class _Order:
    """What is known of the order, found once."""

    plan: Plan

    @cached_property
    def numbers(self) -> dict[str, int]:
        return {phase.id: number for number, phase in enumerate(self.plan.phases, 1)}

    @cached_property
    def before(self) -> dict[str, frozenset[str]]:
        return all_before(self.plan)

    def direct(self, phase: PhaseSpec) -> tuple[str, ...]:
        """What it waits for, without what those wait for anyway."""
        implied = frozenset().union(*(self.before[name] for name in phase.depends_on))
        return tuple(name for name in dict.fromkeys(phase.depends_on) if name not in implied)

    def parent(self, phase: PhaseSpec) -> str | None:
        """The one of those that it waits for that stands last in the plan."""
        return max(self.direct(phase), key=self.numbers.__getitem__, default=None)
