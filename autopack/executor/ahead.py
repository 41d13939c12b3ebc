"""A result that is needed later, begun now beside something else."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def ahead(run: Callable[[], T]) -> Future[T]:
    """Runs in a thread of its own, which no end of the process waits for. What it raises is raised by ``result``."""
    future: Future[T] = Future()

    def work() -> None:
        try:
            future.set_result(run())
        except BaseException as error:  # noqa: BLE001 - carried into the thread that asks for the result
            future.set_exception(error)

    threading.Thread(target=work, name="autopack-ahead", daemon=True).start()
    return future
