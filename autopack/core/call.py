"""One model call: its address, what is asked, what came back, what it cost."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

from autopack.core.model import Frozen


class Role(StrEnum):
    BUILDER = "builder"
    AUDITOR = "auditor"
    DOCTOR = "doctor"
    REPLANNER = "replanner"
    PLANNER = "planner"
    EMBEDDER = "embedder"


class StopReason(StrEnum):
    """Why a reply ended, one vocabulary for every provider."""

    END = "end"
    MAX_TOKENS = "max_tokens"
    REFUSAL = "refusal"
    CONTEXT_EXCEEDED = "context_exceeded"


class CallState(StrEnum):
    """Where one request on the wire stands. ``unknown``: sent, and nobody knows how it ended; it counts at its ceiling."""

    INTENT = "intent"
    REPLIED = "replied"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Asking(Frozen):
    """Who asks: a call's address without its ordinal. ``phase`` is ``-`` outside a phase."""

    run: str
    phase: str
    attempt: int
    role: Role


class PromptBlock(Frozen):
    """A stretch of the user's turn. ``is_stable`` ends a prefix that later attempts repeat: a cache mark goes there."""

    text: str
    is_stable: bool = False


class ToolSpec(Frozen):
    """A tool that the model may call. ``parameters`` is a JSON Schema of an object."""

    name: str
    description: str
    parameters: dict[str, Any]


class ToolCall(Frozen):
    """``arguments`` is the JSON text as it came; whoever answers the call reads it."""

    name: str
    arguments: str


class Turn(Frozen):
    """An earlier reply to the same question that only asked for more, and what it got: a result for each call, or ``told``."""

    said: str = ""
    calls: tuple[ToolCall, ...] = ()
    results: tuple[str, ...] = ()
    told: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.said, *(text for call in self.calls for text in (call.name, call.arguments)), *self.results, self.told)


class Prompt(Frozen):
    """What a role is asked. ``reply_schema`` is a JSON Schema that the reply must meet.

    ``must_answer``: the tools are named, so that the request begins like the ones before it, and may be called no more.
    """

    system: str
    blocks: tuple[PromptBlock, ...]
    reply_name: str
    reply_schema: dict[str, Any]
    tools: tuple[ToolSpec, ...] = ()
    turns: tuple[Turn, ...] = ()
    must_answer: bool = False

    @property
    def characters(self) -> int:
        return sum(map(len, self.texts))

    @property
    def texts(self) -> tuple[str, ...]:
        """All that is said, without the schemas."""
        tools = (text for tool in self.tools for text in (tool.name, tool.description))
        turns = (text for turn in self.turns for text in turn.texts)
        return (self.system, *(block.text for block in self.blocks), *tools, *turns)


class Usage(Frozen):
    """Tokens, normalised: ``input_tokens`` never include cache reads or writes, whatever the vendor's own field means."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0

    @property
    def total(self) -> int:
        return self.input_tokens + self.output_tokens + self.cache_read_tokens + self.cache_write_tokens

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cache_read_tokens=self.cache_read_tokens + other.cache_read_tokens,
            cache_write_tokens=self.cache_write_tokens + other.cache_write_tokens,
        )


class Reply(Frozen):
    """A complete reply as it is kept. ``usd`` is None where the price is unknown; ``received_at`` is UTC epoch seconds.

    One that makes ``calls`` is none yet: it wants their results.
    """

    text: str
    calls: tuple[ToolCall, ...] = ()
    stop: StopReason
    usage: Usage
    provider: str
    requested_model: str
    answering_model: str
    request_id: str | None = None
    usd: Decimal | None = None
    received_at: float
    is_replayed: bool = False

    @property
    def is_cut(self) -> bool:
        return self.stop in (StopReason.MAX_TOKENS, StopReason.CONTEXT_EXCEEDED)
