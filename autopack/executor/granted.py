"""Paths that a blocked builder asked for and that the plan's ``may_add`` allows: the phase goes on with a wider scope."""

import json

from autopack.core.context import Feedback
from autopack.core.errors import AttemptFailed
from autopack.core.failure import FailureKind
from autopack.core.plan import PhaseSpec
from autopack.core.scope import Scope
from autopack.edits import Blocked, EditRefused
from autopack.edits.paths import judge_path
from autopack.store.tables import PhaseRow


def granted_paths(history: tuple[Feedback, ...]) -> tuple[str, ...]:
    """What earlier attempts of the phase were granted, in order."""
    lines = [line for lesson in history if lesson.kind is FailureKind.SCOPE_GRANTED for line in lesson.evidence.splitlines()]
    return tuple(dict.fromkeys(lines))


def widened(phase: PhaseSpec, row: PhaseRow, history: tuple[Feedback, ...]) -> PhaseSpec:
    """The phase with its granted paths, and those that a person added, in scope."""
    granted = (*json.loads(row.added_scope), *granted_paths(history))
    if not granted:
        return phase
    scope = phase.scope.model_copy(update={"paths": (*phase.scope.paths, *granted)})
    return phase.model_copy(update={"scope": scope})


def answer(phase: PhaseSpec, blocked: Blocked) -> AttemptFailed:
    """The attempt's end: granted, where every path lies in ``may_add`` and is not protected; else a question for a person."""
    asked = tuple(path for path in blocked.paths if path not in phase.scope.paths)
    if blocked.kind == "needs_scope" and asked and all(_may_add(phase, path) for path in asked):
        return AttemptFailed(FailureKind.SCOPE_GRANTED, f"The scope now holds {', '.join(asked)} too.", "\n".join(asked))
    paths = f" (paths: {', '.join(blocked.paths)})" if blocked.paths else ""
    return AttemptFailed(FailureKind.BUILDER_BLOCKED, f"The builder is blocked ({blocked.kind}): {blocked.message}{paths}")


def _may_add(phase: PhaseSpec, path: str) -> bool:
    try:
        judge_path(path, Scope(phase.scope.may_add))
    except EditRefused:
        return False
    return True
