"""What the scripted server answers in every trial: phase one is wrong the first time, everything else is right. Standard library only."""

import json
from typing import Any, Final

AFTER: Final[dict[str, dict[str, str | None]]] = {
    "one": {"app.txt": "two\n", "docs/one.txt": "made by one\n"},
    "two": {"app.txt": "three\n", "docs/two.txt": "made by two\n", "old.txt": None},
}
"""What each phase leaves behind; None is gone."""
RED: Final = {"one": {"app.txt": "wrong\n"}}
"""What the first attempt leaves behind instead."""


def reply(request: Any) -> dict[str, Any]:
    """As the one tool that the request forces, if it forces one; else as text."""
    role, phase = request.headers["x-autopack-role"], request.headers["x-autopack-phase"]
    is_first = request.headers["x-autopack-attempt"] == "1"
    files = RED.get(phase, AFTER[phase]) if is_first else AFTER[phase]
    text = json.dumps(_built(phase, files) if role == "builder" else _APPROVED)
    choice = request.body.get("tool_choice")
    name = choice.get("name") if isinstance(choice, dict) else None
    return {"tools": [{"name": name, "raw": text}]} if name else {"text": text}


def _built(phase: str, files: dict[str, str | None]) -> dict[str, Any]:
    return {"summary": f"Phase {phase}.", "files": [_edit(path, text) for path, text in files.items()]}


def _edit(path: str, text: str | None) -> dict[str, str]:
    if text is None:
        return {"path": path, "action": "delete"}
    return {"path": path, "action": "replace" if path == "app.txt" else "create", "content": text}


_APPROVED: Final = {"verdict": "approve", "confidence": 0.9, "issues": [], "criteria": [], "summary": "As asked."}
