"""A result that is needed later, begun now beside something else."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(run: Callable[[], T]) -> Future[T]:
    """Runs in a thread of its own, which the end of the process waits for. What it raises is raised by ``result``."""
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="autopack-ahead")
    try:
        return pool.submit(run)
    finally:
        pool.shutdown(wait=False)
