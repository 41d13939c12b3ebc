"""Scope: which paths a phase may change, in the pattern language of the plan file."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product

GLUED_STARS_MAX = 3  # each "**" glued to other characters doubles the alternatives; further ones mean "*"


def matches(pattern: str, path: str) -> bool:
    """Says whether a path from the root matches one entry of the plan's pattern language.

    Without ``*`` an entry is literal: that file, or everything below it (final ``/``: directory only). With ``*``: ``*`` and
    ``?`` stay within a component, ``**`` crosses them, and the whole path has to match (final ``/``: everything below).
    """
    return _compiled((pattern,)).match(path)


@dataclass(frozen=True)
class Scope:
    """What may be changed. ``paths=None`` is the whole workspace less the protected paths."""

    paths: tuple[str, ...] | None
    read_only: tuple[str, ...] = ()

    def allows(self, path: str) -> bool:
        return self.paths is None or self._allowed.match(path)

    def among(self, paths: Sequence[str]) -> Sequence[str]:
        """Those of very many paths that it allows, in their order."""
        return paths if self.paths is None else self._allowed.among(paths)

    def names_exactly(self, path: str) -> bool:
        """True where a literal entry is that very file: the only way to open a file that needs exact scope."""
        return self.paths is not None and path in self._allowed.files

    def is_read_only(self, path: str) -> bool:
        """True where a read-only entry covers the path and no narrower entry of ``paths`` opens it again."""
        return bool(self.read_only) and self._fixed.match(path) and not any(self._is_reopened(path, entry) for entry in self.read_only)

    def _is_reopened(self, path: str, fixed: str) -> bool:
        return bool(self.paths) and any(matches(entry, path) and _is_narrower(entry, fixed) for entry in self.paths or ())

    @cached_property
    def _allowed(self) -> "_Entries":
        return _compiled(self.paths or ())

    @cached_property
    def _fixed(self) -> "_Entries":
        return _compiled(self.read_only)


@dataclass(frozen=True)
class _Entries:
    files: frozenset[str]  # literal entries that may be a file or a directory
    below: tuple[str, ...]  # literal entries, all of which may be a directory, with a slash at the end
    pattern: re.Pattern[str] | None
    everything: bool

    def match(self, path: str) -> bool:
        return bool(self.among((path,)))

    def among(self, paths: Sequence[str]) -> Sequence[str]:
        if self.everything:
            return paths
        if not (self.files or self.below or self.pattern):
            return ()
        files, below, pattern = self.files, self.below, self.pattern
        return [path for path in paths if path.startswith(below) or path in files or (pattern and pattern.match(path))]


@lru_cache(maxsize=1024)
def _compiled(entries: tuple[str, ...]) -> _Entries:
    plain = [_normal(entry) for entry in entries]
    literal = {entry for entry in plain if "*" not in entry and entry}
    patterns = [_regex(entry) for entry in plain if "*" in entry]
    return _Entries(
        files=frozenset(entry for entry in literal if not entry.endswith("/")),
        below=tuple(sorted({entry.rstrip("/") + "/" for entry in literal})),
        pattern=re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.DOTALL) if patterns else None,
        everything="./" in literal,
    )


def _normal(entry: str) -> str:
    """Brings an entry to the one spelling that paths have; ``.`` is the root. Entries that leave the root match nothing."""
    entry = unicodedata.normalize("NFC", entry)
    if entry in (".", "./"):
        return "./"
    while entry.startswith("./"):
        entry = entry[2:]
    parts = entry.removesuffix("/").split("/")
    return "" if any(part in ("", ".", "..") for part in parts) else entry


def _is_narrower(entry: str, than: str) -> bool:
    """True where everything ``entry`` matches lies below the entry ``than``, which is not the same entry."""
    entry, than = _normal(entry), _normal(than)
    if "*" in than:
        return "*" not in entry and not entry.endswith("/") and matches(than, entry)
    if than == "./":
        return entry != "./"
    fixed = entry if "*" not in entry else entry[: entry.index("*")].rpartition("/")[0]
    directory = than.rstrip("/")
    return entry.rstrip("/") != directory and (fixed == directory or fixed.startswith(directory + "/"))


def overlap(one: str, other: str) -> bool:
    """Whether there may be a path that both entries match."""
    one, other = _normal(one), _normal(other)
    for pattern, literal in ((one, other), (other, one)):
        if "*" in pattern and "*" not in literal and not literal.endswith("/"):
            return matches(pattern, literal)
    first, second = _fixed_part(one), _fixed_part(other)
    return not first or not second or first == second or first.startswith(f"{second}/") or second.startswith(f"{first}/")


def _fixed_part(entry: str) -> str:
    """The folder, or file, that everything it matches lies in; empty for the root."""
    if entry == "./":
        return ""
    return entry[: entry.index("*")].rpartition("/")[0] if "*" in entry else entry.rstrip("/")


def _regex(entry: str) -> str:
    """Translates a pattern into an expression of atomic groups, so that no path makes it backtrack for long."""
    parts = (entry + "**" if entry.endswith("/") else entry).split("/")
    spellings = product(*(_spellings(part) for part in parts))
    return "|".join(_anchored(part for spelling in chosen for part in spelling.split("/")) for chosen in spellings)


def _spellings(part: str) -> tuple[str, ...]:
    """A ``**`` glued to other characters crosses components: ``a**b`` is ``a*b`` or ``a*/**/*b``."""
    part = re.sub(r"\*{3,}", "**", part)
    if part == "**" or "**" not in part:
        return (part,)
    pieces = part.split("**", GLUED_STARS_MAX)
    choices = product(*(("*", "*/**/*") for _ in pieces[1:]))
    return tuple(pieces[0] + "".join(glue + piece for glue, piece in zip(glues, pieces[1:], strict=True)) for glues in choices)


def _anchored(parts: Iterable[str]) -> str:
    groups: list[list[str]] = [[]]
    for part in parts:
        if part == "**":
            groups.append([])
        else:
            groups[-1].append(_component(part))
    first, *middle = groups
    if not middle:
        return "/".join(first) + r"\Z"
    last = middle.pop()
    head = "".join(part + "/" for part in first)
    body = "".join("(?>(?:[^/]++/)*?" + "".join(part + "/" for part in group) + ")" for group in middle if group)
    return head + body + (r"(?:[^/]++/)*" + "/".join(last) + r"\Z" if last else r".+\Z")


def _component(part: str) -> str:
    first, *rest = [re.escape(piece).replace(r"\?", "[^/]") for piece in re.split(r"\*+", part)]
    if not rest:
        return first
    *middle, last = rest
    return first + "".join(f"(?>[^/]*?{piece})" for piece in middle if piece) + f"[^/]*{last}" + r"(?=/|\Z)"
