"""A process of this program's own that imports an SDK while the run is still being prepared, and through which its calls then go.

It ends when the pipe of its requests does: with the process that made it, whatever ends that. It makes nothing and keeps
nothing; what it holds is what any process holds while a call is under way.
"""

import os
import pickle
import signal
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Final

from autopack.core.settings import Timeouts
from autopack.llm.providers.connection import Connection
from autopack.llm.providers.exchange import read
from autopack.llm.providers.messages import Answer, Broken, Call, Connect, Connected, CutOff, Failed, Message, Prepare, Progressed, Request
from autopack.llm.providers.table import APIS
from autopack.llm.wire import ApiName, Arrived, Json, WireFailure, WireKind

_HEARD_S: Final = 5.0
"""A worker that takes longer to hear what it is told does not run any more, and is ended."""

_PATIENCE_S: Final = 60.0
"""For the import of an SDK, on a machine that does much else; a worker that takes longer is done without."""


class Worker:
    """This process's end, with the worker's pid and the descriptors of two pipes. Safe to use from several threads."""

    def __init__(self, pid: int | None, requests: int, answers: int) -> None:
        self._pid = pid
        self._requests = os.fdopen(requests, "wb")
        self._answers = os.fdopen(answers, "rb")
        self._sending = threading.Lock()
        self._waiting: dict[int, SimpleQueue[Answer | None]] = {}
        self._numbers = iter(range(1, 2**62))
        self.is_alive = True
        threading.Thread(target=self._read, name="autopack-worker", daemon=True).start()

    def prepare(self, sdk: str) -> None:
        """Lets it import this SDK too, if it is another than the one it began with."""
        self.tell(Prepare(sdk))

    def line(self, to: Connection, timeouts: Timeouts) -> "WorkerLine | None":
        """A way to a provider; waits until the SDK is imported. None where the worker cannot make one."""
        number = self.number()
        is_connected = isinstance(self.answer(Connect(number, to, timeouts), _PATIENCE_S), Connected)
        return WorkerLine(self, number) if is_connected else None

    def number(self) -> int:
        return next(self._numbers)

    def ask(self, request: Connect | Call | CutOff) -> "SimpleQueue[Answer | None] | None":
        """Where the answers will come, to be forgotten at the end; a None among them once the worker is gone. None: nothing was asked."""
        queue = self._waiting[request.id] = SimpleQueue()
        if not self.tell(request):
            self.forget(request.id)
            return None
        if not self.is_alive:
            queue.put(None)
        return queue

    def answer(self, request: Connect | CutOff, patience_s: float) -> Answer | None:
        """The one answer to this, None where none comes."""
        queue = self.ask(request)
        try:
            return queue.get(timeout=patience_s) if queue is not None else None
        except Empty:
            return None
        finally:
            self.forget(request.id)

    def forget(self, number: int) -> None:
        self._waiting.pop(number, None)

    def tell(self, request: Request) -> bool:
        """Whether it was sent."""
        data = pickle.dumps(request)
        if not self._sending.acquire(timeout=_HEARD_S):
            self.kill()
            return False
        try:
            self._requests.write(data)
            self._requests.flush()
        except (OSError, ValueError):
            self.is_alive = False
            return False
        finally:
            self._sending.release()
        return True

    def kill(self) -> None:
        """It cannot be another process by now: nobody has waited for it."""
        self.is_alive = False
        if self._pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)

    def end(self) -> None:
        """Nothing is asked any more."""
        self.is_alive = False
        if not self._sending.acquire(timeout=_HEARD_S):
            self.kill()
            return
        try:
            self._requests.close()
        except OSError:
            return
        finally:
            self._sending.release()

    def _read(self) -> None:
        try:
            with self._answers as answers:
                while True:
                    answer: Answer = pickle.load(answers)  # noqa: S301 - from the process that is a part of this one
                    queue = self._waiting.get(answer.id)
                    if queue is not None:
                        queue.put(answer)
        except Exception:  # noqa: BLE001 - whatever it is that cannot be read any more, those who wait are told below
            return
        finally:
            self.is_alive = False
            for queue in tuple(self._waiting.values()):
                queue.put(None)


@dataclass(frozen=True)
class WorkerLine:
    worker: Worker
    number: int

    @property
    def is_open(self) -> bool:
        return self.worker.is_alive

    def exchange(self, api: ApiName, body: Json, headers: Mapping[str, str]) -> "WorkerExchange":
        return WorkerExchange(self.worker, Call(self.worker.number(), self.number, api, body, headers))

    def close(self) -> None:
        """The worker's end closes all of its lines."""


@dataclass
class WorkerExchange:
    worker: Worker
    call: Call
    progress: Progressed = field(default_factory=lambda: Progressed(0))

    def run(self) -> Arrived:
        """As Exchange.run. A worker that ends meanwhile is a connection that broke."""
        answers = self.worker.ask(self.call)
        if answers is None:
            raise WireFailure(WireKind.CONNECTION, "the process that held the connection ended before anything was sent", is_definite=True)
        try:
            while isinstance(answer := answers.get(), Progressed):
                self.progress = answer
        finally:
            self.worker.forget(self.call.id)
        match answer:
            case Message():
                return read(APIS[self.call.api], answer.final), answer.request_id
            case Failed():
                raise answer.failure
            case Broken():
                raise RuntimeError(f"The worker failed:\n{answer.trace}")
        raise WireFailure(WireKind.CONNECTION, "the process that held the connection ended", is_definite=False)

    def cut_off(self) -> None:
        """A worker that does not hear it any more is ended, and its calls with it."""
        if self.worker.is_alive and self.worker.answer(CutOff(self.worker.number(), self.call.id), _HEARD_S) is None:
            self.worker.kill()
