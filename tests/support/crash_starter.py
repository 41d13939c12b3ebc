"""Starts commands of one trial after the other: a process that has imported everything is forked, so that a start costs no imports.

What is forked stands alone: a session, an environment, a directory and an output of its own; it counts its calls from the fork on.
Run as a program it is the server: JSON lines on stdin and stdout, one start at a time.
"""

import ctypes
import gc
import importlib
import json
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from tests.support.crash_shim import attach

ROOT: Final = Path(__file__).resolve().parents[2]
TIMED_OUT: Final = -1000
_SUBREAPER: Final = 36


@dataclass(frozen=True)
class Command:
    """``control`` is the shim's file; None for a start that counts nothing. ``modules`` is where to write what it had imported."""

    words: Sequence[str]
    cwd: str
    environment: Mapping[str, str]
    out: str
    control: str | None = None
    modules: str | None = None


class Starter:
    """One server and its pipe; used by one thread at a time."""

    def __init__(self, library: Path) -> None:
        environment = {**os.environ, "LD_PRELOAD": str(library), "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
        command = [sys.executable, "-m", "tests.support.crash_starter", str(library)]
        # Without a buffer: in one, an answer that came together with another would be waited for in vain.
        self._server = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, cwd=ROOT)
        self.pid = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self._server.kill()
        self._server.communicate()

    def preload(self, modules: Sequence[str], *, rehearses: bool = False) -> None:
        """``rehearses``: works on a run itself, for what a run makes at first use."""
        self._send({"preload": list(modules), "rehearses": rehearses})
        self._receive(None)

    @property
    def server(self) -> int:
        return self._server.pid

    def run(self, command: Command, timeout_s: float) -> int:
        """The exit code, negative for a signal; ``TIMED_OUT`` for a start that had to be killed."""
        self._send(asdict(command))
        self.pid = self._receive(None)["pid"]
        ended = self._receive(timeout_s)
        if ended is not None:
            return int(ended["code"])
        os.kill(self.pid, signal.SIGKILL)
        self._receive(None)
        return TIMED_OUT

    def _send(self, request: dict[str, Any]) -> None:
        self._server.stdin.write(json.dumps(request).encode() + b"\n")
        self._server.stdin.flush()

    def _receive(self, timeout_s: float | None) -> Any:
        with selectors.DefaultSelector() as selector:
            selector.register(self._server.stdout, selectors.EVENT_READ)
            return json.loads(self._server.stdout.readline()) if selector.select(timeout_s) else None


def serve(library: Path) -> None:
    libc = ctypes.CDLL(None)
    libc.prctl(_SUBREAPER, 1, 0, 0, 0)
    while line := sys.stdin.buffer.readline():
        request = json.loads(line)
        if "preload" in request:
            _import(request["preload"])
            if request["rehearses"]:
                importlib.import_module("tests.support.rehearsal").rehearse()
            gc.collect()
            gc.freeze()
            _answer({"done": True})
            continue
        command = Command(**request)
        pid = os.fork()
        if pid == 0:
            _become(command, library)
        _answer({"pid": pid})
        _, status = os.waitpid(pid, 0)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        _answer({"code": os.waitstatus_to_exitcode(status)})


def _answer(reply: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(reply).encode() + b"\n")
    sys.stdout.buffer.flush()


def _import(names: Sequence[str]) -> None:
    for name in names:
        if not name.startswith(("tests.", "__")):
            with suppress(ImportError, AttributeError, ValueError):
                importlib.import_module(name)


def _become(command: Command, library: Path) -> None:
    """Never returns."""
    code = 70
    try:
        os.setsid()
        os.chdir(command.cwd)
        os.environ.clear()
        os.environ.update(command.environment)
        out = os.open(command.out, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for descriptor, number in ((nothing, 0), (out, 1), (out, 2)):
            os.dup2(descriptor, number)
        if command.control is not None:
            attach(library, Path(command.control))
        from autopack.cli.app import main
        from autopack.settings.key_variables import withdraw_keys

        withdraw_keys()
        code = int(main(list(command.words)))
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        if command.modules is not None:
            Path(command.modules).write_text(json.dumps(sorted(sys.modules)), "utf-8")
        os._exit(code)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
