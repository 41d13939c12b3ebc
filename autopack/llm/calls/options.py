"""A question to a model: what is asked, how, and whom to tell of its progress."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from autopack.core.budget import Caps
from autopack.core.call import Asking, Prompt, Reply
from autopack.core.events import EventName
from autopack.llm.calls.routing import Route
from autopack.llm.wire import WireFailure


@dataclass(frozen=True)
class Notice:
    """An event for the log, such as ``wire_wait`` (``until``), ``fallback`` or ``route_given_up``, which brings its ``failure``."""

    event: EventName
    data: dict[str, Any] = field(default_factory=dict)
    failure: WireFailure | None = None


@dataclass(frozen=True)
class LongWait:
    """A wait for a provider: ``until`` when, ``began`` with the first one for this question, and why."""

    until: float
    began: float
    why: str


@dataclass(frozen=True)
class Patience:
    """How long limits and outages are waited out in all, from ``began`` on where an earlier start has waited already.

    ``on_begin`` and ``on_end`` are told of each long wait. What ``on_begin`` or, once a second, ``on_tick`` raises ends it.
    """

    max_wait_s: float = 0.0
    began: float | None = None
    on_begin: Callable[[LongWait], None] = lambda _wait: None
    on_tick: Callable[[], None] = lambda: None
    on_end: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class AskOptions:
    """How a question is asked.

    ``chain``: the routes in order. ``max_output``: lower than the model's own limit, if given. ``on_progress`` is told a few times a
    second how many characters of the reply came, also while nothing comes; what it raises ends the call. ``on_sent`` is told of each
    request just before it leaves, ``on_reply`` of a reply that was not stored before.
    """

    chain: tuple[Route, ...]
    caps: Caps = field(default_factory=Caps)
    max_output: int | None = None
    patience: Patience = field(default_factory=Patience)
    on_progress: Callable[[int], None] = lambda _characters: None
    on_sent: Callable[[Route], None] = lambda _route: None
    on_reply: Callable[[Reply], None] = lambda _reply: None
    on_notice: Callable[[Notice], None] = lambda _notice: None


@dataclass(frozen=True)
class Question:
    """What is asked, by whom. ``prompt`` is redacted."""

    asking: Asking
    number: int
    prompt: Prompt
    options: AskOptions
