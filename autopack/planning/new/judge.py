"""Judges a planner's reply: by the code that judges every plan file, and by what is asked of a plan that nobody has read yet."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from autopack.core.call import Reply, StopReason
from autopack.core.plan import PhaseSpec
from autopack.edits.model import EditRefused
from autopack.edits.strict_json import read_object
from autopack.planning.check import scope_faults, unfound
from autopack.planning.plan_file import PlanSource, read_plan
from autopack.planning.surroundings import PlanSurroundings

_ASKED_OF_PHASES: Final = ("acceptance_criteria", "max_attempts", "max_tokens")


@dataclass(frozen=True)
class Fault:
    """``phase`` is the number of the phase, from 0; None where the whole plan is meant."""

    phase: int | None
    message: str


@dataclass(frozen=True)
class Judged:
    """``document`` is the plan as it will be written, None where the reply holds none."""

    document: dict[str, Any] | None
    faults: tuple[Fault, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(fault.message for fault in self.faults))


@dataclass(frozen=True)
class Bench:
    """What a plan is held against; ``head`` are keys that stand in every plan of this project, its check among them.

    ``given`` are phases that a document tells, where the planner only fills in what it leaves open: what it says holds.
    """

    project: str
    head: Mapping[str, Any]
    surroundings: PlanSurroundings
    key_variables: frozenset[str]
    given: tuple[Mapping[str, Any], ...] = ()


def judge_reply(reply: Reply, bench: Bench) -> Judged:
    if reply.stop is StopReason.REFUSAL:
        return Judged(None, (Fault(None, "the reply declines to plan."),))
    if reply.is_cut:
        return Judged(None, (Fault(None, "the reply was cut off before it ended: make fewer phases, or shorter descriptions."),))
    try:
        found = read_object(reply.text)
    except EditRefused as error:
        return Judged(None, (Fault(None, f"the reply is not the one JSON object that was asked for: {error.message}"),))
    return _judge(found, bench)


def _judge(found: dict[str, Any], bench: Bench) -> Judged:
    given = {key: value for key, value in found.items() if value is not None}
    defaults = {**_mapping(bench.head.get("defaults")), **_mapping(given.get("defaults"))}
    document = {"version": 1, **bench.head, **given, "defaults": defaults}
    if "phases" in document:  # last, so that a line behind the first phase is a phase's
        document["phases"] = document.pop("phases")
    listed = given.get("phases")
    phases = listed if isinstance(listed, list) else []
    lacking: list[Fault] = []
    if bench.given:
        phases, lacking = _over(phases, bench.given)
        document["phases"] = phases
    text = json.dumps(document, ensure_ascii=False, indent=1)
    reading = read_plan(PlanSource.pinned("the plan", text).as_written, bench.project, bench.key_variables)
    places = _first_lines(document, text)
    faults = [Fault(_phase_at(places, problem.line), problem.message) for problem in reading.problems]
    faults += [*lacking, *_missing(phases)]
    if reading.plan is not None:
        for number, phase in enumerate(reading.plan.phases):
            faults += [Fault(number, f"phase '{phase.id}': {sentence}") for sentence in _unfit(phase, bench)]
    return Judged(document, tuple(faults))


def _over(phases: list[Any], given: tuple[Mapping[str, Any], ...]) -> tuple[list[Any], list[Fault]]:
    """The document's phases, each filled in by the reply's phase of that id."""
    answered = {phase["id"]: phase for phase in phases if isinstance(phase, dict) and isinstance(phase.get("id"), str)}
    faults = [Fault(None, f"the plan has no phase '{one['id']}', which the draft has.") for one in given if one["id"] not in answered]
    return [{**answered.get(one["id"], {}), **one, **_whole_scope(one)} for one in given], faults


def _whole_scope(phase: Mapping[str, Any]) -> dict[str, Any]:
    """A scope that the document tells says of itself that nothing else is to be seen."""
    return {"scope": {"read_only_context": [], **phase["scope"]}} if "scope" in phase else {}


def _missing(phases: list[Any]) -> Iterator[Fault]:
    """What a plan may leave out and a planner may not."""
    for number, phase in enumerate(phases):
        if not isinstance(phase, dict):
            continue
        name = f"phase '{phase.get('id')}'" if isinstance(phase.get("id"), str) else f"phase {number + 1}"
        for key in _ASKED_OF_PHASES:
            if not phase.get(key):
                yield Fault(number, f"{name} has no `{key}`; it is asked of every phase.")
        if "read_only_context" not in _mapping(phase.get("scope")):
            yield Fault(number, f"{name} says nothing of `scope.read_only_context`; write [] if it needs none.")


def _unfit(phase: PhaseSpec, bench: Bench) -> Iterator[str]:
    said = "\n".join((phase.description, *phase.acceptance_criteria))
    new = new_entries(phase, bench.surroundings)
    named = [entry for entry in new if entry.rstrip("/").rpartition("/")[2] in said]
    for sentence in scope_faults(phase, bench.surroundings):
        if not any(sentence == unfound(entry) for entry in named if entry.endswith("/")):
            yield sentence
    yield from (
        f"`{entry}` of the scope does not exist, and the description does not name it as new." for entry in new if entry not in named
    )
    if phase.ci.skip and not _mapping(_mapping(bench.head.get("defaults")).get("ci")).get("skip"):
        yield "it skips its check, which this project has."


def new_entries(phase: PhaseSpec, surroundings: PlanSurroundings) -> tuple[str, ...]:
    """Literal entries of the scope that are not there yet."""
    return tuple(entry for entry in phase.scope.paths if "*" not in entry and not surroundings.matching(entry))


def _first_lines(document: dict[str, Any], text: str) -> tuple[int, ...]:
    """The line on which each phase begins in the text; its layout is ``json.dumps``'s own."""
    lines = text.split("\n")
    start = next((number for number, line in enumerate(lines) if line.startswith(' "phases": [')), len(lines))
    listed = document.get("phases")
    count = len(listed) if isinstance(listed, list) else 0
    return tuple(number + 1 for number, line in enumerate(lines) if number > start and line.startswith("  {"))[:count]


def _phase_at(places: tuple[int, ...], line: int | None) -> int | None:
    within = [number for number, first in enumerate(places) if line is not None and first <= line]
    return within[-1] if within else None


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
