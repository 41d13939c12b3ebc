"""A result that is needed later, begun now beside something else."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(run: Callable[[], T]) -> Future[T]:
    """Runs in a thread of its own. What it raises is raised by ``result``, and lost where nobody asks for that."""
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="autopack-ahead")
    future = pool.submit(run)
    pool.shutdown(wait=False)
    return future
