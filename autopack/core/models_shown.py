"""Who is asked for what, and what the models are like: the single source of the JSON of ``autopack models``."""

from autopack.core.model import Frozen


class RoleShown(Frozen):
    """A role's chain in order; ``asked_first`` is None where no provider of it has a key."""

    role: str
    complexity: str | None
    asked_first: str | None
    chain: tuple[str, ...]


class EscalationShown(Frozen):
    """The next model of a role, ``after`` so many failed attempts; for the doctor: calls."""

    model: str
    after: int


class RoutingShown(Frozen):
    """``category`` is None for every one without a policy of its own; ``stands_in``: when a provider fails."""

    role: str
    complexity: str
    category: str | None
    asked_first: str | None
    second_auditor: str | None
    escalates: tuple[EscalationShown, ...]
    stands_in: tuple[str, ...]


class PriceShown(Frozen):
    """US dollars for a million tokens."""

    input: float
    output: float


class ModelShown(Frozen):
    """``usd_per_mtok`` is None where no price is known."""

    model: str
    aliases: tuple[str, ...]
    context: int
    max_output: int
    usd_per_mtok: PriceShown | None
    has_key: bool


class AssignedModel(Frozen):
    """Who is asked first. ``scope``: ``global``, or the run and phase for which a person chose the model, as ``RUN/PHASE``."""

    role: str
    category: str | None
    complexity: str | None
    model: str | None
    scope: str


class ModelsShown(Frozen):
    """``assigned`` has a line for each role, category and tier, and for each phase that is to have another builder."""

    roles: tuple[RoleShown, ...]
    routing: tuple[RoutingShown, ...]
    models: tuple[ModelShown, ...]
    assigned: tuple[AssignedModel, ...]
