"""Declares what belongs to one command: what is run, who watches it, how it ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from autopack.core.plan import Command
from autopack.core.settings import CheckLimits


@dataclass(frozen=True)
class CommandSpec:
    """A command as it is started.

    ``environment`` is the whole environment; its ``AUTOPACK_OUT`` marks the processes of this very command. ``prefix`` is put
    before the argument list: bubblewrap's own words, to which the directory and their end are added.
    """

    command: Command
    cwd: Path
    environment: Mapping[str, str]
    timeout_s: float
    idle_timeout_s: float | None = None
    limits: CheckLimits = field(default_factory=CheckLimits)
    prefix: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        return shown(self.command)


@dataclass(frozen=True)
class Child:
    """A started process, named so that a later start can tell it from another process with the same number."""

    pid: int
    started: float
    boot_id: str


@dataclass(frozen=True)
class Watch:
    """Who watches. ``stop`` is called a few times a second, and ends the command when it returns True (or raises)."""

    stop: Callable[[], bool] = lambda: False
    on_start: Callable[[Child], None] = lambda _: None
    on_end: Callable[[Child], None] = lambda _: None
    on_output: Callable[[bytes], None] = lambda _: None


class EndKind(StrEnum):
    EXITED = "exited"
    SIGNALLED = "signalled"
    TIMEOUT = "timeout"
    IDLE = "idle"
    OUTPUT_LIMIT = "output_limit"
    MEMORY_LIMIT = "memory_limit"
    PROCESS_LIMIT = "process_limit"
    STOPPED = "stopped"
    NOT_STARTED = "not_started"


@dataclass(frozen=True)
class CommandEnd:
    """``output`` is head and tail of stdout and stderr together. ``exit_code`` is None unless the command exited by itself.

    ``detail`` is a sentence where there is more to say than the exit code; ``left_behind`` counts processes that outlived
    the command and were ended.
    """

    kind: EndKind
    exit_code: int | None
    duration_s: float
    output: str = ""
    output_bytes: int = 0
    detail: str = ""
    left_behind: int = 0


def shown(command: Command) -> str:
    """The command on one line, an argument list quoted as a shell would want it."""
    import shlex

    return command if isinstance(command, str) else shlex.join(command)
