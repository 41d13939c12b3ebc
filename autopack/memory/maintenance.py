"""How long and how much is remembered: what is older than its collection's days, too much of it, or of another model, is forgotten."""

from typing import Final

from autopack.core.memory import Collection
from autopack.core.memory_settings import MemorySettings
from autopack.store.database import Database
from autopack.store.memory import filled, prune
from autopack.store.memory_vectors import drop_other_models

MOST: Final[dict[Collection, int]] = {
    Collection.CODE_DOCS: 200_000,
    Collection.RUN_SUMMARIES: 5_000,
    Collection.ERRORS_CI: 5_000,
    Collection.DOCTOR_HINTS: 1_000,
    Collection.PLANNING: 1_000,
}
"""Entries of one collection of a project; the oldest leave first."""

_DAY_S: Final = 86_400


def oldest_kept(settings: MemorySettings, collection: Collection, now: float) -> float:
    """UTC epoch seconds; code is not forgotten by age, it follows the files."""
    days = settings.ttl_days.of(collection)
    return now - days * _DAY_S if days is not None else 0.0


def forget_old(database: Database, project: str, settings: MemorySettings, now: float) -> dict[Collection, int]:
    """How many entries of each collection were forgotten."""
    kept = filled(database, project)
    if not kept:
        return {}
    with database.note() as session:
        connection = session.connection()
        return {one: prune(connection, project, one, oldest_kept(settings, one, now), MOST[one]) for one in kept}


def forget_other_models(database: Database, project: str, model: str) -> int:
    """How many vectors of other models than ``model`` were forgotten."""
    with database.note() as session:
        return drop_other_models(session.connection(), project, model)
