"""Starts `python -m autopack`: as a child of a process that has imported everything (`warm_server`), or as a process of its own.

Both are the same to a test, but that the one costs a second of imports. Where the environment or the directory would have another Python
start, and where a test asks for it, it is a process of its own; ``AUTOPACK_TESTS_START=process`` has every command be one. Of the warm ones
those of one pytest process share their hash seed, their `/proc/PID/cmdline` and `/proc/PID/environ`.
"""

import atexit
import functools
import json
import os
import re
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
COMMAND: Final = (sys.executable, "-m", "autopack")
PATH: Final = os.pathsep.join((str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"))
AT_START: Final = {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}

WARM: Final = sys.platform == "linux" and os.environ.get("AUTOPACK_TESTS_START") != "process"
READ_AT_START: Final = re.compile(
    r"_?PYTHON.*|LANG.*|LC_.*|LD_.*|TZ|MALLOC_.*|GLIBC_.*|OPENSSL_.*|OTEL_.*|GIT_PYTHON_.*|PSUTIL_.*|PYDANTIC_.*|DEFER_PYDANTIC_.*"
    r"|_?TYPER_.*|RUAMEL_.*|(ANTHROPIC|OPENAI)_LOG|OPENAI_API_(TYPE|VERSION)|AZURE_.*"
)
"""Variables that count as the interpreter starts or as a module is imported."""

LONGEST_REQUEST: Final = 100_000
GONE: Final = "the process that starts the tests' commands has ended ({}); AUTOPACK_TESTS_START=process starts each by itself:\n{}"


@dataclass(frozen=True)
class Start:
    words: Sequence[str]
    cwd: Path
    environment: Mapping[str, str]
    is_fresh: bool = False  # a process of its own whatever the environment says


class WarmProcess:
    """What tests use of a Popen."""

    def __init__(self, server: "WarmServer", answers: socket.socket, words: Sequence[str]) -> None:
        self._server, self._answers = server, answers
        self.args = [*COMMAND, *words]
        self.returncode: int | None = None
        self.pid = server.number(answers)

    def poll(self) -> int | None:
        return self._look(0)

    def wait(self, timeout: float | None = None) -> int:
        if (code := self._look(timeout)) is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _look(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            self._answers.settimeout(timeout)
            with suppress(TimeoutError, BlockingIOError):
                self.returncode = self._server.number(self._answers)
                self._answers.close()
        return self.returncode


Process = subprocess.Popen[bytes] | WarmProcess


class WarmServer:
    """One for each pytest process; it ends with it."""

    def __init__(self) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the server
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.warm_server", str(theirs.fileno())],
                cwd=ROOT,
                env={**AT_START, "PATH": PATH, "HOME": "/"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                pass_fds=(theirs.fileno(),),
            )
        atexit.register(self.close)
        self.modules: frozenset[str] = frozenset(json.loads(self._received(self._channel)))

    def close(self) -> None:
        self._channel.close()
        self._process.wait()
        self._errors.close()

    def start(self, start: Start, stdin: int, stdout: int, stderr: int) -> WarmProcess:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                socket.send_fds(self._channel, [b"1"], [theirs.fileno(), stdin, stdout, stderr])
            except OSError as error:
                ours.close()
                raise self._gone() from error
        ours.send(json.dumps({"words": start.words, "cwd": str(start.cwd), "environment": dict(start.environment)}).encode())
        return WarmProcess(self, ours, start.words)

    def number(self, answers: socket.socket) -> int:
        return int(self._received(answers))

    def _received(self, answers: socket.socket) -> bytes:
        said = answers.recv(LONGEST_REQUEST)
        if not said:
            raise self._gone()
        return said

    def _gone(self) -> AssertionError:
        self._errors.seek(0)
        return AssertionError(GONE.format(self._process.poll(), self._errors.read().decode("utf-8", "replace")))


_server = functools.cache(WarmServer)


def start_command(start: Start, stdout: int, stderr: int, stdin: int | None = None) -> Process:
    """With an empty stdin unless one is given; the terminal that streams may be does not control it."""
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123
        given = nothing.fileno() if stdin is None else stdin
        if not start.is_fresh and is_warm(start):
            return _server().start(start, given, stdout, stderr)
        return subprocess.Popen([*COMMAND, *start.words], cwd=start.cwd, env=start.environment, stdin=given, stdout=stdout, stderr=stderr)


def is_warm(start: Start) -> bool:
    """Whether a Python that starts there, like that, would be the one that waits."""
    at_start = {name: value for name, value in start.environment.items() if READ_AT_START.fullmatch(name)}
    return (
        WARM
        and at_start == AT_START
        and shutil.which("git", path=start.environment.get("PATH")) == shutil.which("git", path=PATH)
        and sum(map(len, (*start.words, *start.environment.values()))) < LONGEST_REQUEST // 4
        and not _server().modules & _modules_in(start.cwd)
    )


def _modules_in(folder: Path) -> set[str]:
    """What would be imported from there: `-m` looks there first."""
    return {
        entry.name.partition(".")[0]
        for entry in folder.iterdir()
        if entry.suffix in {".py", ".pyc", ".so"} or (entry / "__init__.py").is_file()
    }


def run_to_its_end(process: Process, streams: Sequence[int], patience_s: float) -> tuple[int, list[bytes]]:
    """The exit code, and what came through each of the pipes until nobody held their other ends."""
    end = time.monotonic() + patience_s
    try:
        read = _read(streams, end)
        return process.wait(max(0, end - time.monotonic())), read
    except (subprocess.TimeoutExpired, TimeoutError):
        process.kill()
        process.wait()
        raise


def _read(streams: Sequence[int], end: float) -> list[bytes]:
    read = {stream: bytearray() for stream in streams}
    with selectors.DefaultSelector() as selector:
        for stream in streams:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(max(0, end - time.monotonic()))
            if not ready:
                raise TimeoutError("the command, or what it left behind, still holds its output: " + repr(bytes(read[streams[-1]][-500:])))
            for key, _ in ready:
                data = os.read(key.fd, 1 << 16)
                read[key.fd] += data
                if not data:
                    selector.unregister(key.fd)
    return [bytes(read[stream]) for stream in streams]
