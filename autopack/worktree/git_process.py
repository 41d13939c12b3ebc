"""Waits for one git process: takes its output piece by piece, limits its time, starts no thread that could outlive it."""

import os
import selectors
import signal
import subprocess
import time
from contextlib import suppress
from typing import Final, Protocol

_READ_BYTES: Final = 65_536


class Sink(Protocol):
    """What takes git's output piece by piece."""

    def write(self, data: bytes, /) -> int: ...


class TookTooLongError(Exception):
    """git gave no answer in time and was killed, with all that it had started in its session's first group."""


def read_to_end(process: "subprocess.Popen[bytes]", into: Sink, timeout_s: float) -> tuple[int, str]:
    """The exit code and what git said on stderr; its output goes into ``into``. ``process`` leads a session of its own.

    An interrupted caller lets git go on, so that git can finish what it is writing.

    Raises:
        TookTooLongError: it did not end within ``timeout_s``.
    """
    deadline = time.monotonic() + timeout_s
    said: list[bytes] = []
    try:
        _pump(process, into, said, deadline)
        code = process.wait(max(0.0, deadline - time.monotonic()))
    except (TimeoutError, subprocess.TimeoutExpired) as error:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise TookTooLongError from error
    finally:
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
    return code, b"".join(said).removesuffix(b"\n").decode("utf-8", "replace")


def _pump(process: "subprocess.Popen[bytes]", into: Sink, said: list[bytes], deadline: float) -> None:
    """Reads until both pipes are closed. Raises TimeoutError at the deadline."""
    with selectors.DefaultSelector() as selector:
        for pipe, take in ((process.stdout, into.write), (process.stderr, said.append)):
            if pipe is not None:
                selector.register(pipe, selectors.EVENT_READ, take)
        while selector.get_map():
            left = deadline - time.monotonic()
            ready = selector.select(left) if left > 0 else []
            if not ready:
                raise TimeoutError
            for key, _ in ready:
                data = os.read(key.fd, _READ_BYTES)
                if data:
                    key.data(data)
                else:
                    selector.unregister(key.fileobj)
