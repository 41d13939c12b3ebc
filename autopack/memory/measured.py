"""What was measured of embedding models: from which cosine on two texts are alike. docs/memory.md says how. Others only order."""

from typing import Final, NamedTuple


class Measured(NamedTuple):
    """``name`` for people; ``task`` and ``failure`` are bars of a recollection, ``drift`` is the line between right and wrong goals."""

    name: str
    task: float
    failure: float
    drift: float


MEASURED: Final[dict[str, Measured]] = {
    "local/53aa51172d14": Measured("all-MiniLM-L6-v2", task=0.65, failure=0.7, drift=0.24),
}
"""By the name of the model, which a local one has of its weights."""


def name_of(model: str) -> str:
    """For people."""
    return f"{MEASURED[model].name} ({model})" if model in MEASURED else model
