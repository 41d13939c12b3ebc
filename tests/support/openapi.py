"""Writes docs/openapi.json anew: `python -m tests.support.openapi`."""

import json
from pathlib import Path
from typing import Any

from autopack.core.clock import Clock
from autopack.dashboard.app import create_app
from autopack.dashboard.places import Places
from autopack.dashboard.server import Server

FILE = Path(__file__).parents[2] / "docs" / "openapi.json"
NEVER = Clock(lambda: 0.0, lambda: 0.0, lambda _s: None)


def document() -> dict[str, Any]:
    """As the server answers with it, without the version of the package, which changes with every release."""
    app = create_app(Server(Places(()), NEVER, access=None))  # type: ignore[arg-type]
    found = app.openapi()
    found["info"]["version"] = ""
    return found


def written() -> str:
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(), "utf-8")
