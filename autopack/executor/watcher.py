"""What is told of a run to whoever follows it."""

from collections.abc import Callable
from dataclasses import dataclass

from autopack.core.events import Event
from autopack.executor.options import RunEnd


@dataclass(frozen=True)
class Watcher:
    """``observe`` is told every event as it happens, ``say`` sentences that belong to none.

    ``finish`` is told how the start left the run, whatever ended it. ``is_unread``: the events are data whose reader went away.
    """

    observe: Callable[[Event], None]
    say: Callable[[str], None]
    finish: Callable[[RunEnd], None]
    is_unread: Callable[[], bool] = lambda: False
