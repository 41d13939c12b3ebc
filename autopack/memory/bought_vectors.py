"""Vectors of a provider: each batch is a call of the run like any other, journaled under its address and held under every cap."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from autopack.core.call import Asking
from autopack.core.errors import ProviderBlockedError
from autopack.llm.calls.options import AskOptions
from autopack.llm.service import LlmService
from autopack.memory.embeddings import EmbeddingsUnavailableError, Vector, unit

_TEXTS: Final = 64
_CHARACTERS: Final = 200_000


@dataclass(frozen=True)
class BoughtVectors:
    """``options.chain`` is the one route of the model."""

    llm: LlmService
    asking: Asking
    options: AskOptions

    @property
    def model(self) -> str:
        return self.options.chain[0].name

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """Raises as ``LlmService.ask`` where a cap is met; an outage is EmbeddingsUnavailableError."""
        try:
            return [unit(one) for batch in _batches(texts) for one in self.llm.embed(self.asking, batch, self.options)]
        except ProviderBlockedError as error:
            raise EmbeddingsUnavailableError(str(error).rstrip(".")) from error


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for text in texts:
        if batch and (len(batch) == _TEXTS or sum(map(len, batch)) + len(text) > _CHARACTERS):
            yield batch
            batch = []
        batch.append(text)
    if batch:
        yield batch
