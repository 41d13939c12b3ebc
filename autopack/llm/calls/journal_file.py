"""The exported journal: JSON lines that hold every reply of a run, to be replayed without a network.

The first line is ``{"journal": 1, "plan_sha256": ..., "base_tree": ...}``. Each further line is a call, the files that a phase's
derive steps made, what an attempt was reminded of or looked at, what a doctor's commands changed, or what was decided over a failed one.
A journal may be written by hand: all but ``phase``, ``attempt``, ``role`` and ``reply.text`` of a call can be left out.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

from pydantic import Base64Bytes, BeforeValidator, ValidationError

from autopack.core.call import Role, StopReason, ToolCall, Usage
from autopack.core.errors import InvalidInputError
from autopack.core.exploring import Explored
from autopack.core.failure import FailureKind
from autopack.core.goal_drift import Drift
from autopack.core.memory import Recalled
from autopack.core.model import Frozen
from autopack.core.redaction import Redactor
from autopack.core.remedy import Decided
from autopack.core.rules import Ruling
from autopack.core.token_count import CHARACTERS_PER_TOKEN
from autopack.core.visible import escaped
from autopack.store.call_records import CallRecord
from autopack.store.calls import CallJournal
from autopack.store.compressed import read_plain

_VERSION: Final = 1
_UNNAMED: Final = "journal"


class JournalHeader(Frozen):
    """``characters_per_token``: by which the run fitted what it showed. ``note`` tells people where a journal comes from."""

    journal: int = _VERSION
    plan_sha256: str | None = None
    base_tree: str | None = None
    characters_per_token: float = CHARACTERS_PER_TOKEN
    note: str | None = None


class JournalReply(Frozen):
    """``received_at`` dates the commits that are made from the reply."""

    text: str
    calls: tuple[ToolCall, ...] = ()
    stop: StopReason = StopReason.END
    usage: Usage = Usage()
    provider: str = _UNNAMED
    requested_model: str = _UNNAMED
    answering_model: str = _UNNAMED
    request_id: str | None = None
    usd: Decimal | None = None
    received_at: float | None = None


class JournalCall(Frozen):
    """``request``, which an archive keeps for people, is read over: what is asked is rendered anew."""

    phase: str
    attempt: int
    role: Role
    ordinal: int | None = None
    request_sha256: str | None = None
    request: Annotated[None, BeforeValidator(lambda _: None)] = None
    reply: JournalReply


class JournalFile(Frozen):
    """A file that a tool made; ``content`` is None where it deleted one."""

    path: str
    mode: str = "100644"
    content: Base64Bytes | None = None
    deleted: bool = False


class JournalDerived(Frozen):
    phase: str
    attempt: int
    derived: tuple[JournalFile, ...]


class JournalRecalled(Frozen):
    phase: str
    attempt: int
    recalled: tuple[Recalled, ...]


class JournalRuled(Frozen):
    """The rules that an attempt was shown anew."""

    phase: str
    attempt: int
    ruled: Ruling


class JournalFixed(Frozen):
    """What the commands of a doctor changed after an attempt, so that a replay runs none; or why nothing was kept of them."""

    phase: str
    attempt: int
    fixed: tuple[JournalFile, ...]
    failure: FailureKind | None = None
    why: str = ""


class JournalExplored(Frozen):
    """What a role looked at in an attempt: the results of its calls, so that none is made again."""

    phase: str
    attempt: int
    role: Role
    explored: Explored


class JournalDrift(Frozen):
    """How far the change of an attempt was from the goal."""

    phase: str
    attempt: int
    drift: Drift


class JournalDecided(Frozen):
    """What was decided over the failure of an attempt, in order."""

    phase: str
    attempt: int
    decided: tuple[Decided, ...]


JournalOther = JournalDerived | JournalRecalled | JournalRuled | JournalDrift | JournalExplored | JournalFixed | JournalDecided
JournalLine = JournalCall | JournalOther


class ReplayJournal:
    """A journal that was read: replies by (phase, attempt, role, which question), the rest by (phase, attempt)."""

    def __init__(self, name: str, header: JournalHeader, lines: Sequence[JournalLine]) -> None:
        self.name = name
        self.header = header
        self._calls: dict[tuple[str, int, Role], list[JournalCall]] = {}
        for call in lines:
            if isinstance(call, JournalCall):
                self._calls.setdefault((call.phase, call.attempt, call.role), []).append(call)
        for calls in self._calls.values():
            calls.sort(key=lambda call: call.ordinal or 0)
        self._derived = {(line.phase, line.attempt): line.derived for line in lines if isinstance(line, JournalDerived)}
        self._recalled = {(line.phase, line.attempt): line.recalled for line in lines if isinstance(line, JournalRecalled)}
        self._ruled = {(line.phase, line.attempt): line.ruled for line in lines if isinstance(line, JournalRuled)}
        self._fixed = {(line.phase, line.attempt): line for line in lines if isinstance(line, JournalFixed)}
        self._explored = {(line.phase, line.attempt, line.role): line.explored for line in lines if isinstance(line, JournalExplored)}
        self._drift = {(line.phase, line.attempt): line.drift for line in lines if isinstance(line, JournalDrift)}
        self._decided = {(line.phase, line.attempt): line.decided for line in lines if isinstance(line, JournalDecided)}

    @classmethod
    def read(cls, path: Path) -> "ReplayJournal":
        """The file may be compressed. Raises InvalidInputError, which names the line, where it is no journal."""
        try:
            text = read_plain(path).decode("utf-8")
            lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInputError(f"{path}: the journal cannot be read: {error}.") from error
        if not lines:
            raise InvalidInputError(f"{path}: the journal is empty; export one with `autopack journal export`.")
        header = _header(path, *lines[0])
        return cls(str(path), header, [_line(path, number, line) for number, line in lines[1:]])

    def call(self, phase: str, attempt: int, role: Role, question: int) -> JournalCall | None:
        """The ``question``-th reply (from 1) of that role in that attempt."""
        lines = self._calls.get((phase, attempt, role), [])
        return lines[question - 1] if 1 <= question <= len(lines) else None

    def derived(self, phase: str, attempt: int) -> tuple[JournalFile, ...] | None:
        """What the derive steps made in that attempt; None where the journal does not say."""
        return self._derived.get((phase, attempt))

    def recalled(self, phase: str, attempt: int) -> tuple[Recalled, ...]:
        """What that attempt was reminded of."""
        return self._recalled.get((phase, attempt), ())

    def ruled(self, phase: str, attempt: int) -> Ruling:
        """The rules that that attempt was shown anew."""
        return self._ruled.get((phase, attempt), Ruling())

    def fixed(self, phase: str, attempt: int) -> JournalFixed | None:
        """What came of a doctor's commands after that attempt; None where the journal does not say."""
        return self._fixed.get((phase, attempt))

    def explored(self, phase: str, attempt: int, role: Role) -> Explored | None:
        """What that role looked at in that attempt; None where the journal does not say."""
        return self._explored.get((phase, attempt, role))

    def drift(self, phase: str, attempt: int) -> Drift | None:
        """How far that attempt's change was from the goal; None where the journal does not say."""
        return self._drift.get((phase, attempt))

    def decided(self, phase: str, attempt: int) -> tuple[Decided, ...]:
        """What was decided over the failure of that attempt, in order; nothing where the journal does not say."""
        return self._decided.get((phase, attempt), ())


