"""Runs one command within its limits, until the last process of its tree has ended."""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Final

from autopack.checks.processes.command import Child, CommandEnd, CommandSpec, EndKind, Watch
from autopack.checks.processes.output import HeadAndTail
from autopack.checks.processes.process_table import Proc, child, machine_memory_bytes, pidfd
from autopack.checks.processes.process_tree import ProcessTree, end
from autopack.checks.processes.spawn import CannotStartError, not_started_inside, start
from autopack.core.settings import CheckLimits

_READ_BYTES: Final = 65_536
_PIPE_READS_MAX: Final = 32
_LOOK_EVERY_S: Final = 0.25
_STOP_EVERY_S: Final = 0.25
_CONFIRM_S: Final = 0.05
"""Counts memory over its limit once more: processes that end during a count pass shared memory on to those counted later."""

_SETTLE_S: Final = 0.1
_MEMORY_SHARE: Final = 0.8
_POLL_S: Final = 0.01
_FIRST_PAUSE_S: Final = 0.0005
"""A sandbox's own processes end a moment after its command."""


def run_command(spec: CommandSpec, watch: Watch | None = None) -> CommandEnd:
    """Runs the command. No process of it is left when this returns or raises."""
    watch = watch or Watch()
    began = time.monotonic()
    try:
        process = start(spec)
    except CannotStartError as error:
        return CommandEnd(EndKind.NOT_STARTED, None, time.monotonic() - began, detail=str(error))
    started = child(process.pid)
    run = _Running(spec, watch, process, started)
    try:
        watch.on_start(started)
        run.until_end()
    finally:
        run.close()
        watch.on_end(started)
    return run.outcome(time.monotonic() - began)


class _Running:
    def __init__(self, spec: CommandSpec, watch: Watch, process: "subprocess.Popen[bytes]", started: Child) -> None:
        self._spec = spec
        self._watch = watch
        self._process = process
        self._pipe = _pipe_of(process)
        self._output = HeadAndTail(spec.limits.output_kept_bytes)
        self._output_bytes = 0
        self._family = ProcessTree(Proc(started.pid, started.started), _mark(spec), f"pipe:[{os.fstat(self._pipe).st_ino}]")
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._pipe, selectors.EVENT_READ)
        self._pidfd = pidfd(process.pid)
        if self._pidfd is not None:
            self._selector.register(self._pidfd, selectors.EVENT_READ)
        self._is_open = True
        self._has_exited = False
        self._began = self._last_output = time.monotonic()
        self._next_look = self._began + _LOOK_EVERY_S
        self._next_stop = self._began + _STOP_EVERY_S
        self._is_over_memory = False
        self._kind = EndKind.STOPPED
        self._left_behind = self._unended = 0

    def until_end(self) -> None:
        while True:
            self._pump(_STOP_EVERY_S if self._pidfd is not None else _POLL_S)
            if self._has_exited:
                self._kind = EndKind.EXITED
                return
            over = self._over(time.monotonic())
            if over is not None:
                self._kind = over
                return

    def close(self) -> None:
        """Ends what still runs, reads what is still in the pipe, leaves no zombie."""
        if self._has_exited:
            self._left_behind = self._clear_up()
        else:
            self._unended = self._end(self._family.look)
        self._drain()
        try:
            self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self._unended = max(1, self._unended)
        self._selector.close()
        if self._pidfd is not None:
            os.close(self._pidfd)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def outcome(self, duration_s: float) -> CommandEnd:
        code = self._process.returncode
        kind, detail = self._kind, ""
        if kind is EndKind.EXITED and code is not None and code < 0:
            kind, detail = EndKind.SIGNALLED, f"the command was ended by {_signal_name(-code)}."
        elif kind is EndKind.EXITED and code is not None and code > _SHELL_SIGNAL_BASE:
            if isinstance(self._spec.command, str):
                detail = _shell_signal(code)
            elif self._spec.prefix and (name := _signal_name(code - _SHELL_SIGNAL_BASE)).startswith("SIG"):
                kind, detail = EndKind.SIGNALLED, f"the command was ended by {name}."  # a sandbox reports its command's end so
        elif kind is EndKind.EXITED and (inside := not_started_inside(self._spec, code, self._output.text())):
            kind, detail = EndKind.NOT_STARTED, inside
        exit_code = code if kind is EndKind.EXITED else None
        detail = detail or _detail(kind, self._spec)
        return CommandEnd(kind, exit_code, duration_s, self._output.text(), self._output_bytes, self._with_rest(detail), self._left_behind)

    def _over(self, now: float) -> EndKind | None:
        spec = self._spec
        if self._output_bytes > spec.limits.output_limit_bytes:
            return EndKind.OUTPUT_LIMIT
        if now - self._began >= spec.timeout_s:
            return EndKind.TIMEOUT
        if spec.idle_timeout_s is not None and now - self._last_output >= spec.idle_timeout_s:
            return EndKind.IDLE
        if now >= self._next_look:
            self._family.look()
            if (over := self._over_size()) is not None:
                return over
            took_s = time.monotonic() - now
            self._next_look = time.monotonic() + (_CONFIRM_S if self._is_over_memory else max(_LOOK_EVERY_S, 20 * took_s))
        if now >= self._next_stop:
            self._next_stop = now + _STOP_EVERY_S
            return EndKind.STOPPED if self._watch.stop() else None
        return None

    def _over_size(self) -> EndKind | None:
        limits = self._spec.limits
        if self._family.size > limits.processes:
            return EndKind.PROCESS_LIMIT
        memory = memory_limit(limits)
        was_over, self._is_over_memory = self._is_over_memory, self._family.memory_bytes(memory) > memory
        return EndKind.MEMORY_LIMIT if was_over and self._is_over_memory else None

    def _pump(self, patience_s: float) -> None:
        """Waits for output or the end, at most that long and never beyond the next limit."""
        now = time.monotonic()
        patience_s = min(patience_s, max(0.0, self._began + self._spec.timeout_s - now))
        if self._spec.idle_timeout_s is not None:
            patience_s = min(patience_s, max(0.0, self._last_output + self._spec.idle_timeout_s - now))
        self._listen(patience_s)
        if self._pidfd is None and not self._has_exited:
            self._has_exited = self._process.poll() is not None

    def _listen(self, patience_s: float) -> bool:
        """Takes what comes first within that time; says whether it was output."""
        ready = [key.fd for key, _ in self._selector.select(patience_s)]
        if self._pidfd in ready:
            self._has_exited = True
            self._selector.unregister(self._pidfd)
        if self._pipe in ready:
            self._read()
        return self._pipe in ready

    def _read(self) -> None:
        data = os.read(self._pipe, _READ_BYTES)
        if not data:
            self._selector.unregister(self._pipe)
            self._is_open = False
            return
        self._last_output = time.monotonic()
        self._output_bytes += len(data)
        if self._output_bytes <= self._spec.limits.output_limit_bytes + _READ_BYTES:
            self._output.take(data)
            self._watch.on_output(data)

    def _clear_up(self) -> int:
        """Ends what the command left running, after a moment in which it may end by itself."""
        self._drain()
        deadline, pause_s = time.monotonic() + _SETTLE_S, _FIRST_PAUSE_S
        while (rest := self._rest()) and time.monotonic() < deadline:
            self._wait(pause_s)
            pause_s = min(2 * pause_s, _POLL_S)
        if rest:
            self._unended = self._end(self._rest)
        return len(rest)

    def _rest(self) -> frozenset[Proc]:
        rest = self._family.look()
        return rest if rest or not self._is_open else self._family.holders()

    def _end(self, look: Callable[[], frozenset[Proc]]) -> int:
        group = self._process.pid if self._process.returncode is None else None
        grace_s = 0 if self._kind in (EndKind.MEMORY_LIMIT, EndKind.PROCESS_LIMIT) else self._spec.limits.kill_grace_s
        return end(look, grace_s, self._wait, group)

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if not self._is_open:
                time.sleep(left)
                return
            self._listen(left)

    def _drain(self) -> None:
        """Reads what is in the pipe, and never more than a pipe holds: another process may still be writing."""
        for _ in range(_PIPE_READS_MAX):
            if not self._is_open or not self._listen(0):
                return

    def _with_rest(self, detail: str) -> str:
        rest = ""
        if self._unended:
            rest = f"processes of it that could not be ended: {self._unended}."
        elif self._left_behind and self._kind is EndKind.EXITED:
            rest = f"processes that it left running and that were ended: {self._left_behind}."
        return " ".join(part for part in (detail, rest) if part)


