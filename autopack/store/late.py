"""What must not be lost while another process keeps the database locked: kept in files beside it, taken in by the next process."""

import base64
import json
import os
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from autopack.core.errors import EnvironmentBlockedError
from autopack.store.trouble import machine_trouble

Statement = tuple[str, Mapping[str, Any]]

_ENDING: Final = ".json"
_BYTES: Final = "base64"


@dataclass(frozen=True)
class Late:
    """The folder beside the database at ``path``: a file for each thing that was to be written, gone once it is."""

    path: Path

    def keep(self, name: str, statements: Iterable[Statement], row: Mapping[str, Any] | None = None) -> None:
        """On the disk when this returns. The statements change nothing where what they tell of has moved on; ``row`` is for ``row_of``.

        Raises:
            EnvironmentBlockedError: the folder cannot be written either.
        """
        text = json.dumps({"statements": list(statements), "row": row}, default=_as_text, ensure_ascii=False)
        try:
            self._folder.mkdir(exist_ok=True)
            draft = self._folder / f"{name}.part"
            with draft.open("w", encoding="utf-8", errors="surrogatepass") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(self._folder / f"{name}{_ENDING}")
            _sync(self._folder)
        except OSError as error:
            raise EnvironmentBlockedError(f"{self._folder} cannot be written ({error.strerror}). Give access, then resume.") from error

    def row_of(self, name: str) -> Mapping[str, Any]:
        """The columns that were kept under that name and are not in the database yet."""
        with suppress(FileNotFoundError):
            row: Mapping[str, Any] | None = _read(self._folder / f"{name}{_ENDING}")["row"]
            return row or {}
        return {}

    def take_in(self, wait_s: float) -> None:
        """Writes all that was kept into the database, in one transaction.

        Raises:
            EnvironmentBlockedError: it stayed locked for so long; what was kept stays.
        """
        if not any(self._folder.glob(f"*{_ENDING}")):
            return
        with machine_trouble(self.path), closing(sqlite3.connect(self.path, timeout=wait_s, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous=FULL").close()
            connection.execute("BEGIN IMMEDIATE").close()
            files = sorted(self._folder.glob(f"*{_ENDING}"))
            for sql, values in (statement for file in files for statement in _read(file)["statements"]):
                connection.execute(sql, values).close()
            connection.execute("COMMIT").close()
        for file in files:
            file.unlink(missing_ok=True)
        with suppress(OSError):  # somebody keeps something in it this very moment
            self._folder.rmdir()

    @property
    def _folder(self) -> Path:
        return self.path.with_name(f"{self.path.name}.late")


def _read(file: Path) -> dict[str, Any]:
    text = file.read_text("utf-8", "surrogatepass")
    read: dict[str, Any] = json.loads(text, object_hook=lambda value: base64.b64decode(value[_BYTES]) if set(value) == {_BYTES} else value)
    return read


def _as_text(value: bytes) -> dict[str, str]:
    return {_BYTES: base64.b64encode(value).decode("ascii")}


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
