"""Prints what is no screen: JSON on stdout, notes on stderr."""

import json
import sys
from typing import Any

from autopack.cli.printable import flat
from autopack.core.visible import escaped


def print_json(data: Any) -> None:  # noqa: ANN401 - any JSON value
    """One object on one line, at once, for a program that reads along."""
    sys.stdout.write(json_line(data) + "\n")
    sys.stdout.flush()


def json_line(data: Any) -> str:  # noqa: ANN401 - as above
    """JSON on one line: it holds no line end and no control character, not even within texts."""
    return escaped(json.dumps(data, ensure_ascii=False, default=str))


def note(message: str, *, next_command: str | None = None) -> None:
    """A sentence for the person beside the data; and the command that leads on."""
    sys.stderr.write(f"{flat(message)}\n")
    if next_command is not None:
        sys.stderr.write(f"next: {flat(next_command)}\n")