_SHELL_SIGNAL_BASE: Final = 128


def _detail(kind: EndKind, spec: CommandSpec) -> str:
    limits = spec.limits
    memory = f"{memory_limit(limits):,} bytes of memory (checks.memory_bytes)"
    said = {
        EndKind.TIMEOUT: f"it did not end within {spec.timeout_s:g} s and was ended.",
        EndKind.IDLE: f"it wrote nothing for {spec.idle_timeout_s or 0:g} s and was ended.",
        EndKind.OUTPUT_LIMIT: f"it wrote more than {limits.output_limit_bytes:,} bytes of output and was ended.",
        EndKind.MEMORY_LIMIT: f"its processes held more than {memory} and were ended.",
        EndKind.PROCESS_LIMIT: f"it had more than {limits.processes:,} processes at a time (checks.processes), and they were ended.",
        EndKind.STOPPED: "it was ended because the run was asked to stop.",
    }
    return said.get(kind, "")


def memory_limit(limits: CheckLimits) -> int:
    return limits.memory_bytes or int(_MEMORY_SHARE * machine_memory_bytes())


def _pipe_of(process: "subprocess.Popen[bytes]") -> int:
    if process.stdout is None:
        raise ValueError("the process was started without a pipe for its output")
    return process.stdout.fileno()


def _mark(spec: CommandSpec) -> bytes | None:
    out = spec.environment.get("AUTOPACK_OUT")
    return b"AUTOPACK_OUT=" + os.fsencode(out) if out else None


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _shell_signal(code: int) -> str:
    try:
        name = signal.Signals(code - _SHELL_SIGNAL_BASE).name
    except ValueError:
        return ""
    memory = ", as the system does when memory runs out" if name == "SIGKILL" else ""
    return f"exit code {code} says that a program in it was ended by {name}{memory}."
