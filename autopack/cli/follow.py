"""Following a run that another process works on: what is new is printed until nobody works on it any more."""

from collections.abc import Callable

from autopack.core.clock import Clock
from autopack.executor.lock import is_alive
from autopack.executor.place import Place

LOOK_S = 0.5
_LOOKS_PER_QUESTION = 4


def follow(place: Place, run_id: str, clock: Clock, print_news: Callable[[], None]) -> None:
    """Prints what is new until the run has no owner, then once more.

    The lock is asked seldom: a question holds it for an instant, in which a start of the run would find it taken.
    """
    while is_alive(place.locks, run_id):
        for _ in range(_LOOKS_PER_QUESTION):
            print_news()
            clock.sleep(LOOK_S)
    print_news()
