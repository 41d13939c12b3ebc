"""The worker's end: makes the calls it is asked for, and says how far each is and what came of it."""

import os
import pickle
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from autopack.llm.providers.exchange import Exchange, sdk_modules
from autopack.llm.providers.local_line import LocalLine, local_line
from autopack.llm.providers.messages import (
    Answer,
    Broken,
    Call,
    Connect,
    Connected,
    CutOff,
    Failed,
    Message,
    Prepare,
    Progressed,
    Request,
)
from autopack.llm.warm import look_for_garbage
from autopack.llm.wire import WireFailure

_TICK_S: Final = 0.05


def serve(asked: int, said: int, sdk: str) -> None:
    """Returns once nobody is there any more who could ask. Takes descriptors: of the pipe that is read and of the one that is written."""
    with os.fdopen(asked, "rb") as requests, os.fdopen(said, "wb") as answers:
        serving = Serving(answers)
        serving.take(Prepare(sdk))
        while True:
            try:
                request: Request = pickle.load(requests)  # noqa: S301 - from the process that this one is a part of
            except (EOFError, OSError):
                break
            serving.take(request)
        serving.close()


@dataclass(frozen=True)
class Serving:
    """Every request in a thread of its own, so that the end of the pipe is seen whatever is going on."""

    answers: BinaryIO
    lines: dict[int, LocalLine] = field(default_factory=dict)
    calls: dict[int, Exchange] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, request: Request) -> None:
        match request:
            case Prepare():
                _begin(lambda: _prepare(request.sdk))
            case Connect():
                _begin(lambda: self._say(self._connected(request)))
            case Call():
                _begin(lambda: self._call(request))
            case CutOff():
                exchange = self.calls.get(request.call)
                if exchange is not None:
                    exchange.cut_off()
                self._say(Connected(request.id))

    def close(self) -> None:
        for line in self.lines.values():
            line.close()

    def _connected(self, request: Connect) -> Answer:
        try:
            self.lines[request.id] = local_line(request.to, request.timeouts, time.time)
        except Exception:  # noqa: BLE001 - carried to the process that asked
            return Broken(request.id, traceback.format_exc())
        return Connected(request.id)

    def _call(self, request: Call) -> None:
        number, done = request.id, threading.Event()
        exchange = self.calls[number] = self.lines[request.line].exchange(request.api, request.body, request.headers)
        _begin(lambda: self._report(number, exchange, done))
        answer = _answer(number, exchange)
        done.set()
        self.calls.pop(number, None)
        self._say(answer)

    def _report(self, number: int, exchange: Exchange, done: threading.Event) -> None:
        told = Progressed(number)
        while not done.wait(_TICK_S):
            progress = exchange.progress
            now = Progressed(number, progress.bytes_received, progress.characters, progress.is_complete)
            if now != told:
                self._say(now)
                told = now

    def _say(self, answer: Answer) -> None:
        data = _pickled(answer)
        with self.lock:
            try:
                self.answers.write(data)
                self.answers.flush()
            except (OSError, ValueError):
                return  # nobody is there any more who could read it


def _answer(number: int, exchange: Exchange) -> Answer:
    try:
        final, request_id = exchange.message()
    except WireFailure as failure:
        return Failed(number, failure.kind, failure.message, failure.is_definite, failure.details)
    except Exception:  # noqa: BLE001 - carried to the process that asked
        return Broken(number, traceback.format_exc())
    return Message(number, final, request_id)


def _pickled(answer: Answer) -> bytes:
    try:
        return pickle.dumps(answer)
    except Exception:  # noqa: BLE001 - as above; pickle raises whatever its objects do
        return pickle.dumps(Broken(answer.id, traceback.format_exc()))


def _prepare(sdk: str) -> None:
    sdk_modules(sdk)
    look_for_garbage()


def _begin(what: Callable[[], None]) -> None:
    threading.Thread(target=what, daemon=True).start()
