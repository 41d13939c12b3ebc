"""What a look at the machine found before a run: the single source of the JSON of ``autopack doctor``."""

from enum import StrEnum
from typing import Literal

from autopack.core.errors import UserError
from autopack.core.exit_code import ExitCode
from autopack.core.model import Frozen


class FindingStatus(StrEnum):
    OK = "ok"
    WARNING = "warning"
    STOPS = "stops"


Check = Literal["git", "configuration", "plan", "sandbox", "disk", "keys", "models", "runs", "online"]


class Finding(Frozen):
    """``do`` says what to do about it; ``exit_code`` is that of a run which it would stop, else 0."""

    check: Check
    status: FindingStatus
    message: str
    do: str | None = None
    exit_code: int = 0

    @classmethod
    def of(cls, check: Check, message: str, do: str | None = None) -> "Finding":
        """Fine, or, with something to do, a warning."""
        return cls(check=check, status=FindingStatus.WARNING if do else FindingStatus.OK, message=message, do=do)

    @classmethod
    def stopping(cls, check: Check, error: UserError, do: str | None = None) -> "Finding":
        """What would stop a run with that error."""
        do = do or error.next_command
        return cls(check=check, status=FindingStatus.STOPS, message=error.message, do=do, exit_code=int(error.exit_code))


class Readiness(Frozen):
    """In the order in which a start of a run looks."""

    findings: tuple[Finding, ...]

    @property
    def exit_code(self) -> int:
        """That of the first finding that would stop a run."""
        return next((one.exit_code for one in self.findings if one.status is FindingStatus.STOPS), int(ExitCode.COMPLETE))
