"""The vectors of an attempt: a local model's, or a provider's, whose calls belong to the attempt. None in a replay."""

from autopack.core.call import Role
from autopack.core.plan import PhaseSpec
from autopack.executor.attempt.ask import options_of
from autopack.executor.run_context import RunContext
from autopack.llm.calls.routing import Route
from autopack.memory.bought_vectors import BoughtVectors
from autopack.memory.vectors import Vectors
from autopack.store.attempts import AttemptKey


def vectors_of_attempt(ctx: RunContext, phase: PhaseSpec, key: AttemptKey) -> Vectors | None:
    if ctx.replay is not None:
        return None

    def buy(route: Route) -> BoughtVectors:
        return BoughtVectors(ctx.llm, ctx.asking(key, Role.EMBEDDER), options_of(ctx, phase, key, Role.EMBEDDER, (route,)))

    return ctx.vector_maker.vectors(buy)
