"""Vectors for a command that belongs to no run: what it buys stands in the journal under an address of its own."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from autopack.core.budget import Caps
from autopack.core.call import Asking, Role
from autopack.core.clock import Clock
from autopack.core.redaction import Redactor
from autopack.executor.caps import of_configuration
from autopack.executor.project_state import ProjectState
from autopack.executor.spending import journal_of
from autopack.executor.start.run_inputs import access_of
from autopack.llm.calls.options import AskOptions
from autopack.llm.calls.routing import Route
from autopack.llm.service import LlmService, Surroundings
from autopack.memory.bought_vectors import BoughtVectors
from autopack.memory.embeddings import Source
from autopack.memory.vector_maker import VectorMaker
from autopack.memory.vectors import Vectors
from autopack.settings.keys import find_keys


@contextmanager
def project_vectors(project: ProjectState, clock: Clock, redactor: Redactor) -> Iterator[tuple[Source, Vectors | None]]:
    """Where vectors come from, and what makes them; nothing is loaded or bought before a text comes."""
    settings = project.effective.settings
    keys = find_keys(settings, project.environment, project.repository.top)
    maker = VectorMaker.of(settings, keys, project.environment)
    surroundings = Surroundings(clock, random.Random().random, redactor)  # noqa: S311 - spreads retries
    llm = LlmService(journal_of(project, settings, clock), settings.models, access_of(settings, project.environment), surroundings)
    usd = Decimal(str(settings.max_usd)) if settings.max_usd is not None else None
    of_run = {"run_usd": usd, "run_tokens": settings.max_tokens, "run_usd_by": "configuration", "run_tokens_by": "configuration"}
    caps = Caps(**of_run, **of_configuration(settings))
    asking = Asking(run=f"-memory-{clock.now():.0f}", phase="-", attempt=1, role=Role.EMBEDDER)

    def buy(route: Route) -> BoughtVectors:
        return BoughtVectors(llm, asking, AskOptions(chain=(route,), caps=caps))

    try:
        yield maker.source, maker.vectors(buy)
    finally:
        llm.close()
        maker.close()
