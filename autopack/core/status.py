"""What ``status``, ``runs``, ``usage`` and the dashboard say of a run: one model each, the single source of their JSON."""

from autopack.core.budget import Spent
from autopack.core.call import Usage
from autopack.core.model import Frozen


class PlanStatus(Frozen):
    path: str
    sha256: str
    revision: int


class OwnerStatus(Frozen):
    pid: int
    started: float
    heartbeat: float


class BudgetStatus(Frozen):
    max_usd: float | None = None
    max_tokens: int | None = None
    max_hours: float | None = None
    spent_usd: float = 0.0
    reserved_usd: float = 0.0
    spent_tokens: int = 0
    has_unknown_prices: bool = False


class HealthStatus(Frozen):
    """What went wrong so far, and the limits of the health budget."""

    http_500: int = 0
    patch_failures: int = 0
    total_failures: int = 0
    max_http_500: int
    max_patch_failures: int
    max_total_failures: int


class UsageStatus(Frozen):
    """``usd`` is None where no price is known for any of it."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    usd: float | None = 0.0

    @classmethod
    def of(cls, usage: Usage, calls: int, usd: float | None) -> "UsageStatus":
        return cls(calls=calls, usd=usd, **usage.model_dump())


class ChecksStatus(Frozen):
    passed: int = 0
    failed: int = 0
    newly_failed: int = 0
    flaky: int = 0


class WeighedStatus(Frozen):
    """Of the newest attempt whose edit touches tests: how many tests it changes, takes away, and adds that need no change."""

    changed: int = 0
    gone: int = 0
    fail_without: int = 0
    pass_without: int = 0


class FailureStatus(Frozen):
    """``fault``: of a red check, whether what fails is an import, the syntax of a file, or logic, as far as its output tells."""

    kind: str
    message: str
    fault: str | None = None


class HeldStatus(Frozen):
    """``reason`` is a ``HeldReason``; ``message`` the sentence for the person; ``paths`` those that a blocked builder asks for."""

    reason: str
    message: str
    paths: tuple[str, ...] = ()


class PhaseStatus(Frozen):
    """``quality_level``: ok, needs_review (for tests that nothing allowed to change, or the risk), blocked; None while nothing can be said.

    ``risk``: points of the newest candidate that came to the gate.
    """

    id: str
    state: str
    attempts: int
    commit: str | None = None
    model: str | None = None
    checks: ChecksStatus | None = None
    tests: WeighedStatus | None = None
    quality_level: str | None = None
    risk: int | None = None
    held: str | None = None
    held_because: HeldStatus | None = None
    skipped_because: str | None = None
    failure: FailureStatus | None = None


class RunStatus(Frozen):
    """``state`` and ``reason`` belong to an exit code; ``next`` are the commands that lead on.

    ``percent_complete`` and ``token_utilization`` are 0 to 100 (more where a reply was longer than was asked for), the latter None
    without a cap. ``quality_level`` is the worst of the phases.
    """

    run_id: str
    state: str
    reason: str | None
    message: str | None = None
    exit_code: int
    next: tuple[str, ...]
    goal: str
    branch: str
    base_commit: str
    head_commit: str
    plan: PlanStatus
    owner: OwnerStatus | None
    sandbox: str
    until: float | None = None
    budget: BudgetStatus
    health: HealthStatus | None = None
    usage: UsageStatus
    phases: tuple[PhaseStatus, ...]
    current_phase: str | None
    total_phases: int
    completed_phases: int
    percent_complete: float
    tokens_used: int
    token_cap: int | None
    token_utilization: float | None
    quality_level: str | None
    quality_blocked: bool
    quality_warnings: tuple[str, ...]


class TodayStatus(Frozen):
    """What all repositories of the user have spent on this day (UTC); ``unknown_prices`` calls cost what nobody knows."""

    spent_usd: float
    spent_tokens: int
    reserved_usd: float
    reserved_tokens: int
    unknown_prices: int

    @classmethod
    def of(cls, spent: Spent) -> "TodayStatus":
        return cls(
            spent_usd=float(spent.usd),
            spent_tokens=spent.tokens,
            reserved_usd=float(spent.reserved_usd),
            reserved_tokens=spent.reserved_tokens,
            unknown_prices=spent.unknown_prices,
        )


class UsageRow(Frozen):
    """Usage of one (phase, role, requested model, answering model); ``unpriced_calls`` answered and are not in its dollars."""

    phase: str
    role: str
    requested_model: str
    answering_model: str
    usage: UsageStatus
    unpriced_calls: int = 0
