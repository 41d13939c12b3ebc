"""Packs a folder into one file and reads it again: ``.tar.zst`` where this Python or a package has Zstandard, else ``.tar.gz``."""

import gzip
import tarfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Final

_ZSTANDARD: Final = ("compression.zstd", "zstandard")
"""Python 3.14's own, and the package; both have an ``open`` as ``gzip`` has."""

Opener = Callable[[Path, str], Any]


def archive_name(name: str) -> str:
    return f"{name}{_way()[0]}"


def pack(folder: Path, archive: Path) -> None:
    """Written beside its place, read again, and only then put there. Raises OSError, also where the archive lacks something."""
    _, opened = _way()
    draft = archive.with_name(f".{archive.name}.draft")
    with opened(draft, "wb") as file, _tar(file, "w|") as tar:
        tar.add(folder, arcname=folder.name)
    with opened(draft, "rb") as file, _tar(file, "r|") as tar:
        kept = {member.name: member.size for member in tar if member.isfile()}
    wanted = {
        str(path.relative_to(folder.parent)): path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()
    }
    if kept != wanted:
        draft.unlink()
        raise OSError(None, "the archive does not hold what was put into it", str(archive))
    draft.replace(archive)


def _tar(file: IO[bytes], mode: Any) -> tarfile.TarFile:  # noqa: ANN401 - one of two literals
    return tarfile.open(fileobj=file, mode=mode, dereference=False)


def _way() -> tuple[str, Opener]:
    """What such a file's name ends with, and what opens it."""
    for name in _ZSTANDARD:
        try:
            return ".tar.zst", import_module(name).open
        except ImportError:
            continue
    return ".tar.gz", gzip.open
