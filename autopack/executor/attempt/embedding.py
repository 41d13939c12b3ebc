"""The vectors of an attempt: a local model's, or a provider's, whose calls belong to the attempt. None in a replay."""

from autopack.core.call import Role
from autopack.core.plan import PhaseSpec
from autopack.executor.attempt.ask import options_of
from autopack.executor.run_context import ModelAccess, RunLog, State
from autopack.llm.calls.routing import Route
from autopack.memory.bought_vectors import BoughtVectors
from autopack.memory.vectors import Vectors
from autopack.store.attempts import AttemptKey


def vectors_of_attempt(state: State, log: RunLog, models: ModelAccess, phase: PhaseSpec, key: AttemptKey) -> Vectors | None:
    if models.replay is not None:
        return None

    def buy(route: Route) -> BoughtVectors:
        asking = key.asking(Role.EMBEDDER)
        return BoughtVectors(models.llm, asking, options_of(state, log, asking, (route,), models.caps_of(phase)))

    return models.vector_maker.vectors(buy)
