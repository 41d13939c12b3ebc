"""The effects of an attempt, by the names under which their results are recorded."""

from enum import StrEnum


class StepName(StrEnum):
    RECALL = "recall"
    REPLY = "reply"
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
