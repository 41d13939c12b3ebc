"""The little that context needs of a base tree; ``worktree.base_tree`` has it."""

from collections.abc import Mapping
from typing import Protocol


class TreeEntry(Protocol):
    """``mode`` is git's (``100644``, ``120000`` a symlink, ``160000`` a submodule), ``size`` in bytes, ``oid`` the blob's id."""

    @property
    def oid(self) -> str: ...

    @property
    def mode(self) -> str: ...

    @property
    def size(self) -> int | None: ...


class TreeText(Protocol):
    @property
    def text(self) -> str: ...


class TreeReader(Protocol):
    """``texts`` leaves out what is no text."""

    @property
    def entries(self) -> Mapping[str, TreeEntry]: ...

    def texts(self, paths: tuple[str, ...], /) -> Mapping[str, TreeText]: ...
