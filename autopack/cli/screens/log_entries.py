"""Holds what is new in a log, in words and as the object that ``--json`` prints."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rich.text import Text


@dataclass(frozen=True)
class LogEntry:
    """Makes ``lines`` or ``record`` only when asked: one of them is printed."""

    lines: Callable[[], Iterator[Text]]
    record: Callable[[], dict[str, Any]]


Source = Callable[[], Iterator[LogEntry]]
"""Each call gives what came since the call before."""
