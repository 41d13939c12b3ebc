"""The effective settings of one start, as every room reads them. ``settings`` merges them from files, environment and flags."""

from typing import Annotated, Final, Literal

from pydantic import Field, SecretStr

from autopack.core.exploring import ExploreMode
from autopack.core.failure import FailureType, FatalKind, Fault
from autopack.core.goal_drift import DRIFT_LINE
from autopack.core.memory import Collection
from autopack.core.model import Frozen
from autopack.core.providers import ChatApi
from autopack.core.routing_settings import FallbackStrategy, ProviderQuota, RoutingPolicy

Complexity = Literal["low", "medium", "high"]
DocumentKind = Literal["debug", "build", "strategy", "reference"]
TIERS: Final[tuple[Complexity, ...]] = ("low", "medium", "high")
FixType = Literal["git", "file"]
Seconds = Annotated[float, Field(gt=0)]
Days = Annotated[float, Field(gt=0)]


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
    """``allow_execute_fix_global``: commands of ``allowed_fix_types`` that a doctor asks for are run, once they are judged."""

    allow_execute_fix_global: bool = False
    max_execute_fix_per_phase: Annotated[int, Field(ge=0)] = 1
    allowed_fix_types: tuple[FixType, ...] = ("git", "file")
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


class GitSettings(Frozen):
    """``{run}`` in ``branch``; ``{phase}``, ``{summary}`` in ``subject``. ``sign``: auto follows the user's ``commit.gpgsign``."""

    branch: str = "autopack/{run}"
    subject: str = "{phase}: {summary}"
    sign: Literal["auto", "off"] = "auto"


class WorkspaceSettings(Frozen):
    """``dir`` is where run work trees lie; None: the user's state directory.

    ``min_free_bytes`` have to be free at a start wherever a run writes; 0: nobody looks.
    """

    dir: str | None = None
    min_free_bytes: Annotated[int, Field(ge=0)] = 500_000_000


class CheckLimits(Frozen):
    """Limits on every command of a plan: output kept of it, patience after SIGTERM, largest log, output that ends it.

    ``memory_bytes`` and ``processes`` are of the whole process tree; without the first it is 80 % of the machine's memory.
    """

    output_kept_bytes: Annotated[int, Field(ge=1000)] = 64_000
    log_bytes: Annotated[int, Field(ge=1000)] = 8_000_000
    output_limit_bytes: Annotated[int, Field(ge=1000)] = 100_000_000
    kill_grace_s: Annotated[float, Field(ge=0)] = 5
    memory_bytes: Annotated[int, Field(ge=1_000_000)] | None = None
    processes: Annotated[int, Field(ge=10)] = 1000
    env_keep: tuple[str, ...] = ()


class ContextSettings(Frozen):
    """``max_tokens`` bounds what the builder is shown (characters / 4), whatever ``token_soft_caps`` say."""

    max_tokens: Annotated[int, Field(ge=1000)] = 150_000


class ExploreSettings(Frozen):
    """Whether builder and auditor look for themselves, and how far: rounds of calls, and of each its characters and seconds."""

    mode: ExploreMode = "auto"
    max_rounds: Annotated[int, Field(ge=0, le=100)] = 12
    auditor_rounds: Annotated[int, Field(ge=0, le=100)] = 4
    characters: Annotated[int, Field(ge=1000)] = 24_000
    seconds: Seconds = 120


class MemoryDays(Frozen):
    """How long what a collection holds is remembered."""

    run_summaries: Days = 30
    errors_ci: Days = 30
    doctor_hints: Days = 30
    planning: Days = 30

    def of(self, collection: Collection) -> float | None:
        """None: not forgotten by age."""
        days = {
            Collection.RUN_SUMMARIES: self.run_summaries,
            Collection.ERRORS_CI: self.errors_ci,
            Collection.DOCTOR_HINTS: self.doctor_hints,
            Collection.PLANNING: self.planning,
        }
        return days.get(collection)


class QdrantSettings(Frozen):
    """``url``: of a server, or a folder for the client's own store; a server that wants a key gets that of ``api_key_env``."""

    url: str | None = None
    api_key_env: str = "QDRANT_API_KEY"


class GoalDriftSettings(Frozen):
    """Below ``threshold`` a change is too unlike what the plan asks for; ``DRIFT_LINE`` stands for the line of each measured model."""

    enabled: bool = True
    mode: Literal["advisory", "blocking"] = "advisory"
    threshold: Annotated[float, Field(ge=0, le=1)] = DRIFT_LINE


