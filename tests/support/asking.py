"""A service, a journal and routes for tests that ask the scripted server."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from autopack.core.budget import Caps
from autopack.core.call import Asking, Prompt, PromptBlock, Reply, Role
from autopack.core.clock import Clock
from autopack.core.models_settings import ModelSettings, ModelsSettings, ProviderSettings, Timeouts, WireRetries
from autopack.core.redaction import Redactor
from autopack.core.settings import ApiKey, ProviderAccess
from autopack.llm.calls.options import AskOptions, LongWait, Notice, Patience
from autopack.llm.calls.replay import Replay
from autopack.llm.calls.routing import Route
from autopack.llm.service import LlmService, Surroundings
from autopack.store.calls import CallJournal
from autopack.store.database import Database

SCHEMA = {
    "type": "object",
    "properties": {"summary": {"type": "string"}, "files": {"type": "array", "items": {"type": "string"}}},
    "required": ["summary", "files"],
    "additionalProperties": False,
}
RATES = {"input": 1.0, "output": 2.0, "cache_read": 0.1, "cache_write": 1.5}
KEY = "sk-test-0123456789abcdefghij"


def prompt(*texts: str, system: str = "You build.", schema: Mapping[str, Any] = SCHEMA) -> Prompt:
    blocks = tuple(PromptBlock(text=text, is_stable=True) for text in texts or ("Do it.",))
    return Prompt(system=system, blocks=blocks, reply_name="builder_reply", reply_schema=dict(schema))


def asking(phase: str = "one", attempt: int = 1, role: Role = Role.BUILDER, run: str = "run-1") -> Asking:
    return Asking(run=run, phase=phase, attempt=attempt, role=role)


def provider(name: str, api: str, **settings: Any) -> ProviderSettings:
    limits = ModelSettings(context=100_000, max_output=1_000, usd_per_mtok=RATES)
    given = {"api_key_env": f"{name.upper()}_KEY", "models": {"m-1": limits}, **settings}
    return ProviderSettings(name=name, api=api, **given)


def key(name: str, value: str = KEY) -> ApiKey:
    return ApiKey(provider=name, variable=f"{name.upper()}_KEY", value=SecretStr(value), source="environment")


def route(of: ProviderSettings, model: str = "m-1", value: str = KEY) -> Route:
    return Route(of, model, of.models.get(model, ModelSettings()), key(of.name, value))


@dataclass
class Sleeper:
    """A clock whose waits take no time and are remembered."""

    slept: list[float] = field(default_factory=list)
    ahead: float = 0.0

    def clock(self) -> Clock:
        return Clock(now=lambda: time.time() + self.ahead, monotonic=time.monotonic, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.ahead += seconds

    @property
    def total(self) -> float:
        return sum(self.slept)


@dataclass
class Bench:
    """A service and what it is asked with."""

    service: LlmService
    journal: CallJournal
    sleeper: Sleeper
    notices: list[Notice]
    waits: list[LongWait]

    def ask(
        self, *routes: Route, question: int = 1, of: Asking | None = None, render: Callable[[], Prompt] = prompt, **options: Any
    ) -> Reply:
        caps = options.pop("caps", Caps())
        patience = Patience(max_wait_s=options.pop("max_wait_s", 0.0), began=options.pop("began", None), on_begin=self.waits.append)
        chosen = AskOptions(chain=routes, caps=caps, patience=patience, on_notice=self.notices.append, **options)
        return self.service.ask(of or asking(), question, render, chosen)

    @property
    def told(self) -> list[str]:
        return [notice.event for notice in self.notices]

    def states(self, of: Asking | None = None, question: int = 1) -> list[str]:
        return [record.state.value for record in self.journal.stored(of or asking(), question)]


@contextmanager
def bench(
    folder: Path,
    base_urls: Mapping[str, str],
    *,
    timeouts: Timeouts | None = None,
    retries: WireRetries | None = None,
    replay: Replay | None = None,
) -> Iterator[Bench]:
    """``base_urls`` by the name of the provider."""
    sleeper = Sleeper()
    database = Database.open(folder / "state.db")
    journal = CallJournal(database, sleeper.clock().now)
    settings = ModelsSettings(timeouts=timeouts or Timeouts(), retries=retries or WireRetries(times=2, first_wait_s=1, max_wait_s=60))
    surroundings = Surroundings(sleeper.clock(), lambda: 0.0, Redactor([KEY]))
    service = LlmService(journal, settings, ProviderAccess(base_urls=dict(base_urls)), surroundings, replay)
    try:
        yield Bench(service, journal, sleeper, [], [])
    finally:
        service.close()
        database.close()


def dollars(text: str) -> Decimal:
    return Decimal(text)
