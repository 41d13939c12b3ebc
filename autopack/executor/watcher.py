"""Who follows a run."""

from collections.abc import Callable
from dataclasses import dataclass

from autopack.core.events import Event


@dataclass(frozen=True)
class Watcher:
    """``observe`` is told every event as it happens, ``say`` sentences that belong to none."""

    observe: Callable[[Event], None]
    say: Callable[[str], None]
