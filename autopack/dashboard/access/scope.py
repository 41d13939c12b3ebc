"""What a caller may do, and who it is."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """``steer`` may also do what ``read`` may."""

    READ = "read"
    STEER = "steer"

    def covers(self, needed: "Scope") -> bool:
        return self is Scope.STEER or needed is Scope.READ


@dataclass(frozen=True)
class Caller:
    """Whose token it is. ``expires`` in UTC epoch seconds; ``session`` is what a browser's verbs have to repeat, None for a program.

    ``kid`` is the key that a judged token was signed by.
    """

    subject: str
    scope: Scope
    token_id: str
    expires: float
    session: str | None = None
    kid: str = ""

    @property
    def name(self) -> str:
        """As events name a person."""
        return f"{self.subject} ({'browser' if self.session else 'token'} {self.token_id[:8]})"
