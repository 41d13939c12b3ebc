"""Opens compressed files: Zstandard where this Python or a package has it, else gzip; what is read is told by its first bytes."""

import gzip
import zlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from autopack.core.errors import InvalidInputError

Opener = Callable[[Path, str], Any]

_ZSTANDARD: Final = ("compression.zstd", "zstandard")
"""Python 3.14's own, and the package; both have an ``open`` as ``gzip`` has."""
_ZSTANDARD_BEGINS: Final = b"\x28\xb5\x2f\xfd"
_GZIP_BEGINS: Final = b"\x1f\x8b"


def best_way() -> tuple[str, Opener]:
    """What the name of a file ends with that is compressed here, and what opens it."""
    zstandard = _zstandard()
    return (".zst", zstandard.open) if zstandard else (".gz", gzip.open)


def read_plain(path: Path) -> bytes:
    """The content of a file that may be compressed. Raises OSError, and InvalidInputError where Zstandard is missing here."""
    data = path.read_bytes()
    if data.startswith(_ZSTANDARD_BEGINS):
        return _unpacked(path, data)
    if not data.startswith(_GZIP_BEGINS):
        return data
    try:
        return gzip.decompress(data)
    except (EOFError, zlib.error) as error:
        raise OSError(None, f"it does not unpack ({error})", str(path)) from error


def _unpacked(path: Path, data: bytes) -> bytes:
    zstandard = _zstandard()
    if zstandard is None:
        raise InvalidInputError(f"{path} is packed with Zstandard, which this Python lacks: pip install 'autopack[zstd]', or zstd -d it.")
    made = zstandard.ZstdDecompressor()
    frame = getattr(made, "decompressobj", lambda: made)()  # the package has one more object between
    try:
        plain = bytes(frame.decompress(data))
    except zstandard.ZstdError as error:
        raise OSError(None, f"it does not unpack ({error})", str(path)) from error
    if not frame.eof:
        raise OSError(None, "it does not unpack (its end is missing)", str(path))
    return plain


def _zstandard() -> ModuleType | None:
    for name in _ZSTANDARD:
        try:
            return import_module(name)
        except ImportError:
            continue
    return None
