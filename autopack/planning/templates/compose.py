"""Makes a plan of a template's phases and of the places that were found for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from textwrap import fill
from typing import Any, Final

from autopack.core.errors import UsageError
from autopack.core.names import nearest
from autopack.core.scope import Scope
from autopack.planning.patterns import fault_of_entry
from autopack.planning.phase_draft import PhaseDraft, PlanDraft
from autopack.planning.templates.fit import Place, Terrain, named_place, places
from autopack.planning.templates.template import PhaseDefaults, Template, TemplatePhase

_WIDTH: Final = 110


@dataclass(frozen=True)
class Fitted:
    """``left_out`` are phases for which nothing was found."""

    draft: PlanDraft
    places: Mapping[str, Place]
    left_out: tuple[TemplatePhase, ...]


def choose(template: Template, features: Iterable[str]) -> tuple[TemplatePhase, ...]:
    """The phases of these features, all of them where none is named. Raises UsageError for one that the template does not have."""
    wanted = tuple(features)
    for feature in wanted:
        if feature not in template.features:
            raise UsageError(_unknown("feature", feature, template.name, list(template.features)))
    return tuple(phase for phase in template.phases if not wanted or set(wanted) & set(phase.features))


def named_scopes(words: Iterable[str], chosen: tuple[TemplatePhase, ...]) -> dict[str, tuple[str, ...]]:
    """``PHASE=PATH`` words by phase. Raises UsageError for a word of another form, an unknown phase, an entry that is none."""
    named: dict[str, tuple[str, ...]] = {}
    known = [phase.id for phase in chosen]
    for word in words:
        name, is_pair, path = word.partition("=")
        if not is_pair:
            raise UsageError(f"`--scope {word}` names no path; write `--scope PHASE=PATH`.")
        if name not in known:
            raise UsageError(_unknown("phase", name, "the chosen ones", known))
        if fault := fault_of_entry(path):
            raise UsageError(f"`--scope {word}`: `{path}` {fault}.")
        named[name] = (*named.get(name, ()), path)
    return named


def compose(
    template: Template, chosen: tuple[TemplatePhase, ...], named: Mapping[str, tuple[str, ...]], terrain: Terrain, defaults: PhaseDefaults
) -> Fitted:
    """The phases that have a place; what a person named counts, whatever would be found."""
    found = places((phase for phase in chosen if phase.id not in named), terrain)
    for phase in chosen:
        if phase.id in named:
            found[phase.id] = named_place(phase, named[phase.id], terrain.sizes.keys())
    kept = {name: place for name, place in found.items() if place is not None}
    phases = tuple(_phase(phase, kept, terrain, defaults) for phase in chosen if phase.id in kept)
    left_out = tuple(phase for phase in chosen if phase.id not in kept)
    goal = fill(template.goal, _WIDTH) + "\n"
    return Fitted(PlanDraft({"goal": goal}, phases, tail=(sentence_on(left_out),) if left_out else ()), kept, left_out)


def sentence_on(left_out: tuple[TemplatePhase, ...]) -> str:
    """Why phases are left out, and how they are taken in."""
    names = ", ".join(phase.id for phase in left_out)
    return f"left out, since nothing in this repository looks like the place: {names}; `--scope PHASE=PATH` names one."


def _phase(phase: TemplatePhase, kept: Mapping[str, Place], terrain: Terrain, defaults: PhaseDefaults) -> PhaseDraft:
    place = kept[phase.id]
    inside = sum(map(Scope(place.paths).allows, terrain.sizes))
    mode = "structured_edit" if inside >= defaults.structured_edit_from_files else phase.builder_mode
    scope: dict[str, Any] = {"paths": list(place.paths)}
    read_only = [path for path in place.read_only if not Scope(place.paths).allows(path)]
    scope |= {"read_only_context": read_only} if read_only else {}
    keys: dict[str, Any] = {
        "description": fill(phase.description, _WIDTH) + "\n",
        "task_category": phase.task_category,
        "complexity": phase.complexity,
        **({"builder_mode": mode} if mode != "auto" else {}),
        "depends_on": [name for name in phase.depends_on if name in kept],
        "acceptance_criteria": list(phase.acceptance_criteria),
        "scope": scope,
    }
    return PhaseDraft(phase.id, keys, guesses={"scope": _said(place, inside, terrain)})


def _said(place: Place, inside: int, terrain: Terrain) -> str:
    """What the comment above the scope says."""
    new = [path for path in place.paths if not any(map(Scope((path,)).allows, terrain.sizes))]
    told = f"{place.why}; {inside} file{'s' if inside != 1 else ''} of today" if inside else place.why
    return f"{told}; new: {', '.join(new)}" if new else told


def _unknown(kind: str, name: str, of: str, known: list[str]) -> str:
    meant = nearest(name, known)
    return f"'{name}' is no {kind} of {of}; " + (f"did you mean '{meant}'?" if meant else f"there are {', '.join(known)}.")
