"""The effects of an attempt, by the names under which their results are recorded."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from autopack.core.call import Role


class StepName(StrEnum):
    RECALL = "recall"
    RULES = "rules"
    OFFER = "offer"
    EXPLORE = "explore"
    AUDIT_EXPLORE = "audit_explore"
    REPLY = "reply"
    DRIFT = "drift"
    DERIVE = "derive"
    CANDIDATE = "candidate"
    CHECK = "check"
    OLD_TESTS = "old_tests"
    NEW_TESTS = "new_tests"
    AUDIT = "audit"
    GATE = "gate"
    APPROVAL = "approval"
    OVERRIDE = "override"
    SIGN = "sign"
    COMMIT = "commit"
    LAY_ON = "lay_on"
    DECIDED = "decided"
    REPLAN = "replan"
    DOCTOR = "doctor"
    FIX = "fix"

    def on_lap(self, number: int) -> str:
        """The name on the ``number``-th head that a candidate was laid on: ``check``, ``check.2``."""
        return self.value if number == 1 else f"{self.value}.{number}"


def step_of(recorded: str) -> str:
    """The step, on whichever lap it was recorded."""
    return recorded.partition(".")[0]


def all_laps(results: Mapping[str, str], *steps: StepName) -> list[str]:
    """What was recorded of these steps on every lap, in the order of ``results``, which are one attempt's by their names."""
    return [text for name, text in results.items() if step_of(name) in steps]


def lap_of(recorded: str) -> int:
    """The lap that ``on_lap`` named."""
    return int(recorded.partition(".")[2] or 1)


EXPLORES: Final[dict[Role, StepName]] = {Role.BUILDER: StepName.EXPLORE, Role.AUDITOR: StepName.AUDIT_EXPLORE}
"""The step of each round of a role that looks for itself; its lap is the question that the round belongs to."""
