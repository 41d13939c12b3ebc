"""Describes where commands of a plan run: the work tree, the folder beside it, limits, log and watcher."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from autopack.checks.processes.command import Watch
from autopack.core.settings import CheckLimits


@dataclass(frozen=True)
class CommandContext:
    """``root`` is the work tree, ``out`` a folder outside of it in which every command gets one of its own (``AUTOPACK_OUT``).

    ``environment`` comes from ``build_environment``; ``log`` is appended to; ``title`` says in it which tree this is; ``prefix``
    goes before every argument list (a sandbox). ``fresh`` is entered around every command: it finds all as set-up left it, and leaves
    nothing behind.
    """

    root: Path
    out: Path
    environment: Mapping[str, str]
    limits: CheckLimits = field(default_factory=CheckLimits)
    watch: Watch = field(default_factory=Watch)
    redact: Callable[[str], str] = str
    log: Path | None = None
    title: str = ""
    prefix: tuple[str, ...] = ()
    fresh: Callable[[], AbstractContextManager[None]] = nullcontext


class OutsideError(Exception):
    """The message says why a directory cannot be used."""


@contextmanager
def own_out(context: CommandContext) -> Iterator[Path]:
    """A new folder for one command, gone with it."""
    with context.fresh():
        context.out.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="out-", dir=context.out))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def directory(context: CommandContext, cwd: str) -> Path:
    """The step's directory below the root.

    Raises:
        OutsideError: it leads out of the work tree, through a link, or is not there.
    """
    path = context.root
    for part in PurePosixPath(cwd).parts:
        path /= part
        if part in ("/", ".."):
            raise OutsideError(f"cwd '{cwd}' leads out of the work tree.")
        if path.is_symlink():
            raise OutsideError(f"cwd '{cwd}' leads through the link '{path.relative_to(context.root)}'.")
    if not path.is_dir():
        raise OutsideError(f"cwd '{cwd}' is no directory of this tree.")
    return path