class MemorySettings(Frozen):
    """``top_k_retrieval``: of how many entries of earlier runs a phase's builder is reminded at most.

    ``local_model`` is a folder, an installed package that holds one, or a model in the Hugging Face cache. ``max_embed_chars`` of a text
    are embedded.
    """

    enable_memory: bool = True
    top_k_retrieval: Annotated[int, Field(ge=0, le=50)] = 5
    ttl_days: MemoryDays = MemoryDays()
    embeddings: Literal["auto", "local", "openai", "off"] = "auto"
    local_model: str = "sentence-transformers/all-MiniLM-L6-v2"
    max_embed_chars: Annotated[int, Field(ge=100)] = 30_000
    store: Literal["faiss", "qdrant"] = "faiss"
    qdrant: QdrantSettings = QdrantSettings()
    goal_drift: GoalDriftSettings = GoalDriftSettings()


class DocumentRule(Frozen):
    """Applies where a path matches, or where so many different ones of the words are found; without both, to everything."""

    kind: DocumentKind
    paths: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    at_least: Annotated[int, Field(ge=1)] = 3


class DocumentProject(Frozen):
    """The documents of these paths are those of a project of its own."""

    project: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    paths: tuple[str, ...]


class DocumentsSettings(Frozen):
    """How documents are sorted: of each list the first entry that applies. ``alike``: from there on, two documents are one."""

    leave: tuple[str, ...] = ()
    projects: tuple[DocumentProject, ...] = ()
    kinds: tuple[DocumentRule, ...] = ()
    alike: Annotated[float, Field(gt=0, le=1)] = 0.9


class QualityThresholds(Frozen):
    """From so many points of risk a change waits for a person, or is refused. More than 100: never."""

    review_at: Annotated[int, Field(ge=1, le=101)] = 60
    refuse_at: Annotated[int, Field(ge=1, le=101)] = 90


class QualitySettings(QualityThresholds):
    """``by_category``: other thresholds for phases of a ``task_category``.

    A ``major`` issue may not land in a phase of ``high_risk_categories``: the category is called so, begins so, or has it as a word.
    """

    by_category: dict[str, QualityThresholds] = Field(default_factory=dict)
    high_risk_categories: tuple[str, ...] = (
        *("security_auth_change", "external_feature_reuse", "schema_contract_change"),
        *("security", "auth", "authentication", "authorization", "crypto", "secrets", "permissions", "privacy"),
        *("payments", "payment", "billing", "migration", "migrations", "database", "schema", "infrastructure", "deployment"),
    )

    def of(self, task_category: str) -> QualityThresholds:
        return self.by_category.get(task_category, self)


class Notify(Frozen):
    """A command that is told, as JSON on stdin, when something happens that a person may want to know of."""

    command: tuple[str, ...] = ()
    on: tuple[Literal["held", "failed", "blocked", "stopped", "complete"], ...] = ("held", "failed", "blocked", "stopped", "complete")


class Settings(Frozen):
    """Everything a start is governed by, besides the plan and the flags of the moment.

    ``sandbox_read`` are further paths that commands may read in the sandbox.
    """

    models: ModelsSettings = ModelsSettings()
    git: GitSettings = GitSettings()
    workspace: WorkspaceSettings = WorkspaceSettings()
    checks: CheckLimits = CheckLimits()
    context: ContextSettings = ContextSettings()
    explore: ExploreSettings = ExploreSettings()
    memory: MemorySettings = MemorySettings()
    documents: DocumentsSettings = DocumentsSettings()
    quality: QualitySettings = QualitySettings()
    notify: Notify = Notify()
    sandbox: Literal["auto", "required", "off"] = "auto"
    sandbox_read: tuple[str, ...] = ()
    max_usd: Annotated[float, Field(gt=0)] | None = None
    max_tokens: Annotated[int, Field(gt=0)] | None = None
    max_hours: Annotated[float, Field(gt=0)] | None = None
    max_usd_per_day: Annotated[float, Field(gt=0)] | None = None
    max_tokens_per_day: Annotated[int, Field(gt=0)] | None = None
    max_usd_per_call: Annotated[float, Field(gt=0)] | None = None
    max_tokens_per_call: Annotated[int, Field(gt=0)] | None = None
    max_wait_hours: Annotated[float, Field(ge=0)] = 8

    def context_tokens(self, complexity: Complexity) -> int:
        """What a builder is shown of a phase, at most."""
        return min(self.context.max_tokens, self.models.token_soft_caps.of(complexity))


class ApiKey(Frozen):
    """A key and where it came from; its value never leaves through repr or JSON."""

    provider: str
    variable: str
    value: SecretStr
    source: str

    @property
    def last_four(self) -> str:
        return self.value.get_secret_value()[-4:]


class ProviderAccess(Frozen):
    """What the environment adds to the configuration, by the provider's name: base URLs, and headers with their values."""

    base_urls: dict[str, str] = Field(default_factory=dict)
    headers: dict[str, dict[str, str]] = Field(default_factory=dict)


class Origin(Frozen):
    """Where one effective value came from, for ``config show``."""

    key: str
    value: str
    source: str
