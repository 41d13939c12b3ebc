"""Begins the worker: while there is one thread, and once all is imported that both processes need, so that they share it."""

import gc
import os
import signal
import sys
from typing import Final, NoReturn

from autopack.llm.providers.serving import serve
from autopack.llm.providers.worker import Worker
from autopack.llm.warm import warm_prices

_IGNORED: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
"""They are for the run, whose end closes the worker's pipe."""

_MOST_DESCRIPTORS: Final = 4096


def fork_worker(sdk: str) -> Worker | None:
    """A process that begins to import this SDK; None where there is no room for one.

    None on other systems than Linux, too: macOS has libraries that end a process which forked and did not go on to another program.
    """
    if sys.platform != "linux":
        return None
    warm_prices()
    gc.freeze()  # a look for garbage would copy every page it looks at
    try:
        (asked, requests), (answers, said) = os.pipe(), os.pipe()
        child = os.fork()
    except OSError:
        return None
    if child == 0:
        _be_the_worker(asked, said, sdk)
    os.close(asked)
    os.close(said)
    return Worker(child, requests, answers)


def _be_the_worker(asked: int, said: int, sdk: str) -> NoReturn:
    """It holds nothing of the run's open: neither its output, nor its end of the pipes, nor a lock of whoever called it."""
    try:
        for number in _IGNORED:
            signal.signal(number, signal.SIG_IGN)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nowhere, stream)
        low, high = sorted((asked, said))
        os.closerange(3, low)
        os.closerange(low + 1, high)
        os.closerange(high + 1, _MOST_DESCRIPTORS)
        serve(asked, said, sdk)
    finally:
        os._exit(0)
