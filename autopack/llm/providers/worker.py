"""A process of this program's own that imports an SDK while the run is still being prepared, and through which its calls then go.

It ends when the pipe of its requests does: with the process that made it, whatever ends that. It makes nothing and keeps
nothing; what it holds is what any process holds while a call is under way.
"""

import os
import pickle
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Final

from autopack.core.settings import Timeouts
from autopack.llm.providers.connection import Connection
from autopack.llm.providers.exchange import read
from autopack.llm.providers.messages import Answer, Broken, Call, Connect, Connected, CutOff, Failed, Message, Prepare, Progressed, Request
from autopack.llm.providers.table import APIS
from autopack.llm.wire import ApiName, Arrived, Json, WireFailure, WireKind

_PATIENCE_S: Final = 60.0
"""For the import of an SDK, on a machine that does much else; a worker that takes longer is done without."""


class Worker:
    """This process's end, with the descriptors of two pipes. Safe to use from several threads."""

    def __init__(self, requests: int, answers: int) -> None:
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
        try:
            is_connected = isinstance(self.ask(Connect(number, to, timeouts)).get(timeout=_PATIENCE_S), Connected)
        except Empty:
            is_connected = False
        self.forget(number)
        return WorkerLine(self, number) if is_connected else None

    def number(self) -> int:
        return next(self._numbers)

    def ask(self, request: Connect | Call) -> "SimpleQueue[Answer | None]":
        """Where the answers will come: None once the worker is gone. To be forgotten at the end."""
        queue = self._waiting[request.id] = SimpleQueue()
        self.tell(request)
        if not self.is_alive:
            queue.put(None)
        return queue

    def forget(self, number: int) -> None:
        self._waiting.pop(number, None)

    def tell(self, request: Request) -> None:
        """One that is gone is told of by what its answers come from."""
        data = pickle.dumps(request)
        with self._sending:
            try:
                self._requests.write(data)
                self._requests.flush()
            except (OSError, ValueError):
                self.is_alive = False

    def end(self) -> None:
        """Nothing is asked any more."""
        self.is_alive = False
        with self._sending:
            try:
                self._requests.close()
            except OSError:
                return

    def _read(self) -> None:
        with self._answers as answers:
            while True:
                try:
                    answer: Answer = pickle.load(answers)  # noqa: S301 - from the process that is a part of this one
                except (EOFError, OSError, pickle.UnpicklingError):
                    break
                queue = self._waiting.get(answer.id)
                if queue is not None:
                    queue.put(answer)
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
        self.worker.tell(CutOff(self.call.id))
