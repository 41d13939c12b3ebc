"""What commands print besides screens: JSON on stdout, notes on stderr."""

import json
import sys
from typing import Any


def print_json(data: Any) -> None:  # noqa: ANN401 - any JSON value
    """One object on one line, at once, for a program that reads along."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def note(message: str, *, next_command: str | None = None) -> None:
    """A sentence for the person beside the data; and the command that leads on."""
    sys.stderr.write(f"{message}\n")
    if next_command is not None:
        sys.stderr.write(f"next: {next_command}\n")
