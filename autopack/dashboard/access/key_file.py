"""Keys that Autopack made itself: one file in the user's state directory that servers and commands share."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from joserfc.jwk import RSAKey
from pydantic import ValidationError

from autopack.core.errors import EnvironmentBlockedError
from autopack.core.model import Frozen
from autopack.dashboard.access.ring import OldKey, Ring, read_key

BITS: Final = 3072
_PRIVATE: Final = 0o077


class StoredKey(Frozen):
    """``pem`` is private for the first key of a file, public for the others. ``until``: when the last token that it signed expires."""

    pem: str
    made: float
    until: float = 0.0


class StoredKeys(Frozen):
    """The first key signs."""

    keys: tuple[StoredKey, ...]
    rotated: float | None = None


@dataclass
class KeyFile:
    """Raises EnvironmentBlockedError where the file cannot be made, read or trusted."""

    path: Path
    now: Callable[[], float]
    _seen: tuple[tuple[int, int, int], Ring] | None = field(default=None, init=False)

    def ring(self) -> Ring:
        """The keys as they are now; made where there are none. The file is read again only once it has changed."""
        with _trouble(self.path):
            stamp = self._stamp()
            if stamp is None:
                with self._locked() as stored:
                    self._write(stored or _made(self.now()))
                stamp = self._stamp()
            if self._seen is None or stamp is None or self._seen[0] != stamp:
                ring = _ring(self._read())
                if stamp is None:
                    return ring
                self._seen = (stamp, ring)
            return self._seen[1]

    def signed_until(self, until: float) -> None:
        """Remembers how long the newest key's tokens live, should it be rotated."""
        with _trouble(self.path), self._locked() as stored:
            if stored is not None and stored.keys[0].until < until:
                first = stored.keys[0].model_copy(update={"until": until})
                self._write(stored.model_copy(update={"keys": (first, *stored.keys[1:])}))

    def rotate(self, *, ends_all: bool) -> None:
        """From now on a new key signs. Tokens of the old ones hold until they expire, unless all are to end."""
        now = self.now()
        with _trouble(self.path), self._locked() as stored:
            old = () if stored is None or ends_all else tuple(_public(key) for key in stored.keys if key.until > now)
            made = _made(now)
            self._write(StoredKeys(keys=(*made.keys, *old), rotated=now if stored else None))

    @contextmanager
    def _locked(self) -> Iterator[StoredKeys | None]:
        """One writer at a time; gives what is stored now."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield self._read() if self.path.exists() else None
        finally:
            os.close(descriptor)

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        if found.st_mode & _PRIVATE:
            raise EnvironmentBlockedError(
                f"{self.path}: others may read the keys that sign tokens: chmod 600 it, then `autopack serve rotate-keys --now`."
            )
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _read(self) -> StoredKeys:
        try:
            return StoredKeys.model_validate_json(self.path.read_bytes())
        except ValidationError:
            raise EnvironmentBlockedError(f"{self.path} holds no keys that can be read; take it away, and new ones are made.") from None

    def _write(self, keys: StoredKeys) -> None:
        draft = self.path.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(keys.model_dump_json().encode())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)


@contextmanager
def _trouble(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EnvironmentBlockedError(f"{path}: the server's keys cannot be kept there: {error.strerror}.") from error


def _made(now: float) -> StoredKeys:
    key = RSAKey.generate_key(BITS, private=True)
    return StoredKeys(keys=(StoredKey(pem=key.as_pem(private=True).decode(), made=now),))


def _public(key: StoredKey) -> StoredKey:
    return key.model_copy(update={"pem": read_key(key.pem, "a stored key").as_pem(private=False).decode()})


def _ring(stored: StoredKeys) -> Ring:
    first, *others = stored.keys
    old = tuple(OldKey(read_key(key.pem, "a stored key"), key.until) for key in others)
    return Ring("generated", read_key(first.pem, "a stored key"), first.made, stored.rotated, old)
