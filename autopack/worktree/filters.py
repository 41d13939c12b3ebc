"""Finds the filter programs that a user's git knows (``git-lfs``, ``nbstripout``, ``git-crypt`` ...), and the paths they are for.

git starts such a program in the work tree, where it may find files that a model or a check wrote: its modules, its configuration.
So Autopack switches them off for every git outside the sandbox.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from autopack.core.errors import EnvironmentBlockedError
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.git import Git, as_text

LFS: Final = "lfs"
_WANTED: Final = r"^(filter\..*\.(clean|smudge|process|required)|core\.attributesfile)$"
_MENTION: Final = b"filter"
_POINTER: Final = re.compile(rb"version https://git-lfs\.github\.com/spec/v1\n(?:[^\n]*\n)*?oid sha256:([0-9a-f]{64})\nsize (\d+)\n")
_POINTER_BYTES_MAX: Final = 1024


@dataclass(frozen=True)
class Filters:
    """``drivers``: name -> its settings as git spells them; ``users``: the user's own attributes file, where there is one."""

    drivers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    users: Path | None = None

    @classmethod
    def of(cls, git: Git, common_dir: Path) -> "Filters":
        drivers: dict[str, dict[str, str]] = {}
        users = _default_attributes(git.environment)
        for row in as_text(git.attempt("config", "-z", "--get-regexp", _WANTED).stdout).split("\0")[:-1]:
            key, _, value = row.partition("\n")
            if key == "core.attributesfile":
                users = _expanded(value, git.environment)
                continue
            name, _, setting = key.removeprefix("filter.").rpartition(".")
            drivers.setdefault(name, {})[setting] = value
        if any("=" in name for name in drivers):
            raise EnvironmentBlockedError("A filter of your git configuration has '=' in its name and cannot be switched off. Rename it.")
        own = [path for path in (users, common_dir / "info" / "attributes") if path is not None and _mentions(path)]
        return cls(drivers, own[0] if own else None)

    @property
    def off(self) -> tuple[str, ...]:
        """Settings that switch all of them off."""
        words = ("clean=", "smudge=", "process=", "required=false")
        return tuple(f"filter.{name}.{word}" for name in self.drivers for word in words)

    @property
    def on(self) -> tuple[str, ...]:
        """The same settings as the user's, for a git that cannot see their configuration."""
        return tuple(f"filter.{name}.{key}={value}" for name, settings in self.drivers.items() for key, value in settings.items())

    def may_matter(self, tree: BaseTree) -> bool:
        return bool(self.drivers) and (self.users is not None or any(_MENTION in data for data in attributes_of(tree).values()))

    def runs(self, name: str, *settings: str) -> bool:
        return any(self.drivers.get(name, {}).get(setting) for setting in (*settings, "process"))


def attributes_of(tree: BaseTree) -> dict[str, bytes]:
    return tree.read(named(tree, ".gitattributes"))


def named(tree: BaseTree, name: str) -> list[str]:
    return [path for path in tree.entries if path == name or path.endswith("/" + name)]


def filter_by_path(git: Git, paths: Sequence[str], index: Mapping[str, str]) -> dict[str, str]:
    """Which filter each path has by the attributes of the index and the user's own; paths without one are left out."""
    if not paths:
        return {}
    asked = ("check-attr", "-z", "--cached", "--stdin", "filter")
    listing = "".join(path + "\0" for path in paths).encode("utf-8", "surrogateescape")
    parts = as_text(git.run(*asked, stdin=listing, extra=index)).split("\0")[:-1]
    rows = zip(parts[::3], parts[2::3], strict=True)
    return {path: value for path, value in rows if value not in ("unspecified", "unset", "set")}


def lfs_object(pointer: Path, common_dir: Path) -> Path | None:
    """The file that a pointer of Git LFS stands for, if it is in the repository's own store."""
    with pointer.open("rb") as file:
        found = _POINTER.match(file.read(_POINTER_BYTES_MAX))
    if found is None:
        return None
    oid = found[1].decode("ascii")
    kept = common_dir / "lfs" / "objects" / oid[:2] / oid[2:4] / oid
    return kept if kept.is_file() and kept.stat().st_size == int(found[2]) else None


def _mentions(path: Path) -> bool:
    try:
        return _MENTION in path.read_bytes()
    except OSError:
        return False


def _default_attributes(environment: Mapping[str, str]) -> Path | None:
    folder = environment.get("XDG_CONFIG_HOME") or (f"{environment['HOME']}/.config" if environment.get("HOME") else "")
    return Path(folder) / "git" / "attributes" if folder else None


def _expanded(value: str, environment: Mapping[str, str]) -> Path:
    return Path(environment.get("HOME", "/") + value[1:]) if value.startswith("~/") else Path(value)
