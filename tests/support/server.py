"""The scripted model server for tests: `scripted_server` in a thread of this process, `scripted_process` in a process of its own."""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.support import fakellm

FAKELLM: Final = Path(fakellm.__file__)
START_S: Final = 20.0
SETTLE_S: Final = 2.0


@dataclass(frozen=True)
class Call:
    """One generating request as it arrived."""

    number: int  # 1-based, over all generating requests
    provider: str  # anthropic | chat | responses
    model: str
    stream: bool
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def role(self) -> str:
        return self.headers.get("x-autopack-role", "")

    @property
    def phase(self) -> str:
        return self.headers.get("x-autopack-phase", "")

    @property
    def attempt(self) -> int:
        return int(self.headers.get("x-autopack-attempt") or 0)

    @property
    def text(self) -> str:
        """The whole request as JSON, to search in."""
        return json.dumps(self.body, ensure_ascii=False)


@dataclass(frozen=True)
class Scripted:
    """A running server: its address, and what it was asked."""

    base_url: str  # as ANTHROPIC_BASE_URL wants it; OPENAI_BASE_URL wants `openai_url`
    read_calls: Callable[[], list[Call]] = field(repr=False)

    @property
    def openai_url(self) -> str:
        return self.base_url + "/v1"

    @property
    def calls(self) -> list[Call]:
        """Every generating request so far, in order of arrival (of the process variant: of its end)."""
        return self.read_calls()

    def asked(self, role: str, phase: str | None = None) -> list[Call]:
        return [call for call in self.calls if call.role == role and phase in (None, call.phase)]

    def environment(self, api: str = "anthropic") -> dict[str, str]:
        """The variables with which either SDK talks to this server and to nothing else."""
        if api == "anthropic":
            return {"ANTHROPIC_API_KEY": "k-test", "ANTHROPIC_BASE_URL": self.base_url}
        return {"OPENAI_API_KEY": "k-test", "OPENAI_BASE_URL": self.openai_url}


@contextmanager
def scripted_server(script: Callable[[Any], Any], *, faults: Sequence[str] = (), latency: float = 0.0) -> Iterator[Scripted]:
    """Answers with what `script(request)` returns (see fakellm's docstring); `faults` are its `--fault` specs."""
    calls: list[Call] = []

    def recording(request: Any) -> Any:
        calls.append(Call(request.call, request.provider, request.model, request.stream, dict(request.headers), request.body))
        return script(request)

    server = fakellm.Server(recording, faults=faults, latency=latency)
    ready: Future[int] = Future()
    stop = threading.Event()
    thread = threading.Thread(target=_serve_until, args=(server, ready, stop), daemon=True)
    thread.start()
    try:
        yield Scripted(f"http://127.0.0.1:{ready.result(START_S)}", lambda: list(calls))
    finally:
        stop.set()
        thread.join(START_S)
        assert not thread.is_alive(), "the scripted server did not stop"


def _serve_until(server: fakellm.Server, ready: "Future[int]", stop: threading.Event) -> None:
    async def run() -> None:
        listening = asyncio.ensure_future(fakellm.serve(server, 0, ready.set_result))
        await asyncio.get_running_loop().run_in_executor(None, stop.wait)
        handlers = asyncio.all_tasks() - {asyncio.current_task(), listening}
        for task in handlers:  # before the listener, which waits for its connections
            task.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)

    asyncio.run(run())


@contextmanager
def scripted_process(
    script: str, directory: Path, *, environment: Mapping[str, str] | None = None, options: Sequence[str] = ()
) -> Iterator[Scripted]:
    """The same in a process: `script` is `FILE.py:FUNCTION`; `options` are fakellm's (`--fault`, `--latency`, `--tps`); logs go to `directory`."""
    log, port_file = directory / "calls.jsonl", directory / "port"
    command = [sys.executable, str(FAKELLM), "--script", script, "--log", str(log), "--port-file", str(port_file), *options]
    with (directory / "server.err").open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(command, env={**os.environ, **(environment or {})}, stdout=subprocess.DEVNULL, stderr=errors)
        try:
            base_url = f"http://127.0.0.1:{_port(process, port_file)}"
            yield Scripted(base_url, lambda: _settled(base_url, log))
            _settled(base_url, log)
        finally:
            process.terminate()
            process.wait(START_S)
            port_file.unlink(missing_ok=True)


def _port(process: "subprocess.Popen[bytes]", port_file: Path) -> int:
    end = time.monotonic() + START_S
    while not port_file.exists():
        if process.poll() is not None or time.monotonic() > end:
            errors = (port_file.parent / "server.err").read_text(encoding="utf-8")
            raise AssertionError(f"the scripted server did not start:\n{errors}")
        time.sleep(0.02)
    return int(port_file.read_text(encoding="utf-8"))


def _settled(base_url: str, log: Path) -> list[Call]:
    """The log once it holds every call that came; a call is logged just after its reply, one that hangs is waited for no longer than `SETTLE_S`."""
    end = time.monotonic() + SETTLE_S
    expected = _calls_so_far(base_url)
    while len(calls := _logged(log)) < expected and time.monotonic() < end:
        time.sleep(0.01)
    return calls


def _calls_so_far(base_url: str) -> int:
    try:
        with urllib.request.urlopen(f"{base_url}/__stats", timeout=SETTLE_S) as answer:  # noqa: S310 - the loopback server started here
            return json.load(answer)["calls"]
    except OSError:  # the process has ended: its log is complete
        return 0


def _logged(log: Path) -> list[Call]:
    """The whole lines of the log; one that is still being written is left for the next look."""
    lines = log.read_text(encoding="utf-8").split("\n")[:-1] if log.exists() else []
    records = [record for record in map(json.loads, lines) if record["kind"] == "gen"]
    return [Call(r["call"], r["provider"], r["model"], r["stream"], r["headers"], r["body"]) for r in records]
