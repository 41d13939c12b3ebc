"""Gives the text of a file for an edit. A binary file, or a pointer of Git LFS, may be moved or deleted, never edited."""

from typing import Final

from autopack.core.refusal import RefusalCode
from autopack.core.text import Decoded, decode
from autopack.edits.model import Delete, EditRefused, FileEdit, Rename

_LFS_HEAD: Final = b"version https://git-lfs.github.com/spec/"


def text_for(edit: FileEdit, data: bytes) -> Decoded:
    """The text that the edit is placed in. Latin-1 carries the bytes of a binary file unharmed to another name.

    Raises:
        EditRefused: code ``binary``; the edit is more than a move or a deletion.
    """
    is_moved = isinstance(edit, Delete) or (isinstance(edit, Rename) and not edit.diff)
    if not is_moved and data.startswith(_LFS_HEAD):
        raise EditRefused(
            RefusalCode.BINARY, "The file is kept by Git LFS, and only a pointer to it lies here; leave it as it is.", edit.path
        )
    decoded = decode(data)
    if not is_moved and decoded is None:
        raise EditRefused(RefusalCode.BINARY, "The file is binary and cannot be edited as text; leave it as it is.", edit.path)
    return decoded or Decoded(data.decode("latin-1"), "latin-1")
