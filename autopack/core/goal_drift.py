"""How far an accepted change is from what the plan asks for."""

from typing import Final, Literal

from autopack.core.model import Frozen

DRIFT_LINE: Final = 0.7
"""Of ``goal_drift.threshold``: on the scale of a measured model, below it lies what does not serve the goal."""


class Drift(Frozen):
    """``alike``, from 0 to 1, is how near the change comes to the plan's goal or to its own phase's task, whichever is nearer.

    ``model`` compared them. ``mode`` was in force then.
    """

    alike: float
    threshold: float
    model: str
    mode: Literal["advisory", "blocking"] = "advisory"

    @property
    def is_far(self) -> bool:
        return self.alike < self.threshold


class DriftJudged(Frozen):
    """What an attempt keeps of it; None where nothing could be compared."""

    drift: Drift | None = None
