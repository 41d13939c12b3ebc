"""What is worth knowing of a sound plan before it runs: entries that match nothing, guards that are off, phases in each other's way."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from itertools import combinations, islice
from typing import Final

from autopack.checks.results.recognise import pytest_call
from autopack.core.model import Frozen
from autopack.core.names import is_one_slip_away
from autopack.core.plan import PhaseSpec, Plan
from autopack.core.scope import Scope
from autopack.planning.graph import all_before
from autopack.planning.surroundings import PlanSurroundings

MANY_FILES: Final = 30
"""From here on structured edits are asked for in all files that exist."""

MANY_PHASES: Final = 3
"""So many phases share a note."""

SHOWN: Final = 3
PAIRS_MAX: Final = 1_000


class Note(Frozen):
    """``phase`` is None where the whole plan is meant."""

    phase: str | None
    message: str

    def __str__(self) -> str:
        return f"phase '{self.phase}': {self.message}" if self.phase else self.message


def check_plan(plan: Plan, surroundings: PlanSurroundings) -> list[Note]:
    """The notes of every phase in the plan's order, then those of the whole."""
    notes = _grouped([Note(phase=phase.id, message=text) for phase in plan.phases for text in _phase(phase, surroundings)])
    judges = (_missing_instructions, _submodules, _uncommitted, _overlaps)
    whole = [text for judge in judges for text in judge(plan, surroundings)]
    return notes + [Note(phase=None, message=text) for text in whole]


def _grouped(notes: list[Note]) -> list[Note]:
    """What is to be said of many phases is said once."""
    of: dict[str, list[str]] = {}
    for note in notes:
        of.setdefault(note.message, []).append(str(note.phase))
    told = {
        message: Note(phase=None, message=f"phases {_quoted(names)}: {message}")
        for message, names in of.items()
        if len(names) >= MANY_PHASES
    }
    return list(dict.fromkeys(told.get(note.message, note) for note in notes))


def _phase(phase: PhaseSpec, surroundings: PlanSurroundings) -> Iterator[str]:
    yield from scope_faults(phase, surroundings)
    yield from _closed_files(phase, surroundings)
    yield from _checks(phase)
    names = {*phase.ci.env_from, *(name for step in phase.derive for name in step.env_from)}
    missing = sorted(names - surroundings.variables)
    if missing:
        yield f"{_listed(missing)} of `env_from` {'is' if len(missing) == 1 else 'are'} not set in this environment."


def scope_faults(phase: PhaseSpec, surroundings: PlanSurroundings) -> Iterator[str]:
    """What the entries of a scope are not likely to mean: nothing, a slip, or two things at once."""
    for entry in phase.scope.paths:
        if entry in phase.scope.read_only_context:
            yield f"`{entry}` is in the scope and read-only at once, so it cannot be changed; take it out of one."
        elif not surroundings.matching(entry):
            yield from _unfound(entry, surroundings.paths)
    for entry in phase.scope.read_only_context:
        if not surroundings.matching(entry):
            yield f"`{entry}` of the read-only context matches nothing at the start.{_meant(entry, surroundings.paths)}"


def _unfound(entry: str, paths: AbstractSet[str]) -> Iterator[str]:
    """A file that is not there may be meant to be made; a pattern, a directory or a near miss is worth a word."""
    meant = _meant(entry, paths)
    if "*" in entry or entry.endswith("/") or meant:
        yield f"{unfound(entry)}{meant}"


def unfound(entry: str) -> str:
    return f"`{entry}` of the scope matches nothing at the start."


def _meant(entry: str, paths: AbstractSet[str]) -> str:
    """A path of another case, or one slip away; ``test_2.py`` beside ``test_1.py`` is no slip."""
    if "*" in entry or entry.endswith("/"):
        return ""
    letters = re.sub(r"\d", "", entry)
    for path in sorted(paths):
        is_slip = is_one_slip_away(entry, path) and re.sub(r"\d", "", path) != letters
        if is_slip or (path != entry and path.casefold() == entry.casefold()):
            return f" Did you mean `{path}`?"
    return ""


