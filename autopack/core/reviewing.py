"""The auditor's verdict and the gate's decision."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from autopack.core.failure import FatalKind
from autopack.core.model import Frozen
from autopack.core.quality import Risk


class Issue(Frozen):
    severity: Literal["minor", "major", "critical"]
    message: str
    path: str | None = None
    line: int | None = None


class Criterion(Frozen):
    criterion: str
    met: bool
    evidence: str = ""


class Demand(Frozen):
    """A test that the change alters, and the criterion that demands it."""

    test: str
    criterion: str


class Verdict(Frozen):
    """The auditor's reply, its criteria in the words of the plan where it answered them by number."""

    verdict: Literal["approve", "reject"]
    confidence: Annotated[float, Field(ge=0, le=1)] = 0.5
    summary: str = ""
    issues: tuple[Issue, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    changed_tests: tuple[Demand, ...] = ()
    failure_kind: FatalKind | None = None


class GateOutcome(StrEnum):
    LAND = "land"
    HOLD = "hold"
    REJECT = "reject"


class Decision(Frozen):
    """What the gate made of checks and verdict; ``reasons`` are sentences, ``not_judged`` the criteria without an answer.

    ``is_too_risky``: it is rejected for its risk alone.
    """

    outcome: GateOutcome
    reasons: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()
    risk: Risk | None = None
    is_too_risky: bool = False
