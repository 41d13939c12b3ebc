"""Draws which phase waits for which, from the top down, each with its state; a phase leads to its page. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from autopack.core.status import PhaseStatus
from autopack.reporting.report.markup import Markup, tag

_WIDE: Final = 176
_HIGH: Final = 38
_STEP: Final = (_WIDE + 20, _HIGH + 26)
_PER_ROW: Final = 5
_EDGE: Final = 1


def phase_graph(phases: Sequence[PhaseStatus], needs: Mapping[str, Sequence[str]], address: Callable[[str], str]) -> Markup:
    """``needs`` names what each phase waits for; those that wait for nothing stand on top, at most five beside each other."""
    places = _places(phases, needs)
    wide = max(x for x, _ in places.values()) + _WIDE + _EDGE
    high = max(y for _, y in places.values()) + _HIGH + _EDGE
    edges = [_edge(places[before], places[phase.id]) for phase in phases for before in needs.get(phase.id, ()) if before in places]
    nodes = [_node(phase, places[phase.id], address(phase.id)) for phase in phases]
    label = f"{len(phases)} phases and what each waits for"
    return tag("svg", edges, nodes, width=wide, height=high, viewBox=f"0 0 {wide} {high}", role="group", aria_label=label)


def _places(phases: Sequence[PhaseStatus], needs: Mapping[str, Sequence[str]]) -> dict[str, tuple[int, int]]:
    """The left upper corner of each: a row or more for the phases that as many stand before."""
    depths: dict[str, int] = {}
    for phase in phases:
        depths[phase.id] = 1 + max((depths[before] for before in needs.get(phase.id, ()) if before in depths), default=-1)
    places, top = {}, _EDGE
    for depth in range(max(depths.values(), default=0) + 1):
        row = [name for name, own in depths.items() if own == depth]
        for number, name in enumerate(row):
            places[name] = (_EDGE + number % _PER_ROW * _STEP[0], top + number // _PER_ROW * _STEP[1])
        top += (len(row) + _PER_ROW - 1) // _PER_ROW * _STEP[1]
    return places


def _edge(before: tuple[int, int], after: tuple[int, int]) -> Markup:
    x, y = before[0] + _WIDE // 2, before[1] + _HIGH
    to_x, to_y = after[0] + _WIDE // 2, after[1]
    middle = (y + to_y) // 2
    return tag("path", d=f"M{x} {y}C{x} {middle} {to_x} {middle} {to_x} {to_y}", class_="edge")


def _node(phase: PhaseStatus, place: tuple[int, int], href: str) -> Markup:
    x, y = place
    state = phase.state.replace("_", " ")
    again = f", attempt {phase.attempts}" if phase.attempts > 1 else ""
    label = f"{phase.id} {state}{again}"
    return tag(
        "a",
        tag("title", label),
        tag("rect", x=x, y=y, width=_WIDE, height=_HIGH, rx=6, class_=f"node {phase.state}"),
        tag("svg", tag("text", phase.id, x=0, y=12), x=x + 10, y=y + 4, width=_WIDE - 20, height=18),
        " ",
        tag("text", f"{state}{again}", x=x + 10, y=y + 31, class_=f"state {phase.state}"),
        href=href,
        aria_label=label,
    )
