"""Exit codes of ``run``, ``resume`` and ``status``; one meaning each."""

from enum import IntEnum


class ExitCode(IntEnum):
    COMPLETE = 0
    FAILED = 1
    USAGE = 2
    INVALID_INPUT = 3
    HELD = 4
    STOPPED = 5
    NO_PROVIDER = 6
    ENVIRONMENT = 7
    LOCKED = 8
    RUNNING = 9
    DEFECT = 70
    INTERRUPTED = 130
    TERMINATED = 143
