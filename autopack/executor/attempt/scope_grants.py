"""Grants a blocked builder the paths that it asks for, if the plan's ``may_add`` allows them."""

import json
from typing import Final

from autopack.core.errors import AttemptFailed, ScopeGranted
from autopack.core.failure import FailureKind
from autopack.core.plan import PhaseSpec
from autopack.core.scope import Scope
from autopack.edits import Blocked, EditRefused
from autopack.edits.paths import judge_path
from autopack.store.tables import PhaseRow

GRANTS_MAX: Final = 3
"""A person decides on a phase that asks for paths once more."""


def granted_paths(row: PhaseRow) -> tuple[str, ...]:
    """What the builder asked for and was given, in order."""
    return tuple(json.loads(row.granted_scope))


def widened(phase: PhaseSpec, row: PhaseRow) -> PhaseSpec:
    """The phase with its granted paths, and those that a person added, in scope."""
    added = (*json.loads(row.added_scope), *granted_paths(row))
    if not added:
        return phase
    scope = phase.scope.model_copy(update={"paths": (*phase.scope.paths, *added)})
    return phase.model_copy(update={"scope": scope})


def answer(phase: PhaseSpec, blocked: Blocked, grants: int) -> ScopeGranted | AttemptFailed:
    """How the attempt ends: granted, told that it has them already, or a question for a person.

    Args:
        phase: with what was added to its scope so far.
        blocked: what the builder said.
        grants: how often this phase was granted paths already.
    """
    if blocked.kind == "needs_context":
        paths = ", ".join(dict.fromkeys(blocked.paths)) or "nothing by name"
        return AttemptFailed(FailureKind.NEEDLESS_SCOPE, f"The builder asked to see {paths} instead of answering: {blocked.message}")
    if blocked.kind != "needs_scope" or not blocked.paths:
        return _question(blocked)
    scope = Scope(phase.scope.paths, phase.scope.read_only_context)
    asked = tuple(path for path in dict.fromkeys(blocked.paths) if not opens(scope, path))
    if not asked:
        paths = ", ".join(dict.fromkeys(blocked.paths))
        return AttemptFailed(FailureKind.NEEDLESS_SCOPE, f"In the scope already: {paths}. The builder said: {blocked.message}")
    addable = tuple(path for path in asked if opens(Scope((path,)), path))
    if not all(opens(Scope(phase.scope.may_add), path) for path in asked):
        return _question(blocked, addable=addable)
    if grants >= GRANTS_MAX:
        return _question(blocked, addable, f" Paths that the plan allows were granted {grants} times already, the most that a phase gets.")
    return ScopeGranted(asked)


def _question(blocked: Blocked, addable: tuple[str, ...] = (), more: str = "") -> AttemptFailed:
    """``addable``: what a person may add to the scope, a line each."""
    paths = f" (paths: {', '.join(blocked.paths)})" if blocked.paths else ""
    return AttemptFailed(
        FailureKind.BUILDER_BLOCKED, f"The builder is blocked ({blocked.kind}): {blocked.message}{paths}{more}", "\n".join(addable)
    )


def opens(scope: Scope, path: str) -> bool:
    try:
        judge_path(path, scope)
    except EditRefused:
        return False
    return True
