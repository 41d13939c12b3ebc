"""Writes docs/openapi.json anew: `python -m tests.support.openapi`."""

import json
from pathlib import Path

from autopack.core.clock import Clock
from autopack.dashboard.app import create_app
from autopack.dashboard.server import Server

FILE = Path(__file__).parents[2] / "docs" / "openapi.json"
NEVER = Clock(lambda: 0.0, lambda: 0.0, lambda _s: None)


def written() -> str:
    """The document without the version of the package, which changes with every release."""
    from autopack.dashboard.places import Places

    app = create_app(Server(Places(()), NEVER, access=None))  # type: ignore[arg-type]
    document = app.openapi()
    document["info"]["version"] = ""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(), "utf-8")
