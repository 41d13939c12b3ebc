"""What goes between a run and its worker, pickled: both are this program, and nobody else has an end of the pipes."""

from collections.abc import Mapping
from dataclasses import dataclass

from autopack.core.settings import Timeouts
from autopack.llm.providers.connection import Connection
from autopack.llm.wire import ApiName, FailureDetails, Json, WireFailure, WireKind


@dataclass(frozen=True)
class Prepare:
    sdk: str


@dataclass(frozen=True)
class Connect:
    id: int
    to: Connection
    timeouts: Timeouts


@dataclass(frozen=True)
class Call:
    """``line`` is the id of what was connected."""

    id: int
    line: int
    api: ApiName
    body: Json
    headers: Mapping[str, str]


@dataclass(frozen=True)
class CutOff:
    """Answered as soon as it is heard."""

    id: int
    call: int


Request = Prepare | Connect | Call | CutOff


@dataclass(frozen=True)
class Connected:
    """Done, for what is asked beside calls."""

    id: int


@dataclass(frozen=True)
class Progressed:
    id: int
    bytes_received: int = 0
    characters: int = 0
    is_complete: bool = False


@dataclass(frozen=True)
class Message:
    """A reply's complete message as it came, and the vendor's id of the request."""

    id: int
    final: Json
    request_id: str | None


@dataclass(frozen=True)
class Failed:
    id: int
    kind: WireKind
    message: str
    is_definite: bool
    details: FailureDetails

    @property
    def failure(self) -> WireFailure:
        return WireFailure(self.kind, self.message, is_definite=self.is_definite, details=self.details)


@dataclass(frozen=True)
class Broken:
    """Something nobody foresaw; ``trace`` says where."""

    id: int
    trace: str


Answer = Connected | Progressed | Message | Failed | Broken
