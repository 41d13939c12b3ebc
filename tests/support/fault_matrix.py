"""Which faults may befall which request of a run: how a server answers each over both APIs, and a model that meets it at one point.

A phase stands for a point, and is named so: its way through the run holds the request that goes wrong.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.support.command import phase_of

POINTS: Final = {
    "builder": ("builder", 1),
    "builder-again": ("builder", 2),
    "auditor": ("auditor", 1),
    "replanner": ("replanner", 1),
    "doctor": ("doctor", 1),
}
"""Role and attempt of the request that goes wrong. The second attempt follows a red check, replan and diagnosis an auditor's word."""
APIS: Final = ("anthropic", "openai")
CHECK: Final = {"command": "! grep -q wrong *.txt", "tests": "none", "timeout_s": 60}

SETTINGS: Final = "retries: {times: 1, first_wait_s: 0.01, max_wait_s: 0.5}\nreplan: {max_replans_per_run: %d}\n"
LIKE_ANTHROPIC: Final = """\
builder: {low: [luna], medium: [luna], high: [sol]}
auditor: [sol, luna]
doctor_models: {cheap: luna, strong: sol}
fallback_strategy: {default_fallbacks: {luna: [], sol: [luna]}}
"""
"""A smaller and a greater model, each where Anthropic's are: what follows a fault is then the same."""
TIMEOUTS: Final = "timeouts: {first_byte_s: 2, idle_s: 2}\n"


@dataclass(frozen=True)
class Fault:
    """``answers`` by API; ``is_lasting``: every further request of the point is answered so too."""

    says: str
    answers: Mapping[str, Mapping[str, Any]]
    is_lasting: bool = False
    takes_time: bool = False


def _both(kind: str, **keys: Any) -> dict[str, Mapping[str, Any]]:
    return {api: {"fault": {"kind": kind, **keys}} for api in APIS}


def _refused(anthropic: Mapping[str, str], openai: Mapping[str, str]) -> dict[str, Mapping[str, Any]]:
    errors = {"anthropic": {"type": "error", "error": anthropic}, "openai": {"error": openai}}
    return {api: {"wire": {"status": 400, "json": error}} for api, error in errors.items()}


_LONG: Final = (
    {"type": "invalid_request_error", "message": "prompt is too long: 210000 tokens > 200000 maximum"},
    {"type": "invalid_request_error", "code": "context_length_exceeded", "message": "Your input exceeds the context window of this model."},
)
_BUSY: Final = {api: {"fault": {"kind": "status", "status": status}} for api, status in zip(APIS, (529, 503), strict=True)}

FAULTS: Final[Mapping[str, Fault]] = {
    "limit": Fault("429 with a date", _both("status", status=429, retry_after=0.05)),
    "overloaded": Fault("529, 503", _BUSY),
    "reset": Fault("the connection breaks before an answer", _both("reset")),
    "reset midway": Fault("it breaks within the answer", _both("reset_mid")),
    "silence": Fault("nothing comes", _both("hang", seconds=60), takes_time=True),
    "silence midway": Fault("nothing more comes", _both("hang_mid", seconds=60), takes_time=True),
    "error midway": Fault("the stream says that it failed", _both("sse_error", status=500)),
    "garbled": Fault("the stream is not the API's", _both("malformed")),
    "empty": Fault("an answer of nothing", _both("empty")),
    "prose": Fault("an answer that is no JSON", {api: {"text": "I have thought about it, and it is straightforward."} for api in APIS}),
    "cut": Fault("an answer that max_tokens ends", _both("truncate")),
    "refusal": Fault("the model declines", _both("refusal")),
    "too long": Fault("the prompt does not fit the model", _refused(*_LONG)),
    "outage": Fault("500, each time", _both("status", status=500), is_lasting=True),
    "key refused": Fault("401, each time", _both("status", status=401), is_lasting=True),
}


def configured(fault: Fault, api: str, points: tuple[str, ...]) -> str:
    """The user's models.yaml. One replan is left where the phase of that point is in the plan, so that the next to ask for one gets a doctor."""
    own = LIKE_ANTHROPIC if api == "openai" else ""
    return SETTINGS % ("replanner" in points) + own + (TIMEOUTS if fault.takes_time else "")


def of_point(point: str) -> dict[str, Any]:
    """A phase that makes a file of its own."""
    return phase_of(point, f"{point}.txt", ci=CHECK, depends_on=[])


def script(fault: Fault, api: str) -> Callable[[Any], Any]:
    """Every phase lands on the way of its point, but for the fault there."""
    met: Counter[str] = Counter()

    def answer(request: Any) -> Any:
        role, point, attempt = (request.headers[f"x-autopack-{name}"] for name in ("role", "phase", "attempt"))
        if (role, int(attempt)) == POINTS[point]:
            met[point] += 1
            if fault.is_lasting or met[point] == 1:
                return dict(fault.answers[api])
        return _as_asked(request, _said(role, point, int(attempt)))

    return answer


def _said(role: str, point: str, attempt: int) -> dict[str, Any]:
    if role == "builder":
        text = "wrong\n" if (point, attempt) == ("builder-again", 1) else f"right {attempt}\n"
        return {"summary": "s", "files": [{"path": f"{point}.txt", "action": "create", "content": text}], "blocked": None}
    if role == "auditor":
        is_against = point in ("replanner", "doctor") and attempt == 1
        judged = {"verdict": "reject", "failure_kind": "wrong_tech_stack"} if is_against else {"verdict": "approve"}
        return {**judged, "confidence": 0.9, "issues": [], "criteria": [], "summary": "Seen."}
    return _ADVICE[role]


_ADVICE: Final[Mapping[str, dict[str, Any]]] = {
    "replanner": {"description": "As before.", "acceptance_criteria": [], "builder_mode": None, "approach": "Begin anew."},
    "doctor": {"action": "retry_with_fix", "confidence": 0.9, "rationale": "It is close.", "hint": "Once more.", "failure_kind": None},
}


def _as_asked(request: Any, said: dict[str, Any]) -> dict[str, Any]:
    """As the one tool that the request forces, if it forces one; else as text."""
    text, choice = json.dumps(said), request.body.get("tool_choice")
    return {"tools": [{"name": choice["name"], "raw": text}]} if isinstance(choice, dict) and "name" in choice else {"text": text}
