"""Keeps spare room beside the state database and gives it up on a full disk, so that the end of a start can still be recorded."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from autopack.core.errors import EnvironmentBlockedError
from autopack.store.disk_errors import is_disk_full

RESERVE_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class DiskReserve:
    """A spare file of 1 MiB. The runs of a database share it; every start makes it again where it is gone."""

    path: Path

    def keep(self) -> None:
        """Makes the file if it is missing or short. No file system can compress its bytes.

        Raises:
            EnvironmentBlockedError: there is no room for it.
        """
        try:
            if self.path.exists() and self.path.stat().st_size == RESERVE_BYTES:
                return
            with self.path.open("wb") as file:
                file.write(hashlib.shake_128(b"ballast").digest(RESERVE_BYTES))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            self.free()
            raise EnvironmentBlockedError(
                f"{self.path} cannot be written ({error.strerror}). Make room or give access, then resume."
            ) from error

    def free_for(self, error: BaseException) -> bool:
        """Removes the file if the error tells of a full disk; says whether there is more room now."""
        return is_disk_full(error) and self.free()

    def free(self) -> bool:
        """Says whether the file was there and is gone now."""
        try:
            self.path.unlink()
        except OSError:
            return False
        return True
