"""One line of a run's log, as it is stored, printed by ``run --json`` and shown live."""

from typing import Any

from pydantic import Field

from autopack.core.model import Frozen


class Event(Frozen):
    """``time`` is UTC epoch seconds; ``data`` holds JSON values only."""

    run_id: str
    event: str
    time: float
    phase: str | None = None
    attempt: int | None = None
    data: dict[str, Any] = Field(default_factory=dict)

    def line(self) -> dict[str, Any]:
        """The object that ``run --json`` prints."""
        from datetime import UTC, datetime

        stamp = datetime.fromtimestamp(self.time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        head = {"schema": 1, "time": stamp, "run_id": self.run_id, "phase": self.phase, "attempt": self.attempt, "event": self.event}
        return {**self.data, **head}
