"""What a phase takes of a reply: placed, in scope, sound, of a size the phase allows, and not empty."""

from collections.abc import Collection, Mapping

from autopack.core.refusal import RefusalCode
from autopack.core.scope import Scope
from autopack.edits.apply import apply_edit_set
from autopack.edits.content import judge_result
from autopack.edits.guards import Guards, judge_size, judge_symbols
from autopack.edits.model import AcceptedEdits, EditRefused, EditSet


def accept(edit_set: EditSet, *, before: Mapping[str, str], scope: Scope, existing: Collection[str], guards: Guards) -> AcceptedEdits:
    """Judges a reply for a phase. A reply that is ``blocked`` has no files; its caller handles it before.

    Raises:
        EditRefused: nothing of the reply counts; code ``no_change`` where it changes nothing and the phase does not allow that.
    """
    accepted = apply_edit_set(edit_set, before, scope, existing)
    if accepted.is_empty and not guards.allow_no_change:
        raise EditRefused(
            RefusalCode.NO_CHANGE, "The reply changes nothing: every file it names stays as it is. Make the change that the phase asks for."
        )
    for path, text in accepted.after.items():
        old = accepted.before.get(accepted.renames.get(path, path))
        if path in accepted.renames.values():
            continue
        judge_size(path, old, text, allow_mass_deletion=guards.allow_mass_deletion, allow_mass_addition=guards.allow_mass_addition)
        if guards.is_small_fix and not guards.allow_mass_deletion:
            judge_symbols(path, old, text)
        if text is not None and text != old:
            judge_result(path, old, text)
    return accepted
