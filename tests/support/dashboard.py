"""The server's app as tests ask it: in this process, with a clock of the test's own, by real HTTP messages."""

import functools
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient
from joserfc.jwk import RSAKey

from autopack.core.clock import Clock
from autopack.dashboard.access.access import Access
from autopack.dashboard.access.key_file import StoredKey, StoredKeys
from autopack.dashboard.access.scope import Scope
from autopack.dashboard.app import create_app
from autopack.dashboard.guard.names import Names
from autopack.dashboard.places import Places
from autopack.dashboard.server import Server

ADDRESS = "http://127.0.0.1:8100"
NOW = 1_800_000_000.0


class Time:
    """A clock that only a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> float:
        return self.at

    def pass_s(self, seconds: float) -> None:
        self.at += seconds

    @property
    def clock(self) -> Clock:
        return Clock(self.now, self.now, self.pass_s)


@functools.cache
def _stored_keys() -> bytes:
    """Made once for all tests of this process: making them takes longer than a test."""
    key = RSAKey.generate_key(2048, private=True).as_pem(private=True).decode()
    return StoredKeys(keys=(StoredKey(pem=key, made=NOW),)).model_dump_json().encode()


@dataclass
class Desk:
    """``program`` is a client without a cookie; ``bearer`` gives the header of a token."""

    server: Server
    app: FastAPI
    program: TestClient
    time: Time

    def bearer(self, scope: str = "read", ttl_s: float = 3600) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.server.access.token('test', Scope(scope), ttl_s)}"}

    @contextmanager
    def browser(self) -> Iterator[TestClient]:
        """A browser whose person has come by the printed address; it sends what a browser sends with a page's own requests."""
        headers = {"Origin": ADDRESS, "Sec-Fetch-Site": "same-origin"}
        with TestClient(self.app, base_url=ADDRESS, headers=headers) as client:
            begun = client.post("/api/auth/session", json={"code": self.server.access.code()})
            assert begun.status_code == 200, begun.text
            client.headers["X-Autopack-Session"] = begun.json()["token"]
            yield client


@contextmanager
def served(tmp_path: Path, *repositories: Path, names: Names = Names(), environment: dict[str, str] | None = None) -> Iterator[Desk]:  # noqa: B008 - frozen
    time = Time()
    own = {
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "HOME": str(tmp_path),
        **(environment or {}),
    }
    keys = tmp_path / "state" / "autopack" / "server" / "keys.json"
    if not keys.exists():
        keys.parent.mkdir(parents=True)
        keys.write_bytes(_stored_keys())
        keys.chmod(0o600)
    places = Places.of(repositories, (own, {**os.environ, **own}), time.clock)
    numbers = itertools.count(1)
    access = Access.of(own, time.now, lambda: f"nonce-{next(numbers):08}")
    server = Server(places, time.clock, access, names)
    app = create_app(server)
    with TestClient(app, base_url=ADDRESS) as client:
        yield Desk(server, app, client, time)
