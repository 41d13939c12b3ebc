"""Whether a change serves what the plan asks for, as far as their texts tell: the nearer of goal and task, on the scale of the model."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from autopack.core.goal_drift import DRIFT_LINE, Drift
from autopack.core.memory_settings import GoalDriftSettings
from autopack.memory.embeddings import Source, cosine
from autopack.memory.measured import MEASURED
from autopack.memory.vectors import Vectors

_LINES_CHARACTERS: Final = 4_000


def drift_of(asked: Iterable[str], change: str, vectors: Vectors, settings: GoalDriftSettings) -> Drift | None:
    """``asked`` are the texts that the change may serve. None for a model whose line nobody knows.

    Raises EmbeddingsUnavailableError, and what ends a run where vectors are bought.
    """
    if not _is_line_known(vectors.model, settings):
        return None
    texts = [text[: vectors.max_chars] for text in (change, *asked)]
    made, *others = vectors.embedder.embed(texts)
    nearest = max(cosine(made, other) for other in others)
    alike = round(scaled(nearest, vectors.model), 2)
    return Drift(alike=alike, threshold=settings.threshold, model=vectors.model, mode=settings.mode)


def change_text(summary: str, before: Mapping[str, str | None], after: Mapping[str, str | None]) -> str:
    """The builder's summary, the paths, and the lines that left and came."""
    lines = "\n".join(_changed_lines(before, after))
    return f"{summary.strip()}\n{' '.join(after)}\n{lines[:_LINES_CHARACTERS]}"


def scaled(cosine_found: float, model: str) -> float:
    """From 0 to 1. A measured model's line comes to ``DRIFT_LINE``; a cosine of any other stays as it is."""
    found = min(1.0, max(0.0, cosine_found))
    line = MEASURED[model].drift if model in MEASURED else DRIFT_LINE
    return found / line * DRIFT_LINE if found < line else DRIFT_LINE + (found - line) / (1 - line) * (1 - DRIFT_LINE)


def why_unjudged(source: Source, settings: GoalDriftSettings) -> str | None:
    """A sentence where goal drift is wanted and cannot be judged."""
    if not settings.enabled:
        return None
    if not source.is_there:
        return f"Goal drift is not judged, it is unavailable: {source.why}."
    if source.route is not None and not _is_line_known(source.route.name, settings):
        return f"Goal drift is not judged, it is unavailable: no line was measured for {source.route.name}; set goal_drift.threshold."
    return None


def _is_line_known(model: str, settings: GoalDriftSettings) -> bool:
    """A threshold other than the shipped one is a person's word about the model's cosines."""
    return model in MEASURED or settings.threshold != DRIFT_LINE


def _changed_lines(before: Mapping[str, str | None], after: Mapping[str, str | None]) -> Iterator[str]:
    for path, text in after.items():
        old, new = (before.get(path) or "").splitlines(), (text or "").splitlines()
        came, stayed = set(new), set(old)
        yield from (f"-{line}" for line in old if line not in came)
        yield from (f"+{line}" for line in new if line not in stayed)
