"""A run is followed over HTTP: its log without gap or repetition, over a killed run, a killed server, and a run that another process goes on with."""

import http.client
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from tests.support.command import PATIENCE_S, Desk, held_until, oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end


@dataclass
class Reader:
    """What a browser's EventSource keeps: the last id; and all messages of the log in the order in which they came."""

    port: int
    token: str
    last: int = 0
    log: list[tuple[int, str]] = field(default_factory=list)

    @contextmanager
    def reading(self) -> Iterator[Iterator[tuple[str, dict]]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        headers = {"Authorization": f"Bearer {self.token}", **({"Last-Event-ID": str(self.last)} if self.last else {})}
        connection.request("GET", "/runs/r/events", headers=headers)
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("content-type")) == (200, "text/event-stream; charset=utf-8")
        try:
            yield self._messages(answer)
        finally:
            connection.close()

    def _messages(self, answer: http.client.HTTPResponse) -> Iterator[tuple[str, dict]]:
        """Kind and data of each message."""
        told: dict[str, str] = {}
        while line := answer.readline().decode():
            if line == "\n" and "data" in told:
                if "id" in told:
                    self.last = int(told["id"])
                    self.log.append((self.last, told["data"]))
                yield told.get("event", "message"), json.loads(told["data"])
                told = {}
            elif not line.startswith(":"):
                name, _, value = line.rstrip("\n").partition(": ")
                told[name] = value

    def until(self, is_meant) -> dict:
        """Reads on until a message is the one that is meant."""
        with self.reading() as messages:
            return next(data for kind, data in messages if is_meant(kind, data))


@contextmanager
def serving(desk: Desk) -> Iterator[int]:
    with desk.start("serve", "--port", "0") as server:
        server.until(lambda: "#code=" in server.out.read_text("utf-8"))
        yield int(re.findall(r":(\d+)/#code=", server.out.read_text("utf-8"))[0])


def test_a_stream_goes_on_without_gap_or_repetition_whatever_is_killed(tmp_path):
    desk = Desk.make(tmp_path)
    desk.plan(phase_of("one"), phase_of("two", "docs/"))
    token = desk.autopack("serve", "token").stdout.strip()
    release = threading.Event()
    with scripted_server(held_until(release, oracle_of({"one": {"app.txt": "two\n"}, "two": {"docs/notes.txt": "more\n"}}))) as provider:
        keyed = desk.beside(provider)
        with serving(desk) as port:
            reader = Reader(port, token)
            with keyed.start("run", "--run-id", "r") as run:
                run.until(lambda: bool(provider.calls))
                live = reader.until(lambda kind, data: kind == "live" and data["model"])
                assert (live["run_id"], live["phase"], live["attempt"], live["role"]) == ("r", "one", 1, "builder")
                run.process.kill()
                run.process.wait()
                interrupted = reader.until(lambda kind, data: kind == "state" and data["state"] == "interrupted")
                assert interrupted["schema"] == 1
        release.set()
        with serving(desk) as port:
            reader.port = port
            with keyed.start("resume", "r") as again:
                reader.until(lambda _kind, data: data.get("event") == "run_complete")
                assert again.end().exit_code == 0
    logged = desk.autopack("logs", "r", "--events", "--json").stdout.splitlines()
    assert [data for _, data in reader.log] == logged[: len(reader.log)]
    assert json.loads(reader.log[-1][1])["event"] == "run_complete"
    assert len({number for number, _ in reader.log}) == len(reader.log)
