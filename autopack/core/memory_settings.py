"""What ``memory.yaml`` says: what is remembered, for how long, and how it is found again."""

from typing import Annotated, Literal

from pydantic import Field

from autopack.core.goal_drift import DRIFT_LINE
from autopack.core.memory import Collection
from autopack.core.model import Frozen

Days = Annotated[float, Field(gt=0)]


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
