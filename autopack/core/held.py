"""Why a phase waits for a person: one table, a row for each reason. A new reason is a member and its row."""

import shlex
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from autopack.core.failure import FailureKind
from autopack.core.states import Hold


class HeldReason(StrEnum):
    GATE = "gate"
    AUDITOR_AGAINST = "auditor_against"
    CHECKED_OUT = "checked_out"
    BUILDER_BLOCKED = "builder_blocked"
    CHECK_UNUSABLE = "check_unusable"
    GOAL_DRIFT = "goal_drift"
    CRITERION_WRONG = "criterion_wrong"
    ADOPTED_RED = "adopted_red"
    BRANCH_REWRITTEN = "branch_rewritten"
    ROLLBACK_ADVISED = "rollback_advised"


@dataclass(frozen=True)
class HeldRule:
    """What a reason means.

    ``asks``: for what. ``commands`` lead on, the best first; ``{where}`` is run and phase, ``{override}`` stands where the auditor may be
    against it, and a command with ``{add_scope}`` only where paths are asked for. ``sentence`` says it around what was ``{found}``.
    ``failure``: what the phase is lost by meanwhile, where it is not what its last attempt failed of.
    """

    asks: Hold
    commands: tuple[str, ...]
    sentence: str = "{found}"
    failure: FailureKind | None = None


_LOOK: Final = ("autopack diff {where}", "autopack approve {where}{override}", 'autopack reject {where} --note "..."')
_ANSWER: Final = ('autopack retry {where} --note "..."', "autopack adopt {where}", 'autopack skip {where} --note "..."')

HELD: Final[dict[HeldReason, HeldRule]] = {
    HeldReason.GATE: HeldRule(Hold.REVIEW, _LOOK),
    HeldReason.AUDITOR_AGAINST: HeldRule(Hold.REVIEW, _LOOK),
    HeldReason.CHECKED_OUT: HeldRule(Hold.REVIEW, _LOOK, "{found} Then approve: the phase is built, checked and audited."),
    HeldReason.BUILDER_BLOCKED: HeldRule(Hold.QUESTION, ("autopack retry {where} {add_scope}", *_ANSWER)),
    HeldReason.CHECK_UNUSABLE: HeldRule(Hold.QUESTION, _ANSWER),
    HeldReason.GOAL_DRIFT: HeldRule(Hold.QUESTION, _ANSWER, "{found} A retry lets the next change pass, whatever it is like."),
    HeldReason.CRITERION_WRONG: HeldRule(
        Hold.QUESTION,
        _ANSWER,
        "{found} Correct it in the plan, then: autopack resume --accept-plan-change. Or say in a note how it is meant.",
        failure=FailureKind.CRITERION_WRONG,
    ),
    HeldReason.ADOPTED_RED: HeldRule(Hold.QUESTION, _ANSWER, "The commit that was adopted did not pass: {found}"),
    HeldReason.BRANCH_REWRITTEN: HeldRule(Hold.QUESTION, _ANSWER, failure=FailureKind.CONFLICT),
    HeldReason.ROLLBACK_ADVISED: HeldRule(
        Hold.QUESTION, _ANSWER, "The doctor would take back what has landed (autopack rollback), which is yours to decide: {found}"
    ),
}


def held_commands(reason: HeldReason, where: str, paths: tuple[str, ...] = (), *, is_auditor_against: bool = False) -> tuple[str, ...]:
    """``where`` is ``RUN PHASE``; ``paths`` are those that the builder asks for."""
    add_scope = " ".join(f"--add-scope {shlex.quote(path)}" for path in paths)
    override = " --override audit" if is_auditor_against else ""
    commands = [command for command in HELD[reason].commands if add_scope or "{add_scope}" not in command]
    return tuple(command.format(where=where, add_scope=add_scope, override=override) for command in commands)
