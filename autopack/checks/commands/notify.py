"""Runs the user's own command with JSON on its stdin, for half a minute at most; its end decides nothing."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress

TIMEOUT_S = 30.0


def notify(command: Sequence[str], event: str, environment: Mapping[str, str], *, timeout_s: float = TIMEOUT_S) -> str | None:
    """Why the command did not do its work, as a sentence; None where it did.

    Args:
        command: an argument list; no shell.
        event: one JSON object.
        environment: the whole environment of the command.
        timeout_s: after that its process group is ended.
    """
    try:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return f"notify: '{command[0]}' cannot be started: {error}."
    try:
        process.communicate(event.encode(), timeout=timeout_s)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return f"notify: '{command[0]}' did not end within {timeout_s:g} s and was ended."
    return None if process.returncode == 0 else f"notify: '{command[0]}' ended with exit code {process.returncode}."
