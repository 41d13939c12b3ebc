import asyncio
import os
import signal

from autopack.dashboard.closing import closes_streams


def test_a_signal_ends_what_is_open_and_is_heard_by_whoever_heard_it_before():
    heard = []

    async def streams():
        closing = asyncio.Event()
        with closes_streams(closing):
            asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)
            await closing.wait()
        return closing.is_set()

    before = signal.signal(signal.SIGTERM, lambda number, _frame: heard.append(number))
    try:
        assert asyncio.run(streams())
        own = signal.getsignal(signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == [signal.SIGTERM, signal.SIGTERM]
    assert own is not before


def test_what_is_open_ends_with_the_server_without_a_signal_too():
    async def serves():
        closing = asyncio.Event()
        with closes_streams(closing):
            assert not closing.is_set()
        return closing.is_set()

    assert asyncio.run(serves())
