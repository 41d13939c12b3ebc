"""What the scripted server answers in every trial, by phase and attempt. Standard library only.

The easy job: phase one is wrong the first time, everything else is right. The hard one: a builder that looks first, an auditor that calls the
approach wrong, a red check, the same word of the auditor again, a doctor's commands; then a limit with a date, and a test that comes and goes.
"""

import json
import time
from typing import Any, Final

AFTER: Final[dict[str, dict[str, str | None]]] = {
    "one": {"app.txt": "two\n", "docs/one.txt": "made by one\n"},
    "two": {"app.txt": "three\n", "docs/two.txt": "made by two\n", "old.txt": None},
    "stubborn": {"app.txt": "two\n", "docs/one.txt": "made by stubborn\n"},
    "flaky": {"app.txt": "three\n"},
}
"""What each phase leaves behind; None is gone."""
INSTEAD: Final[dict[tuple[str, int], dict[str, str | None]]] = {
    ("one", 1): {"app.txt": "wrong\n"},
    ("stubborn", 2): {"app.txt": "wrong\n"},
}
"""What an attempt leaves behind instead."""
REJECTED: Final = {("stubborn", 1): "wrong_tech_stack", ("stubborn", 3): "schema_mismatch"}
LOOKS: Final = ("stubborn", 1)
LIMITED: Final = ("flaky", 1, "builder")
LIMIT_S: Final = 0.8
"""Longer than the job's retries wait: the run waits."""

_limits: dict[str, float] = {}
"""Run -> when its limit ends."""


def reply(request: Any) -> dict[str, Any]:
    """As the one tool that the request forces, if it forces one; else as text."""
    role, phase, run = (request.headers[f"x-autopack-{name}"] for name in ("role", "phase", "run"))
    attempt = int(request.headers["x-autopack-attempt"])
    if (phase, attempt, role) == LIMITED and (left := _left(run)) > 0:
        return {"fault": {"kind": "status", "status": 429, "retry_after": left}}
    if role == "builder" and (phase, attempt) == LOOKS and not any(kind == "call" for kind, _ in request.turns()):
        return {"text": "", "tools": [{"name": "read", "args": {"path": "docs/notes.txt"}}]}
    text = json.dumps(_said(role, phase, attempt))
    choice = request.body.get("tool_choice")
    name = choice.get("name") if isinstance(choice, dict) else None
    return {"tools": [{"name": name, "raw": text}]} if name else {"text": text}


def _left(run: str) -> float:
    return _limits.setdefault(run, time.time() + LIMIT_S) - time.time()


def _said(role: str, phase: str, attempt: int) -> dict[str, Any]:
    if role == "builder":
        return _built(phase, INSTEAD.get((phase, attempt), AFTER[phase]))
    if role == "auditor" and (phase, attempt) in REJECTED:
        return {**_APPROVED, "verdict": "reject", "failure_kind": REJECTED[phase, attempt], "summary": "Not so."}
    return {"auditor": _APPROVED, "replanner": _PLANNED, "doctor": _DIAGNOSED}[role]


def _built(phase: str, files: dict[str, str | None]) -> dict[str, Any]:
    return {"summary": f"Phase {phase}.", "files": [_edit(path, text) for path, text in files.items()]}


def _edit(path: str, text: str | None) -> dict[str, str]:
    if text is None:
        return {"path": path, "action": "delete"}
    return {"path": path, "action": "replace" if path == "app.txt" else "create", "content": text}


_APPROVED: Final = {"verdict": "approve", "confidence": 0.9, "issues": [], "criteria": [], "summary": "As asked."}
_PLANNED: Final = {"description": "As before.", "acceptance_criteria": [], "builder_mode": None, "approach": "Begin with the docs."}
_DIAGNOSED: Final = {
    "action": "execute_fix",
    "confidence": 0.9,
    "rationale": "The old file stands in the way.",
    "hint": "Leave the old file gone.",
    "failure_kind": None,
    "fix_type": "file",
    "fix_commands": [["mv", "old.txt", "docs/old.txt"], ["cp", "docs/notes.txt", "notes.txt"]],
}