def _closed_files(phase: PhaseSpec, surroundings: PlanSurroundings) -> Iterator[str]:
    scope, inside = Scope(phase.scope.paths), surroundings.inside(phase.scope.paths)
    closed = sorted(path for path in inside & surroundings.closed if not scope.names_exactly(path))
    if closed:
        lie = "lies" if len(closed) == 1 else "lie"
        yield f"{_listed(closed)} {lie} in the scope, but can only be changed where an entry names exactly that file."
    if len(inside) >= MANY_FILES:
        yield f"the scope holds {len(inside)} files; from {MANY_FILES} on structured edits are asked for in all of them."


def _checks(phase: PhaseSpec) -> Iterator[str]:
    if phase.ci.skip:
        yield f"it is not checked at all ({phase.ci.reason}); only the auditor looks at it."
        return
    blind = [step for step in phase.ci.steps if step.results is None and pytest_call(step.command) is None]
    if len(blind) == len(phase.ci.steps):
        off = "flaky tests are not told from red ones, changed tests are not told apart, and a run without tests counts as green"
        advice = "write `results: {format: junit, path: ...}` if the command can report"
        if phase.ci.expect == "red":
            yield f"its check tells no tests apart, so `expect: red` cannot be judged; {advice}."
        elif any(step.tests != "none" for step in blind):
            yield f"its check tells no tests apart: {off}; {advice}."


def _missing_instructions(plan: Plan, surroundings: PlanSurroundings) -> Iterator[str]:
    for path in plan.instructions or ():
        if path.removeprefix("./") not in surroundings.paths:
            yield f"`{path}` of the instructions is not in the commit that the run starts from."


def _submodules(plan: Plan, surroundings: PlanSurroundings) -> Iterator[str]:
    if surroundings.submodules and not plan.workspace.submodules:
        found = sorted(surroundings.submodules)
        are = "is a submodule" if len(found) == 1 else "are submodules"
        yield f"{_listed(found)} {are}, empty in a run; `workspace: {{submodules: true}}` fills them."


def _uncommitted(plan: Plan, surroundings: PlanSurroundings) -> Iterator[str]:
    scope = Scope(tuple(entry for phase in plan.phases for entry in (*phase.scope.paths, *phase.scope.read_only_context)))
    found = sorted(path for path in surroundings.uncommitted if scope.allows(path.rstrip("/")))
    if found:
        yield f"{_listed(found)} {'is' if len(found) == 1 else 'are'} not committed; the run starts from a commit and does not see that."


def _overlaps(plan: Plan, surroundings: PlanSurroundings) -> Iterator[str]:
    """Phases that could run side by side but for a file that both may change."""
    before = all_before(plan)
    pairs = ((one, two) for one, two in combinations(plan.phases, 2) if one.id not in before[two.id] and two.id not in before[one.id])
    found: dict[str, list[str]] = {}
    for one, two in islice(pairs, PAIRS_MAX):
        shared = _shared(one.scope.paths, two.scope.paths, surroundings)
        if shared is not None:
            found.setdefault(shared, []).extend((one.id, two.id))
    for shared, names in found.items():
        told = list(dict.fromkeys(names))
        both = "both" if len(told) < MANY_PHASES else "all"
        yield f"phases {_quoted(told)} may {both} change `{shared}`, so they do not run side by side."


def _shared(one: tuple[str, ...], two: tuple[str, ...], surroundings: PlanSurroundings) -> str | None:
    """A literal entry of one that the other opens too, else a file that both match."""
    for mine, theirs in ((one, Scope(two)), (two, Scope(one))):
        literal = next((entry for entry in mine if "*" not in entry and theirs.allows(entry.rstrip("/"))), None)
        if literal is not None:
            return literal
    return min(surroundings.inside(one) & surroundings.inside(two), default=None)


def _quoted(names: list[str]) -> str:
    """``'a', 'b' and 'c'``."""
    *first, last = [f"'{name}'" for name in names]
    return f"{', '.join(first)} and {last}" if first else last


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(f"`{name}`" for name in names[:SHOWN]) + more
