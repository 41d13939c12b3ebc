"""The auditor's verdict and the gate's decision."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from autopack.core.failure import FailureKind, FatalKind
from autopack.core.model import Frozen
from autopack.core.quality import Risk


class Issue(Frozen):
    severity: Literal["minor", "major", "critical"]
    message: str
    path: str | None = None
    line: int | None = None


class Criterion(Frozen):
    """``wrong``: why it is wrong, or cannot be met as it is written."""

    criterion: str
    met: bool
    evidence: str = ""
    wrong: str = ""


class Demand(Frozen):
    """A test that the change alters, and the criterion that demands it."""

    test: str
    criterion: str


class AuditBy(Frozen):
    """What one of several auditors said."""

    model: str
    verdict: Literal["approve", "reject"]
    confidence: float
    summary: str


class Verdict(Frozen):
    """The auditor's reply, its criteria in the words of the plan where it answered them by number.

    Where two were to judge, it is what both say; ``audits`` tells them apart, ``note`` why there is only one.
    """

    verdict: Literal["approve", "reject"]
    confidence: Annotated[float, Field(ge=0, le=1)] = 0.5
    summary: str = ""
    issues: tuple[Issue, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    changed_tests: tuple[Demand, ...] = ()
    failure_kind: FatalKind | None = None
    audits: tuple[AuditBy, ...] = ()
    note: str = ""


class GateOutcome(StrEnum):
    LAND = "land"
    HOLD = "hold"
    REJECT = "reject"


class Decision(Frozen):
    """What the gate made of checks and verdict; ``reasons`` are sentences, ``not_judged`` the criteria without an answer.

    ``failure``: as what a rejection counts, where it is not the auditor's.
    """

    outcome: GateOutcome
    reasons: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()
    risk: Risk | None = None
    failure: FailureKind | None = None
