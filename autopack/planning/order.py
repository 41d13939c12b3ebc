"""The order of the phases: ids that are sound and unique, dependencies that exist, no circle."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from autopack.core.names import is_valid_id, nearest
from autopack.planning.draft import Draft
from autopack.settings.node import Node
from autopack.settings.problem import Problem, problem_at
from autopack.settings.validation import shown

_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def fault_of_id(text: str) -> str | None:
    """What the type check does not see in an id of the right letters, as the end of a sentence."""
    return "cannot be used: it has a `..`, or ends in `.` or `.lock`" if _SLUG.fullmatch(text) and not is_valid_id(text) else None


def judge_order(draft: Draft) -> Iterator[Problem]:
    """Every fault of ids and dependencies; what is of a wrong type is left to the type check."""
    first: dict[str, Node] = {}
    wanted: dict[str, list[Node]] = {}
    for _path, phase in draft.phases():
        name = phase.child("id")
        if name is None or not name.text:
            continue
        if fault := fault_of_id(name.text):
            yield problem_at(name, f"the id '{name.text}' {fault}.")
        if name.text in first:
            yield problem_at(
                name, f"phase '{shown(name.text)}' stands here a second time (first on line {first[name.text].line}); give it another id."
            )
            continue
        first[name.text] = name
        listed = phase.child("depends_on")
        wanted[name.text] = [node for node in (listed.items if listed else ()) if node.text]
    yield from _unknown(first, wanted)
    yield from _circles(first, wanted)


def _unknown(first: Mapping[str, Node], wanted: Mapping[str, list[Node]]) -> Iterator[Problem]:
    for name, nodes in wanted.items():
        for node in nodes:
            if node.text not in first:
                meant = nearest(str(node.text), list(first))
                hint = f"did you mean '{meant}'?" if meant else "name a phase of this plan."
                yield problem_at(node, f"phase '{name}' depends on '{shown(node.text)}', which is no phase; {hint}")


def _circles(first: Mapping[str, Node], wanted: Mapping[str, list[Node]]) -> Iterator[Problem]:
    """One sentence a circle, found by walking along the dependencies without recursion."""
    done: set[str] = set()
    for start in wanted:
        way: list[str] = []
        to_visit: list[tuple[str, bool]] = [(start, False)]
        while to_visit:
            name, is_left = to_visit.pop()
            if is_left:
                done.add(way.pop())
            elif name in way:
                circle = [*way[way.index(name) :], name]
                yield problem_at(
                    first[name], f"the phases wait for each other in a circle: {' -> '.join(circle)}; take one `depends_on` out."
                )
            elif name not in done:
                way.append(name)
                to_visit.append((name, True))
                to_visit.extend((str(node.text), False) for node in reversed(wanted[name]) if node.text in wanted)
