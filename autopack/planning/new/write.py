"""A planner's plan as a file for a person to read: what is new and what is still wrong stand as comments where they belong."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from autopack.planning.new.judge import Fault
from autopack.planning.phase_draft import PhaseDraft, PlanDraft
from autopack.planning.surroundings import PlanSurroundings

_HEAD: Final = ("project", "goal", "base", "budget", "instructions", "workspace", "defaults", "final")
_REMARK: Final = "Written by a planner for `autopack plan new`; read it before you run it."


def draft_of_reply(
    document: Mapping[str, Any], faults: Iterable[Fault], surroundings: PlanSurroundings, given: tuple[Mapping[str, Any], ...] = ()
) -> PlanDraft:
    """Whatever the document holds is written, in the order in which people write it.

    ``given`` are the phases of a document that a person wrote: what stands in none of them is said to be the planner's.
    """
    known = {phase["id"]: phase.keys() for phase in given}
    faults = tuple(faults)
    whole = [f"WRONG: {fault.message}" for fault in faults if fault.phase is None]
    head = {
        key: document[key] for key in (*_HEAD, *(key for key in document if key not in (*_HEAD, "version", "phases"))) if key in document
    }
    listed = document.get("phases")
    phases = [phase for phase in listed if isinstance(phase, dict)] if isinstance(listed, list) else []
    drafts = tuple(_phase(number, phase, faults, surroundings, known.get(phase.get("id"))) for number, phase in enumerate(phases))
    return PlanDraft(head, drafts, "\n".join((_REMARK, *whole)))


def _phase(
    number: int, phase: Mapping[str, Any], faults: tuple[Fault, ...], surroundings: PlanSurroundings, known: AbstractSet[str] | None
) -> PhaseDraft:
    wrong = dict.fromkeys(f"WRONG: {fault.message}" for fault in faults if fault.phase == number)
    scope = phase.get("scope")
    paths = scope.get("paths") if isinstance(scope, dict) else None
    literal = [entry for entry in paths if isinstance(entry, str) and "*" not in entry] if isinstance(paths, list) else []
    new = [entry for entry in literal if not surroundings.matching(entry)]
    guesses = {"scope": f"new: {', '.join(new)}"} if new else {}
    keys = {key: value for key, value in phase.items() if key != "id"}
    filled = [key for key in keys if known is not None and key not in known]
    remarks = [f"filled in by the planner: {', '.join(filled)}"] if filled else []
    return PhaseDraft(str(phase.get("id", f"phase-{number + 1}")), keys, "\n".join((*wrong, *remarks)), guesses)
