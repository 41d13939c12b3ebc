"""How risky a change is, in points from 0 to 100 with what they are for, and what that leads to."""

from enum import StrEnum

from autopack.core.model import Frozen


class QualityLevel(StrEnum):
    OK = "ok"
    NEEDS_REVIEW = "needs_review"
    BLOCKED = "blocked"


class RiskPart(Frozen):
    """``why`` is a few words, with figures."""

    name: str
    points: int
    why: str


class Risk(Frozen):
    """``level`` by the thresholds that held when the change was judged."""

    points: int
    level: QualityLevel
    parts: tuple[RiskPart, ...] = ()

    @property
    def listed(self) -> str:
        """A line a part."""
        return "\n".join(f"{part.why}: {part.points}" for part in self.parts)

    @property
    def told(self) -> str:
        """``45: 812 lines changed (20), no test ... (15)``."""
        return f"{self.points}" + (f": {', '.join(f'{part.why} ({part.points})' for part in self.parts)}" if self.parts else "")
