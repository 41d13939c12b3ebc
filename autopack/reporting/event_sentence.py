"""What an event says, in one line for a person. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from autopack.core.events import PHASE, RUN, Event, EventName, phase_event, step_event
from autopack.core.states import PhaseState
from autopack.core.step_names import StepName, step_of


def sentence(event: Event) -> str:
    """One line for a person: where, what, and why if there is a why."""
    message = event.data.get("message")
    if event.phase is None and message:
        return str(message)
    where = event.phase or "run"
    attempt = f" [{event.attempt}]" if event.attempt else ""
    what = _WORDS.get(step_of(event.event)) or event.event.removeprefix(PHASE).removeprefix(RUN).replace("_", " ")
    told = [
        *_figures(event.data),
        *(say(event.data[name]) for name, say in _TOLD.items() if event.data.get(name) not in (None, "", [], ())),
    ]
    return f"{where}{attempt}: {what}" + (f" ({', '.join(told)})" if told else "") + (f": {message}" if message else "")


def _figures(data: Mapping[str, Any]) -> Iterator[str]:
    """``15 passed, 1 failed``; a check that knows no tests says so."""
    if "passed" not in data or "failed" not in data:
        return
    counts = [f"{data[name]} {name}" for name in _COUNTED if data.get(name)]
    yield ", ".join(counts) or "no tests"


def _named(name: str) -> Callable[[Any], str]:
    return lambda value: f"{name} {_joined(value)}"


def _joined(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _words(value: object) -> str:
    return str(value).replace("_", " ")


_HASH_LENGTH: Final = 10
_COUNTED: Final = ("passed", "failed", "flaky")
_WORDS: Final = {
    phase_event(PhaseState.RECOVERING): "attempt failed",
    step_event(StepName.CHECK): "checks",
    step_event(StepName.EXPLORE): "looked",
    step_event(StepName.AUDIT_EXPLORE): "auditor looked",
    step_event(StepName.DRIFT): "goal drift",
    EventName.RECOVERY_DECIDED: "decided",
    step_event(StepName.REPLAN): "replanner",
    step_event(StepName.DOCTOR): "doctor",
}
_TOLD: Final[Mapping[str, Callable[[Any], str]]] = {
    "commit": lambda value: f"commit {str(value)[:_HASH_LENGTH]}",
    "branch": _named("branch"),
    "held": _words,
    "because": _named("because"),
    "kind": _words,
    "remedy": _words,
    "model": _named("model"),
    "role": _named("role"),
    "from": _named("from"),
    "to": _named("to"),
    "mode": _words,
    "outcome": _words,
    "seconds": lambda value: f"{value} s",
    "files": _named("files"),
}