class Exporting(NamedTuple):
    """Whose calls, and whether each tells what was asked; without that a journal is enough for a replay."""

    run: str
    redactor: Redactor
    has_requests: bool = False


def export(journal: CallJournal, asked: Exporting, header: JournalHeader, others: Iterable[JournalOther] = ()) -> Iterator[str]:
    """The lines of a run's journal, redacted, without line ends."""
    redact = asked.redactor.redact_within
    yield escaped(header.model_dump_json())
    for record in journal.replies(asked.run):
        line = {**_call_line(record), "request": record.request} if asked.has_requests else _call_line(record)
        yield escaped(json.dumps(redact(line), ensure_ascii=False))
    for other in others:
        yield escaped(json.dumps(redact(other.model_dump(mode="json")), ensure_ascii=False))


def encoded(content: bytes) -> str:
    """The bytes of a file, as ``JournalFile.content`` takes them."""
    return base64.b64encode(content).decode()


def _call_line(record: CallRecord) -> dict[str, Any]:
    reply = record.reply
    kept = reply.model_dump(mode="json", exclude={"is_replayed"}) if reply else None
    asking = record.asking
    address = {"phase": asking.phase, "attempt": asking.attempt, "role": asking.role, "ordinal": record.ordinal}
    return {**address, "request_sha256": record.request_sha256, "reply": kept}


def _header(path: Path, number: int, line: str) -> JournalHeader:
    try:
        header = JournalHeader.model_validate_json(line)
    except ValidationError as error:
        raise InvalidInputError(
            f'{path}:{number}: a journal begins with {{"journal": 1, "plan_sha256": null, "base_tree": null}}: {_first(error)}.'
        ) from error
    if header.journal != _VERSION:
        raise InvalidInputError(
            f"{path}:{number}: this is version {header.journal} of the journal, and this Autopack reads version {_VERSION}."
        )
    return header


def _line(path: Path, number: int, line: str) -> JournalLine:
    kind = next((kind for key, kind in _KINDS.items() if f'"{key}"' in line and _has(line, key)), JournalCall)
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        raise InvalidInputError(f"{path}:{number}: not a line of a journal: {_first(error)}.") from error


_KINDS: Final[dict[str, type[JournalOther]]] = {
    "derived": JournalDerived,
    "recalled": JournalRecalled,
    "drift": JournalDrift,
    "ruled": JournalRuled,
    "fixed": JournalFixed,
    "explored": JournalExplored,
    "decided": JournalDecided,
}
"""What a line is by the key that only it has; any other is a call."""


def _has(line: str, key: str) -> bool:
    try:
        value = json.loads(line)
    except ValueError:
        return False
    return isinstance(value, dict) and key in value


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in problem["loc"])
    return f"{where}: {problem['msg']}" if where else problem["msg"]
