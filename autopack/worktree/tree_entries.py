"""The entries of a tree by path, read from git's listing when they are asked for: of 100,000 a phase looks at a few."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple, Self

_MISSING: Final = "BAD"  # is what git says of the size of a blob that it does not have


class Entry(NamedTuple):
    """``mode`` as git prints it, e.g. ``100644``; ``type`` is ``blob`` or ``commit`` (a submodule); only blobs have a ``size``."""

    mode: str
    type: str
    oid: str
    size: int | None


class Entries(Mapping[str, Entry]):
    """In git's order."""

    def __init__(self, rows: dict[str, str | Entry]) -> None:
        self._rows = rows

    @classmethod
    def listed(cls, listing: str) -> Self:
        """From what ``git ls-tree -r -l -z`` printed. Raises KeyError, with its path and id, for a file whose blob is gone."""
        rows: dict[str, str | Entry] = {}
        for row in listing.split("\0")[:-1]:
            words, _, path = row.partition("\t")
            rows[path] = words
            if _MISSING in words and words.endswith(_MISSING):
                raise KeyError(path, words.split()[2])
        return cls(rows)

    def __getitem__(self, path: str) -> Entry:
        found = self._rows[path]
        if isinstance(found, str):
            mode, kind, oid, size = found.split()
            found = self._rows[path] = Entry(mode, kind, oid, None if size == "-" else int(size))
        return found

    def __contains__(self, path: object) -> bool:
        return path in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def rows(self) -> dict[str, str | Entry]:
        """A copy to change, for another ``Entries``."""
        return dict(self._rows)
