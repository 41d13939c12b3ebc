"""Prints what is no screen: JSON on stdout, notes on stderr."""

import sys
from typing import Any

from pydantic import BaseModel

from autopack.cli.printable import flat
from autopack.core.printed import json_line, record_of


def print_json(data: Any) -> None:  # noqa: ANN401 - any JSON value
    """One object on one line, at once, for a program that reads along."""
    sys.stdout.write(json_line(data) + "\n")
    sys.stdout.flush()


def print_model(model: BaseModel) -> None:
    """With ``"schema": 1`` before its fields."""
    print_json(record_of(model))


def note(message: str, *, next_command: str | None = None) -> None:
    """A sentence for the person beside the data; and the command that leads on."""
    sys.stderr.write(f"{flat(message)}\n")
    if next_command is not None:
        sys.stderr.write(f"next: {flat(next_command)}\n")
