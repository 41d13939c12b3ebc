"""The effective settings of one start, as every room reads them. ``settings`` merges them from files, environment and flags."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from autopack.core.exploring import ExploreMode
from autopack.core.memory_settings import MemorySettings
from autopack.core.model import Frozen
from autopack.core.models_settings import Complexity, ModelsSettings, Seconds

DocumentKind = Literal["debug", "build", "strategy", "reference"]


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
    """``max_tokens`` bounds what the builder is shown (tokens as its model counts them), whatever ``token_soft_caps`` say."""

    max_tokens: Annotated[int, Field(ge=1000)] = 150_000


class ExploreSettings(Frozen):
    """Whether builder and auditor look for themselves, and how far: rounds of calls, and of each its characters and seconds."""

    mode: ExploreMode = "auto"
    max_rounds: Annotated[int, Field(ge=0, le=100)] = 12
    auditor_rounds: Annotated[int, Field(ge=0, le=100)] = 4
    characters: Annotated[int, Field(ge=1000)] = 24_000
    seconds: Seconds = 120


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
