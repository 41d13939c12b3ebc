"""A shell as a user has it, whose `autopack` is the one under test: `with shell_of(desk) as bash: done = bash("autopack status || true")`.

What is typed there is started as `tests.support.start` starts it; a command of a hundred costs a hundredth of a second, not one.
"""

import json
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.support.command import PATIENCE_S, Desk
from tests.support.start import LONGEST_REQUEST, Start, start_command

ASK: Final = """\
import json, os, socket, sys
asking = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
asking.connect({place!r})
request = json.dumps({{"words": sys.argv[1:], "cwd": os.getcwd(), "environment": dict(os.environ)}}).encode()
socket.send_fds(asking, [request], [1, 2])
sys.exit(int(asking.recv(100)))
"""

Bash = Callable[..., "subprocess.CompletedProcess[str]"]


@contextmanager
def shell_of(desk: Desk) -> Iterator[Bash]:
    """`bash(script, cwd=None, env=None)`: ends at the first command that fails, as a step of a CI job does."""
    with tempfile.TemporaryDirectory(prefix="sh-") as folder, _answering(Path(folder) / "s") as place:
        bin_folder = desk.home / "bin"
        bin_folder.mkdir(exist_ok=True)
        program = bin_folder / "autopack"
        asking = bin_folder / "ask.py"
        asking.write_text(ASK.format(place=str(place)), "utf-8")
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -IS {shlex.quote(str(asking))} "$@"\n', "utf-8")
        program.chmod(0o755)

        def bash(script: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
            whole = {**desk.environment, **(env or {})}
            whole["PATH"] = os.pathsep.join((str(bin_folder), whole["PATH"]))
            return subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
                cwd=cwd or desk.repo, env=whole, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8",
                timeout=PATIENCE_S, check=False,
            )  # fmt: skip

        yield bash


@contextmanager
def _answering(place: Path) -> Iterator[Path]:
    """Starts what is asked for at that socket, one command after the other, with the asker's own stdout and stderr."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind(str(place))
        listening.listen()
        thread = threading.Thread(target=_serve, args=(listening,), daemon=True)
        thread.start()
        try:
            yield place
        finally:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as last:
                last.connect(str(place))
                last.send(b"")
            thread.join(PATIENCE_S)


def _serve(listening: socket.socket) -> None:
    while True:
        asker, _ = listening.accept()
        with asker:
            request, streams, _, _ = socket.recv_fds(asker, LONGEST_REQUEST, 2)
            if not request:
                return
            asked = json.loads(request)
            process = start_command(Start(asked["words"], Path(asked["cwd"]), asked["environment"]), *streams)
            for stream in streams:
                os.close(stream)
            asker.send(str(process.wait(PATIENCE_S) & 0xFF).encode())
