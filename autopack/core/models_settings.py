"""What ``models.yaml`` says: providers and models, who is asked for what, and what follows failures."""

from typing import Annotated, Final, Literal

from pydantic import Field

from autopack.core.failure import FailureType, FatalKind, Fault
from autopack.core.model import Frozen
from autopack.core.providers import ChatApi
from autopack.core.routing_settings import FallbackStrategy, ProviderQuota, RoutingPolicy

Complexity = Literal["low", "medium", "high"]
TIERS: Final[tuple[Complexity, ...]] = ("low", "medium", "high")
FixType = Literal["git", "file"]
Seconds = Annotated[float, Field(gt=0)]


class ModelSettings(Frozen):
    """``usd_per_mtok`` keys: ``input``, ``output``, ``cache_read``, ``cache_write``; None: priced by genai-prices, if it knows it."""

    context: Annotated[int, Field(gt=0)] = 200_000
    max_output: Annotated[int, Field(gt=0)] = 64_000
    usd_per_mtok: dict[Literal["input", "output", "cache_read", "cache_write"], float] | None = None


class ProviderSettings(Frozen):
    name: str
    api: ChatApi
    base_url: str | None = None
    base_url_env: str | None = None
    api_key_env: str
    headers: dict[str, str] = Field(default_factory=dict)
    headers_env: dict[str, str] = Field(default_factory=dict)
    ca_file: str | None = None
    structured: Literal["auto", "schema", "tool", "json"] = "auto"
    embeddings: str | None = None
    attribution_headers: bool | None = None
    models: dict[str, ModelSettings] = Field(default_factory=dict)


class Timeouts(Frozen):
    connect_s: Seconds = 20
    first_byte_s: Seconds = 600
    idle_s: Seconds = 180
    call_s: Seconds = 3600


class WireRetries(Frozen):
    """How often a call that failed on the wire is sent again, and how long is waited in between."""

    times: Annotated[int, Field(ge=0, le=20)] = 4
    first_wait_s: Annotated[float, Field(ge=0)] = 2
    max_wait_s: Annotated[float, Field(ge=0)] = 60


class TokenSoftCaps(Frozen):
    """What a builder is shown of a phase of that complexity, in tokens; the least that may be given is room for one file."""

    low: Annotated[int, Field(ge=1000)] = 12_000
    medium: Annotated[int, Field(ge=1000)] = 32_000
    high: Annotated[int, Field(ge=1000)] = 80_000

    def of(self, complexity: Complexity) -> int:
        return {"low": self.low, "medium": self.medium, "high": self.high}[complexity]


class TierModels(Frozen):
    models: Annotated[tuple[str, ...], Field(min_length=1)]


class EscalationChains(Frozen):
    """By the complexity of the phase: who is asked, and who after it when it fails at the task; before ``builder``, ``auditor``."""

    builder: dict[Complexity, TierModels] = Field(default_factory=dict)
    auditor: dict[Complexity, TierModels] = Field(default_factory=dict)


class EscalationThresholds(Frozen):
    """So many failures at one model, and the next one is asked; in a tier of its name and on the way out of it."""

    low_to_medium: Annotated[int, Field(ge=1)] = 2
    medium_to_high: Annotated[int, Field(ge=1)] = 2

    def of(self, tier: Complexity) -> int:
        return self.low_to_medium if tier == "low" else self.medium_to_high


class ComplexityEscalation(Frozen):
    """``failure_types`` are those that count. A plan's ``max_attempts`` and ``max_attempts_per_phase``: the lower holds."""

    enabled: bool = True
    thresholds: EscalationThresholds = EscalationThresholds()
    max_attempts_per_phase: Annotated[int, Field(ge=1)] = 5
    failure_types: tuple[FailureType, ...] = ("auditor_reject", "ci_fail", "patch_apply_error")


class ReplanSettings(Frozen):
    """Failures that are one and the same: of one kind, and with ``message_similarity_enabled`` of nearly one message."""

    trigger_threshold: Annotated[int, Field(ge=2)] = 2
    message_similarity_enabled: bool = True
    similarity_threshold: Annotated[float, Field(ge=0, le=1)] = 0.8
    min_message_length: Annotated[int, Field(ge=0)] = 30
    max_replans_per_phase: Annotated[int, Field(ge=0)] = 1
    max_replans_per_run: Annotated[int, Field(ge=0)] = 5
    fatal_error_types: tuple[FatalKind, ...] = ("wrong_tech_stack", "schema_mismatch", "api_contract_wrong")


class DoctorModels(Frozen):
    """The strong one is asked where the cheap one is less sure than ``min_confidence_for_cheap``, and from a phase's second call on.

    It is asked too where that share of a limit of the health budget is used up.
    """

    cheap: str = "sonnet"
    strong: str = "opus"
    min_confidence_for_cheap: Annotated[float, Field(ge=0, le=1)] = 0.7
    high_risk_categories: tuple[Fault, ...] = ("import", "logic")
    health_budget_near_limit_ratio: Annotated[float, Field(ge=0, le=1)] = 0.8


class DoctorSettings(Frozen):
    """``allow_execute_fix_global``: commands of ``allowed_fix_types`` that a doctor asks for are run, once they are judged.

    ``allow_rollback``: what the run has landed is taken back where a doctor asks for it, without asking a person.
    """

    allow_execute_fix_global: bool = False
    max_execute_fix_per_phase: Annotated[int, Field(ge=0)] = 1
    allowed_fix_types: tuple[FixType, ...] = ("git", "file")
    allow_rollback: bool = False
    max_calls_per_phase: Annotated[int, Field(ge=0)] = 2
    max_calls_per_run: Annotated[int, Field(ge=0)] = 10


class HealthBudget(Frozen):
    """What may go wrong in a run before it stops: questions that a provider let down, edits that could not be used, failures in all."""

    max_http_500_per_run: Annotated[int, Field(ge=1)] = 10
    max_patch_failures_per_run: Annotated[int, Field(ge=1)] = 15
    max_total_failures_per_run: Annotated[int, Field(ge=1)] = 25


class ModelsSettings(Frozen):
    """``models.yaml``: chains name ``provider/model`` or an alias; the first with a key is asked, the next when it is down."""

    providers: tuple[ProviderSettings, ...] = ()
    aliases: dict[str, str] = Field(default_factory=dict)
    builder: dict[Complexity, tuple[str, ...]] = Field(default_factory=dict)
    auditor: tuple[str, ...] = ()
    escalation_chains: EscalationChains = EscalationChains()
    llm_routing_policies: dict[str, RoutingPolicy] = Field(default_factory=dict)
    fallback_strategy: FallbackStrategy = FallbackStrategy()
    provider_quotas: dict[str, ProviderQuota] = Field(default_factory=dict)
    complexity_escalation: ComplexityEscalation = ComplexityEscalation()
    replan: ReplanSettings = ReplanSettings()
    doctor_models: DoctorModels = DoctorModels()
    doctor: DoctorSettings = DoctorSettings()
    health_budget: HealthBudget = HealthBudget()
    timeouts: Timeouts = Timeouts()
    retries: WireRetries = WireRetries()
    token_soft_caps: TokenSoftCaps = TokenSoftCaps()
