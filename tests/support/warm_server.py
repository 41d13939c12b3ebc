"""A process that has imported what `autopack run` imports, and becomes `python -m autopack` in a child for each command asked for.

A byte on the channel brings four descriptors: the socket of that command, and its stdin, stdout and stderr. The child reads what it is to be
from the socket (JSON); whoever asked reads there its process id, and its exit code as soon as it has ended and was waited for.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

BESIDE: Final = (
    *("anthropic", "openai", "genai_prices.data", "git", "httpcore2", "h11", "truststore", "anyio.streams.tls"),
    *("ruamel.yaml", "sqlalchemy.dialects.sqlite", "encodings.idna", "importlib.readers"),
)
"""What `autopack run` imports as it comes to use it."""

REQUEST_BYTES: Final = 1 << 20


def preload() -> None:
    import autopack

    names = (module.name for module in pkgutil.walk_packages(autopack.__path__, "autopack."))
    for name in (*(name for name in names if not name.endswith(("__main__", "autopack.main"))), *BESIDE):
        importlib.import_module(name)
    _build()


def _build() -> None:
    """What every process makes once, at first use, of nothing but Autopack's own files."""
    from sqlalchemy.orm import configure_mappers

    from autopack.core.model import Frozen
    from autopack.edits.content.elision_phrases import stands_for_code, stands_for_prose
    from autopack.settings.effective import shipped

    shipped()
    configure_mappers()
    for text in ("...", "the rest", "rest of the code ...", "... rest ..."):
        stands_for_code(text)
        stands_for_prose(text)
    shapes = [Frozen]
    while shapes:
        shape = shapes.pop()
        shapes += shape.__subclasses__()
        shape.model_rebuild()


class Server:
    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._asked: dict[int, socket.socket] = {}
        self._ended, self._wake = os.pipe()

    def serve(self) -> None:
        """Returns in a child only, which goes on as the command."""
        self._watch()
        while True:
            ready, _, _ = select.select([self._channel, self._ended], [], [])
            if self._ended in ready:
                os.read(self._ended, 4096)
                self._reap()
            if self._channel in ready:
                byte, descriptors, _, _ = socket.recv_fds(self._channel, 1, 4)
                if not byte:
                    raise SystemExit  # whoever asked is gone
                if self._fork(descriptors):
                    return

    def _watch(self) -> None:
        os.set_blocking(self._wake, False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's is meant for the tests and for their commands
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake)

    def _reap(self) -> None:
        """At once: a process that has ended stays in the table until it is waited for, and locks are judged by that table."""
        for pid in tuple(self._asked):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                with self._asked.pop(pid) as answers:
                    _tell(answers, os.waitstatus_to_exitcode(status))

    def _fork(self, descriptors: list[int]) -> bool:
        """Whether this is the child. No signal is lost between the fork and what a fresh interpreter does about signals."""
        answers, streams = socket.socket(fileno=descriptors[0]), descriptors[1:]
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        pid = os.fork()
        if pid == 0:
            request = json.loads(answers.recv(REQUEST_BYTES))
            self._let_go(answers)
            _become(request, streams)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            return True
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for stream in streams:
            os.close(stream)
        self._asked[pid] = answers
        _tell(answers, pid)
        return False

    def _let_go(self, answers: socket.socket) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for mine in (self._channel, answers, *self._asked.values()):
            os.close(mine.detach())
        os.close(self._ended)
        os.close(self._wake)


def _tell(answers: socket.socket, number: int) -> None:
    with suppress(OSError):  # a test that did not wait
        answers.send(str(number).encode())


def _become(request: dict, streams: list[int]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = ["-m", *request["words"]]
    sys.orig_argv = [sys.executable, "-m", "autopack", *request["words"]]
    sys.path[0] = str(Path.cwd())  # as `-m` has it
    for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        before = getattr(sys, name)
        after = open(number, mode, encoding=before.encoding, errors=before.errors, newline="\n", closefd=False)  # noqa: SIM115
        after.reconfigure(line_buffering=after.line_buffering or number == 2)
        setattr(sys, name, after)
        setattr(sys, f"__{name}__", after)


class Leaving:
    """Ends a command behind all else that waits for its end: taking four thousand modules apart costs more than what most commands do."""

    def __init__(self) -> None:
        self.code: int | None = None
        atexit.register(self._leave)  # what is registered first comes last

    def _leave(self) -> None:
        if self.code is None:
            return  # not by `sys.exit(number)`: the interpreter knows what to say
        gc.collect()
        with suppress(OSError, ValueError):  # which the interpreter meets again, and tells
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(self.code & 0xFF)


def run(leaving: Leaving) -> None:
    try:
        runpy.run_module("autopack", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        leaving.code = end.code if isinstance(end.code, int) else None
        raise


def main() -> None:
    leaving = Leaving()
    preload()
    importlib.import_module("tests.support.rehearsal").rehearse()
    if (threads := os.listdir("/proc/self/task")) != [str(os.getpid())]:  # noqa: PTH208 - names
        raise SystemExit(f"what was imported or rehearsed runs threads, and a process with threads cannot be forked: {threads}")
    gc.collect()
    gc.freeze()
    channel = socket.socket(fileno=int(sys.argv[1]))
    channel.send(json.dumps(sorted({name.partition(".")[0] for name in sys.modules} - {"tests"})).encode())
    Server(channel).serve()
    run(leaving)


if __name__ == "__main__":
    main()
