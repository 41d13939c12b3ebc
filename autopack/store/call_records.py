"""Describes one model call in the journal: what is written before it is sent, what is kept of its reply, what is read back."""

import json
import zlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypedDict

from sqlalchemy import Row

from autopack.core.call import Asking, CallState, Reply, Role, StopReason, ToolCall, Usage

_LEVEL: Final = 1
"""The level of zlib: it packs a prompt of 100,000 tokens to a third in a few milliseconds."""

LET_GO: Final = b""
"""In the place of a request: ``gc`` let go of what was asked and answered."""


@dataclass(frozen=True)
class NewCall:
    """A call about to be made. ``request`` holds all that determines what is sent, redacted."""

    asking: Asking
    question: int
    provider: str
    model: str
    request: dict[str, Any]
    request_sha256: str
    estimated_tokens: int = 0


@dataclass(frozen=True)
class Bought:
    """What a call cost; ``usd`` is None where the price is unknown."""

    usage: Usage
    usd: Decimal | None


@dataclass(frozen=True)
class CallRecord:
    """One call as it stands in the journal; ``reply`` only where one came."""

    id: int
    asking: Asking
    question: int
    ordinal: int
    provider: str
    model: str
    state: CallState
    request_sha256: str
    packed_request: bytes
    reply: Reply | None
    error_kind: str | None
    error: str | None
    sent_at: float
    ended_at: float | None

    @property
    def request(self) -> dict[str, Any]:
        """The request as ``intend`` got it; unpacked at each call."""
        return unpack(self.packed_request)


@dataclass(frozen=True)
class CallError:
    """Why a call brought no reply. ``retry_after_s``: how long the provider wants to be left alone."""

    kind: str
    message: str
    retry_after_s: float | None = None


@dataclass(frozen=True)
class EndedCall:
    """How a call ended, as far as it says whether a provider answers. ``retry_at``: when the provider wants to be asked again."""

    provider: str
    model: str
    state: CallState
    error_kind: str
    error: str
    ended_at: float
    retry_at: float | None


class CallColumns(TypedDict, total=False):
    """Columns of a call beside its address and what it asks."""

    state: CallState
    ceiling_tokens: int
    ceiling_usd: str | None
    estimated_tokens: int
    stop: str | None
    answering_model: str | None
    request_id: str | None
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    usd: str | None
    error_kind: str | None
    error: str | None
    is_replayed: bool
    sent_at: float
    ended_at: float | None
    retry_at: float | None
    request_json: bytes
    reply_json: bytes
    text: str | None
    calls_json: str


def pack(value: dict[str, Any]) -> bytes:
    return zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass"), _LEVEL)


def unpack(packed: bytes) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(zlib.decompress(packed).decode(errors="surrogatepass"))
    return value


def reply_columns(reply: Reply) -> CallColumns:
    return {
        "state": CallState.REPLIED,
        "text": reply.text,
        "calls_json": json.dumps([call.model_dump() for call in reply.calls], ensure_ascii=False),
        "stop": reply.stop,
        "answering_model": reply.answering_model,
        "request_id": reply.request_id,
        **cost_columns(Bought(reply.usage, reply.usd)),
        "ended_at": reply.received_at,
    }


def cost_columns(bought: Bought) -> CallColumns:
    usage = bought.usage
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "usd": amount_text(bought.usd),
    }


NO_COST: Final[CallColumns] = {"input_tokens": 0, "output_tokens": 0, "cache_read_tokens": 0, "cache_write_tokens": 0, "usd": None}


def amount_text(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, "f")


def record_of(row: Row[Any]) -> CallRecord:
    """``row`` has every column of the table of calls."""
    return CallRecord(
        id=row.id,
        asking=Asking(run=row.run_id, phase=row.phase_id, attempt=row.attempt, role=Role(row.role)),
        question=row.question,
        ordinal=row.ordinal,
        provider=row.provider,
        model=row.model,
        state=CallState(row.state),
        request_sha256=row.request_sha256,
        packed_request=row.request_json,
        reply=_reply(row) if row.state == CallState.REPLIED else None,
        error_kind=row.error_kind,
        error=row.error,
        sent_at=row.sent_at,
        ended_at=row.ended_at,
    )


def calls_in(calls_json: str) -> tuple[ToolCall, ...]:
    """The calls of a row's column."""
    return tuple(map(ToolCall.model_validate, json.loads(calls_json)))


def _reply(row: Row[Any]) -> Reply:
    return Reply(
        text=row.text or "",
        calls=calls_in(row.calls_json),
        stop=StopReason(row.stop or StopReason.END),
        usage=Usage(
            input_tokens=row.input_tokens,
            output_tokens=row.output_tokens,
            cache_read_tokens=row.cache_read_tokens,
            cache_write_tokens=row.cache_write_tokens,
        ),
        provider=row.provider,
        requested_model=row.model,
        answering_model=row.answering_model or row.model,
        request_id=row.request_id,
        usd=None if row.usd is None else Decimal(row.usd),
        received_at=row.ended_at or row.sent_at,
        is_replayed=row.is_replayed,
    )
