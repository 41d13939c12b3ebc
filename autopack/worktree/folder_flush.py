"""Makes the names in a folder outlast a power cut: a file's own flush keeps its bytes, not its name."""

import errno
import os
from pathlib import Path
from typing import Final

_CANNOT: Final = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)  # network and FUSE file systems that flush no folder


def flush_folder(folder: Path) -> None:
    """Raises OSError where the disk refuses; nothing where the file system does not know of such a thing."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
    finally:
        os.close(descriptor)
