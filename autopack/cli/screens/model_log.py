"""Draws ``logs --model``: every model call as it was asked and answered."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from rich.text import Text

from autopack.cli.printable import one_line
from autopack.cli.screens.format import clock_time, dollars, duration
from autopack.cli.screens.log_entries import LogEntry, Source
from autopack.cli.screens.readable import readable
from autopack.cli.target import Target
from autopack.core.call import CallState, Prompt, ToolCall
from autopack.core.printed import SCHEMA
from autopack.core.redaction import Redactor
from autopack.core.visible import printable
from autopack.executor.project_state import ProjectState
from autopack.executor.start.run_inputs import redactor_of_run
from autopack.executor.steer.archived_journal import let_go_sentence
from autopack.store.call_records import LET_GO, calls_in, unpack
from autopack.store.queries import calls_of
from autopack.store.tables import CallRow

_LONGEST = 1000
_HEAD = re.compile("==> |--- (?:system|request|called|then told|reply|no reply)")
"""A space goes before lines of a prompt or reply that begin like this: only Autopack writes heads."""


def model_source(project: ProjectState, target: Target, *, waits: bool) -> Source:
    """``waits``: prints a call that is under way once it has ended."""
    told: set[int] = set()
    redactor: Redactor | None = None
    event = -1

    def news() -> Iterator[LogEntry]:
        nonlocal event, redactor
        newest = max((number for number, _ in project.events.since(target.run_id, max(event, 0))), default=event)
        if told and newest == event:
            return
        event = newest
        for row in calls_of(project.database, target.run_id, target.phase_id):
            if row.id not in told and not (waits and row.state == CallState.INTENT):
                told.add(row.id or 0)
                redactor = redactor or redactor_of_run(project, target.run)
                yield _let_go(row, let_go_sentence(project, target.run_id)) if row.request_json == LET_GO else _news(row, redactor)

    return news


def _news(row: CallRow, redactor: Redactor) -> LogEntry:
    return LogEntry(lambda: _lines(row, redactor), lambda: redactor.redact_within(_record(row)))


def _let_go(row: CallRow, sentence: str) -> LogEntry:
    """A call of which only the figures are left."""
    return LogEntry(
        lambda: iter((*_head(row), Text(f"--- {sentence}", style="cyan"), Text())), lambda: {**_figures(row), "is_let_go": True}
    )


def _lines(row: CallRow, redactor: Redactor) -> Iterator[Text]:
    yield from _head(row)
    for title, text in (*_asked(unpack(row.request_json)), *_answered(row)):
        yield Text(f"--- {title}", style="cyan")
        yield from (Text(f" {line}" if _HEAD.match(line) else line) for line in printable(redactor.redact(text)).split("\n"))
    yield Text()


def _head(row: CallRow) -> Iterator[Text]:
    where = "" if row.phase_id == "-" else f"{row.phase_id}, attempt {row.attempt}, "
    yield Text(f"==> {where}{row.role} {row.ordinal} <==", style="bold")
    yield Text(one_line(_facts(row), _LONGEST), style="dim")


def _facts(row: CallRow) -> str:
    asked = f"{row.provider}/{row.model}"
    words = [clock_time(row.sent_at), asked if row.answering_model in (None, row.model) else f"{asked} answered by {row.answering_model}"]
    if row.state == CallState.REPLIED:
        cached = f" ({row.cache_read_tokens:,} more from cache)" if row.cache_read_tokens else ""
        words += [f"{row.input_tokens:,} tokens in{cached}, {row.output_tokens:,} out", f"stop: {row.stop}"]
        words += [dollars(float(row.usd)) if row.usd is not None else "price unknown"]
    words += [duration(max(0.0, row.ended_at - row.sent_at))] if row.ended_at is not None else []
    words += ["replayed"] if row.is_replayed else []
    return " · ".join(words)


def _asked(request: dict[str, Any]) -> Iterator[tuple[str, str]]:
    try:
        prompt = Prompt.model_validate(request.get("prompt"))
    except ValidationError:
        yield "request", json.dumps(request, ensure_ascii=False, indent=2)
        return
    yield "system", prompt.system
    yield "request", "\n".join(block.text for block in prompt.blocks)
    for turn in prompt.turns:
        if turn.said:
            yield "reply before", readable(turn.said)
        yield from ((_called(call), result) for call, result in zip(turn.calls, turn.results, strict=True))
        if turn.told:
            yield "then told", turn.told


def _called(call: ToolCall) -> str:
    return one_line(f"called {call.name} {call.arguments}", _LONGEST)


def _answered(row: CallRow) -> Iterator[tuple[str, str]]:
    match row.state:
        case CallState.REPLIED:
            yield "reply", readable(row.text or "")
            yield from ((_called(call), "") for call in calls_in(row.calls_json))
        case CallState.INTENT:
            yield "no reply yet", ""
        case _:
            yield f"no reply ({row.state})", f"{row.error_kind}: {row.error}"


def _record(row: CallRow) -> dict[str, Any]:
    calls = [call.model_dump() for call in calls_in(row.calls_json)]
    return {**_figures(row), "request": unpack(row.request_json), "text": row.text, "calls": calls}


def _figures(row: CallRow) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "run_id": row.run_id,
        "phase": None if row.phase_id == "-" else row.phase_id,
        "attempt": row.attempt,
        "role": row.role,
        "ordinal": row.ordinal,
        "question": row.question,
        "state": row.state,
        "requested_model": f"{row.provider}/{row.model}",
        "answering_model": row.answering_model,
        "stop": row.stop,
        "usage": row.model_dump(include={"input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"}),
        "usd": float(row.usd) if row.usd is not None else None,
        "is_replayed": row.is_replayed,
        "sent_at": _stamp(row.sent_at),
        "ended_at": _stamp(row.ended_at) if row.ended_at is not None else None,
        "error": {"kind": row.error_kind, "message": row.error} if row.error else None,
    }


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
