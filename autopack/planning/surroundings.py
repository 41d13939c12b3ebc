"""What a plan is held against, with quick answers to which files a scope holds."""

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

from autopack.core.scope import Scope
from autopack.edits.protected import needs_exact_scope


@dataclass(frozen=True)
class PlanSurroundings:
    """The commit that the plan starts from, the checkout and the environment.

    ``paths`` are the files of the commit, ``uncommitted`` those that differ in the checkout or are only there, ``variables`` the names
    that are set. ``submodules`` are folders of the commit that belong to other repositories.
    """

    paths: AbstractSet[str]
    variables: AbstractSet[str]
    uncommitted: AbstractSet[str] = frozenset()
    submodules: tuple[str, ...] = ()

    @cached_property
    def closed(self) -> frozenset[str]:
        """Files that only an entry of exactly their name opens."""
        return frozenset(path for path in self.paths if needs_exact_scope(path))

    def inside(self, entries: tuple[str, ...]) -> frozenset[str]:
        """The files that any of the scope entries matches."""
        return frozenset().union(*(self.matching(entry) for entry in entries))

    def matching(self, entry: str) -> frozenset[str]:
        """The files that one entry matches; each entry is looked up once."""
        if entry not in self._known:
            self._known[entry] = frozenset(self._literal(entry) if "*" not in entry else filter(Scope((entry,)).allows, self.paths))
        return self._known[entry]

    def _literal(self, entry: str) -> Iterable[str]:
        name = unicodedata.normalize("NFC", entry).removeprefix("./").rstrip("/")
        if name in ("", "."):
            return self.paths
        below = self._sorted[bisect_left(self._sorted, f"{name}/") : bisect_left(self._sorted, f"{name}0")]  # "0" follows "/"
        return [name, *below] if name in self.paths and not entry.endswith("/") else below

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.paths)

    @cached_property
    def _known(self) -> dict[str, frozenset[str]]:
        return {}
