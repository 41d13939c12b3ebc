"""What an earlier start of a run left when it died: its commands are ended, and the folders they wrote into removed."""

from contextlib import suppress
from pathlib import Path

from autopack.checks.command import Child
from autopack.checks.leftovers import end_leftovers, end_process
from autopack.core.clock import Clock
from autopack.core.events import Event, EventName
from autopack.executor.place import Place
from autopack.store.owners import Owners
from autopack.worktree.removing import remove_tree


def take_over(place: Place, run_id: str, out: Path, clock: Clock, *, grace_s: float) -> None:
    """``out`` is where the run's commands write. Only for who holds the run's lock."""
    owners = Owners(place.database, run_id, clock.now)
    left = owners.children()
    ended = sum(end_process(Child(row.pid, row.started, row.boot_id), grace_s=grace_s) for row in left)
    ended += end_leftovers(out, grace_s=grace_s)  # also one whose owner died before it could journal it
    with suppress(OSError):
        remove_tree(out)
    for row in left:
        owners.ended(row.pid)
    if ended:
        message = f"{ended} processes that an earlier start had left were ended"
        place.events.tell(Event(run_id=run_id, event=EventName.LEFTOVERS_ENDED, time=clock.now(), data={"message": message}))
