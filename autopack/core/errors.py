"""What can go wrong in front of a user, each with the exit code that scripts rely on."""

import errno
from typing import TYPE_CHECKING, Final

from autopack.core.exit_code import ExitCode

if TYPE_CHECKING:
    from autopack.core.failure import FailureKind


SICK_DISK: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS})
"""Errors of the system that are the machine's, wherever they befall Autopack: a full, failing or read-only disk."""


class UserError(Exception):
    """One sentence for the person at the terminal: what, where, what to do."""

    exit_code = ExitCode.USAGE

    def __init__(self, message: str, *, next_command: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.next_command = next_command


class UsageError(UserError):
    """The command's words are off."""


class UnknownNameError(UsageError):
    """There is no run, phase or file of that name; ``near`` is the one that was meant, where one is alike."""

    def __init__(self, message: str, near: str | None, *, next_command: str | None = None) -> None:
        super().__init__(f"{message} Did you mean '{near}'?" if near else message, next_command=next_command)
        self.near = near


class ChangedMeanwhileError(UserError):
    """What a person looked at is no longer so; nothing was done."""


class InvalidInputError(UserError):
    """A plan or a configuration file cannot be used; ``problems`` holds a sentence each."""

    exit_code = ExitCode.INVALID_INPUT

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__("\n".join((message, *problems)))
        self.problems = problems


class EnvironmentBlockedError(UserError):
    """The machine or the repository cannot be worked on."""

    exit_code = ExitCode.ENVIRONMENT


class ProviderBlockedError(UserError):
    """No provider can answer: keys, quota, outage."""

    exit_code = ExitCode.NO_PROVIDER


class LockedError(UserError):
    """Another process owns the run."""

    exit_code = ExitCode.LOCKED


class BudgetSpentError(UserError):
    """The next call does not fit under a cap; nothing was sent.

    ``reason`` is one of ``usd``, ``tokens``, ``hours``, ``health``; ``cap_by`` says who set the cap, a ``core.budget.Setter``.
    """

    exit_code = ExitCode.STOPPED

    def __init__(self, reason: str, message: str, cap_by: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.cap_by = cap_by


class ScopeGranted(Exception):  # noqa: N818 - an outcome of the straight line, caught in one place
    """A blocked builder is given the paths that it asked for: the attempt ends, and the next one has them in scope."""

    def __init__(self, paths: tuple[str, ...]) -> None:
        super().__init__(f"The scope now holds {', '.join(paths)} too.")
        self.paths = paths


class StopRequested(Exception):  # noqa: N818 - a person's wish, not an error
    """The run was asked to stop; everything done so far is recorded. ``signal_number`` is 0 for ``autopack stop``."""

    def __init__(self, signal_number: int = 0) -> None:
        super().__init__(f"stop requested (signal {signal_number})")
        self.signal_number = signal_number


class RunRolledBack(Exception):  # noqa: N818 - an outcome: what a doctor asked for and the user allows
    """What the run had landed was taken back, and its failed phase was given up; a person decides how to go on."""


class AttemptFailed(Exception):  # noqa: N818 - an outcome of the straight line, caught in one place
    """An attempt ended without a commit.

    Args:
        kind: the row of ``core.failure`` that says what follows.
        message: one sentence for the person and for the next attempt.
        evidence: what the next attempt is shown with it, bounded: the refused lines, the failing output, the issues.
    """

    def __init__(self, kind: "FailureKind", message: str, evidence: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.evidence = evidence
