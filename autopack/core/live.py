"""What a run is doing at this moment: the model that is asked, how much of its reply came, the command before any phase. Pure."""

from autopack.core.events import Event, EventName
from autopack.core.model import Frozen


class Live(Frozen):
    """``time`` is UTC epoch seconds; ``model`` is None while none is asked, ``command`` while none runs."""

    run_id: str
    time: float
    phase: str | None = None
    attempt: int | None = None
    role: str | None = None
    model: str | None = None
    characters: int = 0
    command: str | None = None


def followed(live: Live | None, event: Event) -> Live | None:
    """What holds after an event that only whoever watches the process is told; None where nothing is under way."""
    before = live or Live(run_id=event.run_id, time=event.time)
    match event.event:
        case EventName.CALL_SENT:
            asked = {"role": event.data.get("role"), "model": f"{event.data.get('provider')}/{event.data.get('model')}"}
            return Live(run_id=event.run_id, time=event.time, phase=event.phase, attempt=event.attempt, **asked)
        case EventName.CALL_PROGRESS if before.model is not None:
            return before.model_copy(update={"time": event.time, "characters": int(event.data.get("characters", 0))})
        case EventName.COMMAND_STARTED:
            return Live(run_id=event.run_id, time=event.time, command=str(event.data.get("message", "")))
        case EventName.CALL_REPLIED | EventName.COMMAND_ENDED:
            return None
        case _:
            return live
