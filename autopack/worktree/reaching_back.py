"""Finds installs in a linked environment that lead back into the user's checkout: checks would pass on the wrong code."""

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from autopack.core.errors import EnvironmentBlockedError

DEPTH_MAX: Final = 200
PYTHON_DEPTH: Final = 4
_READ_MAX: Final = 1_000_000
_EDITABLE_MODULE: Final = re.compile(r"_.*editable.*\.py")


@dataclass(frozen=True)
class Offender:
    """``file`` in the work tree leads to ``target`` in the user's checkout."""

    file: Path
    target: Path


@dataclass(frozen=True)
class _Checkout:
    """``linked``: paths below it that were linked on purpose; what leads there leads to no code of the project."""

    root: Path
    linked: tuple[Path, ...]

    def inside(self, target: Path) -> Path | None:
        """Where the target really lies, if that is among the checkout's own files."""
        if "\0" in str(target):
            return None
        real = Path(os.path.realpath(target))
        is_inside = real.is_relative_to(self.root) and not any(real.is_relative_to(path) for path in self.linked)
        return real if is_inside else None


def judge_installs(work_tree: Path, checkout: Path, linked: tuple[str, ...]) -> None:
    """Refuses linked environments of which an install leads back.

    Raises:
        EnvironmentBlockedError: with the first offender and what to do instead.
    """
    for path in linked:
        offender = reaching_back(work_tree / path, checkout, linked)
        if offender is not None:
            raise EnvironmentBlockedError(
                f"workspace.link: {offender.file} leads back to {offender.target}, "
                "so checks would run on your checkout instead of the candidate. "
                f"Take {path} out of workspace.link and install it in the work tree with workspace.setup."
            )


def reaching_back(environment: Path, checkout: Path, linked: tuple[str, ...] = (), *, depth: int = DEPTH_MAX) -> Offender | None:
    """The first install in ``environment`` (as it lies in the work tree) that resolves into the checkout.

    Looks for editable Python installs and for links of npm, pnpm, yarn and uv workspaces. A script that names its interpreter by
    an absolute path is fine, and so is a relative link that was copied along, as it leads to the work tree's own files.
    ``depth``: how many levels of folders are looked at; installs of a Python environment show on its first four and in the records
    of its packages (``*.dist-info``).
    """
    root = Path(os.path.realpath(checkout))
    home = _Checkout(root, tuple(Path(os.path.realpath(checkout / path)) for path in linked))
    for entry in _leads(environment, depth):
        target = _leads_to(entry, home)
        if target is not None:
            return Offender(Path(entry.path), target)
    return None


def _leads(environment: Path, depth: int) -> Iterator["os.DirEntry[str]"]:
    """Links, and files that name other places. An environment has tens of thousands of other entries, so each is looked at but once."""
    waiting = [(str(environment), depth)]
    while waiting:
        folder, left = waiting.pop()
        folders, leads = [], []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        if left > 1 or entry.name.endswith(".dist-info"):
                            folders.append(entry.path)
                    elif entry.is_symlink() or _reader_of(entry.name) is not None:
                        leads.append(entry)
        except OSError:
            continue
        yield from sorted(leads, key=lambda entry: entry.name)
        waiting += [(path, left - 1) for path in sorted(folders, reverse=True)]


def _leads_to(entry: "os.DirEntry[str]", checkout: _Checkout) -> Path | None:
    if entry.is_symlink():
        return checkout.inside(Path(entry.path))
    reader = _reader_of(entry.name)
    targets = iter(()) if reader is None else reader(Path(entry.path))
    return next((real for target in targets if (real := checkout.inside(target)) is not None), None)


_Reader = Callable[[Path], Iterator[Path]]


def _reader_of(name: str) -> _Reader | None:
    if name.endswith((".pth", ".egg-link")):
        return _path_lines
    if name == "direct_url.json":
        return _editable_url
    if name == ".modules.yaml":
        return _virtual_store
    return _paths_in_code if _EDITABLE_MODULE.fullmatch(name) else None


def _path_lines(file: Path) -> Iterator[Path]:
    """Lines of a ``.pth`` are directories, relative to its own, or statements that import a finder."""
    for line in _read(file).splitlines():
        if line.startswith(("import ", "import\t")):
            yield from _mentions(line)
        elif line.strip() and not line.startswith("#"):
            yield file.parent / line.strip()


def _editable_url(file: Path) -> Iterator[Path]:
    """PEP 610: ``{"url": "file:///...", "dir_info": {"editable": true}}``."""
    try:
        record = json.loads(_read(file))
    except ValueError:
        return
    if isinstance(record, dict) and isinstance(record.get("dir_info"), dict) and record["dir_info"].get("editable"):
        url = urlsplit(str(record.get("url", "")))
        if url.scheme == "file":
            yield Path(unquote(url.path))


def _virtual_store(file: Path) -> Iterator[Path]:
    """Where pnpm keeps the packages that ``node_modules`` links to; relative to ``node_modules``."""
    for match in re.finditer(r"""["']?virtualStoreDir["']?:\s*["']?([^"'\n,]+)""", _read(file)):
        yield file.parent / match[1].strip()


def _paths_in_code(file: Path) -> Iterator[Path]:
    yield from _mentions(_read(file))


def _mentions(code: str) -> Iterator[Path]:
    """Absolute paths in string literals."""
    for match in re.finditer(r"""(['"])(/(?:(?!\1)[^\\\n])+)\1""", code):
        yield Path(match[2])


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(_READ_MAX).decode("utf-8", "replace")
    except OSError:
        return ""
