"""Runs git, and no other module does: a clean environment, fixed configuration, no hook, no prompt, a time limit."""

import re
import signal
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from autopack.core.errors import EnvironmentBlockedError
from autopack.worktree.disk_trouble import disk_trouble
from autopack.worktree.git_process import Sink, TookTooLongError, read_to_end

if TYPE_CHECKING:
    import subprocess

    from git import Git as Runner

TIMEOUT_S: Final = 120.0
LOCK_WAIT_S: Final = 30.0
_OWN_LOCK_GRACE_S: Final = 0.1
MISSING: Final = "git is not on PATH. Autopack needs it for everything it does: install git 2.30 or newer."

_HOOKS: Final = ("reference-transaction", "post-index-change", "post-checkout")
"""Hooks that the commands used here would run; a hook of a configuration has no path (git 2.55)."""

_CONFIG: Final = (
    "core.hooksPath=/dev/null",
    *(f"hook.{event}.enabled=false" for event in _HOOKS),
    "core.fsmonitor=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "core.fsync=committed,index,reference",
    "core.quotePath=false",
    "core.trustctime=true",
    "core.checkStat=default",
    "submodule.recurse=false",
)
FIXED: Final = {
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C",
}
_KEPT: Final = re.compile(
    r"GIT_(CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)|ATTR_NOSYSTEM|(AUTHOR|COMMITTER)_(NAME|EMAIL)|EXEC_PATH|PYTHON_\w+"
    r"|SSH|SSH_COMMAND|SSH_VARIANT|ASKPASS|SSL_\w+|PROXY_SSL_\w+|HTTP_\w+|ALLOW_PROTOCOL|PROTOCOL_FROM_USER|NO_LAZY_FETCH"
    r"|LFS_SKIP_SMUDGE|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM)"
)
"""Variables that git keeps: who the user is, how it reaches a server, what it may not fetch. Any other could change what git does."""

_LOCK_IN_THE_WAY: Final = re.compile(r"Unable to create '(.+?\.lock)': File exists")
_CHILD_DIED: Final = re.compile(r"\bdied of signal (\d+)")
_DISK: Final = re.compile(
    r"No space left on device|Disk quota exceeded|Read-only file system|Permission denied|insufficient permission|Input/output error"
    r"|couldn't (set|write|close) |[Uu]nable to (write|append|rename|fsync|close)|[Cc]ould not (write|close|fsync)"
    r"|fail(ed|ure) to (write|close|rename)|(write|fsync|close|rename) error|error (on|in|when) (writ|fsync|clos)|cannot fsync"
    r"|[Uu]nable to create (directory|temporary|file)|[Cc](ould not|annot) (create|make) (directory|leading|file)|[Cc]annot mkdir"
    r"|[Cc]ould not open .+ for writing"
)
"""git's messages for a disk that cannot be written; some of them come without the system's own."""


class GitError(Exception):
    """git refused. ``stderr`` is its own words, in English."""

    def __init__(self, arguments: tuple[str, ...], exit_code: int, stderr: str) -> None:
        super().__init__(f"git {' '.join(arguments)} ended with {exit_code}: {stderr.strip()}")
        self.arguments = arguments
        self.exit_code = exit_code
        self.stderr = stderr


@dataclass(frozen=True)
class GitResult:
    exit_code: int
    stdout: bytes
    stderr: str


def _nobodys(_: Path) -> bool:
    return False


@dataclass(frozen=True)
class Patience:
    """What to do about a lock file in the way: remove a stale one of the run's own, wait for any other."""

    is_own: Callable[[Path], bool] = _nobodys
    sleep: Callable[[float], None] = time.sleep
    wait_s: float = LOCK_WAIT_S


@dataclass(frozen=True)
class Git:
    """git in one directory.

    Args:
        directory: where it runs; one that is not there is an error, never the current directory instead.
        environment: the process's own environment, as ``settings`` read it.
        git_dir: given, nothing is searched for, so that git cannot end up in another repository.
        held: descriptors of locks that a git which outlives this process goes on holding.
    """

    directory: Path
    environment: Mapping[str, str]
    git_dir: Path | None = None
    work_tree: Path | None = None
    config: tuple[str, ...] = ()
    held: tuple[int, ...] = ()
    patience: Patience = field(default_factory=Patience)

    def run(self, *arguments: str, stdin: bytes = b"", extra: Mapping[str, str] | None = None, timeout_s: float = TIMEOUT_S) -> bytes:
        """Gives git's output.

        Raises:
            GitError: git ended with another code than 0.
            EnvironmentBlockedError: no git, a full disk, no answer in time, a lock of somebody else's that stays.
        """
        waited, pause = 0.0, 0.05
        while True:
            outcome = self.attempt(*arguments, stdin=stdin, extra=extra, timeout_s=timeout_s)
            if outcome.exit_code == 0:
                return outcome.stdout
            lock = _LOCK_IN_THE_WAY.search(outcome.stderr)
            if lock is None:
                raise _failure(arguments, outcome, self.directory)
            waited += self._give_way(Path(lock.group(1)), waited, pause)
            pause = min(pause * 2, 1.0)

    def line(self, *arguments: str, extra: Mapping[str, str] | None = None) -> str:
        """The output as text, without its final newline."""
        return as_text(self.run(*arguments, extra=extra)).removesuffix("\n")

    def attempt(
        self, *arguments: str, stdin: bytes = b"", extra: Mapping[str, str] | None = None, timeout_s: float = TIMEOUT_S
    ) -> GitResult:
        """Runs git once and gives its answer, a refusal too; a git that was killed has given none.

        Raises:
            EnvironmentBlockedError: no git, no answer in time, or a signal ended it.
        """
        with ExitStack() as opened:
            with disk_trouble(Path(self.environment.get("TMPDIR") or "/tmp")):  # noqa: S108 - named where no folder takes a file
                file = opened.enter_context(tempfile.TemporaryFile())
                file.write(stdin)
                file.seek(0)
            return self._execute(arguments, file, BytesIO(), extra or {}, timeout_s)

    def stream(self, *arguments: str, into: Sink, extra: Mapping[str, str] | None = None, timeout_s: float = TIMEOUT_S) -> None:
        """Runs git with its output going into ``into``; errors as ``run``, but for locks, which readers do not take."""
        outcome = self._execute(arguments, None, into, extra or {}, timeout_s)
        if outcome.exit_code != 0:
            raise _failure(arguments, outcome, self.directory)

    def holding(self, descriptor: int) -> "Git":
        return replace(self, held=(*self.held, descriptor))

    def configured(self, *settings: str) -> "Git":
        return replace(self, config=(*self.config, *settings))

    def words(self, *arguments: str) -> tuple[str, ...]:
        """The command's argument list, for another program to start; its environment needs ``FIXED``."""
        command = [_runner().GIT_PYTHON_GIT_EXECUTABLE or "git", "-C", str(self.directory)]
        if self.git_dir is not None:
            command.append(f"--git-dir={self.git_dir}")
        if self.work_tree is not None:
            command.append(f"--work-tree={self.work_tree}")
        for setting in (*_CONFIG, *self.config):
            command += ("-c", setting)
        return (*command, *arguments)

    def _command(self, arguments: tuple[str, ...], own: Mapping[str, str]) -> list[str]:
        """Unsets git's variables, except those that are kept and ``own``, which Autopack sets itself."""
        foreign = (name for name in self.environment if name.startswith("GIT_") and not _KEPT.fullmatch(name) and name not in own)
        unset = [word for name in foreign for word in ("-u", name)]
        return [*(("env", *unset) if unset else ()), *self.words(*arguments)]

    def _execute(
        self, arguments: tuple[str, ...], stdin: BinaryIO | None, into: Sink, extra: Mapping[str, str], timeout_s: float
    ) -> GitResult:
        process = self._start(arguments, stdin, {**FIXED, **extra})
        try:
            exit_code, stderr = read_to_end(process, into, timeout_s)
        except TookTooLongError as error:
            raise EnvironmentBlockedError(
                f"git {arguments[0]} gave no answer within {timeout_s:g} s in {self.directory} and was ended. "
                "Look for a slow disk or network there, then resume."
            ) from error
        ended_by = _signal_of(exit_code, stderr)
        if ended_by is not None:
            raise EnvironmentBlockedError(
                f"git {arguments[0]} in {self.directory} was ended from outside by {ended_by}, "
                "as the system does when memory runs out. Look for what ended it, then resume."
            )
        return GitResult(exit_code, into.getvalue() if isinstance(into, BytesIO) else b"", stderr)

    def _start(self, arguments: tuple[str, ...], stdin: BinaryIO | None, own: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        """Starts git through GitPython, but waits by itself: GitPython's time limit is a timer that outlives an interrupted caller."""
        command, runner = self._command(arguments, own), _runner()
        from git.exc import GitCommandNotFound

        try:
            started = runner().execute(
                command,
                as_process=True,
                istream=stdin,
                env={**self.environment, **own},
                start_new_session=True,  # Ctrl-C ends Autopack, which lets git finish
                pass_fds=self.held,
            )
        except (GitCommandNotFound, PermissionError) as error:
            raise EnvironmentBlockedError(MISSING) from error
        process, started.proc = started.proc, None  # keeps GitPython from ending git with its own handle
        return cast("subprocess.Popen[bytes]", process)

    def _give_way(self, lock: Path, waited: float, pause: float) -> float:
        """Removes the lock if it is our own, else waits a little; gives the seconds waited."""
        if self.patience.is_own(lock):
            self.patience.sleep(_OWN_LOCK_GRACE_S)
            lock.unlink(missing_ok=True)
            return _OWN_LOCK_GRACE_S
        if waited >= self.patience.wait_s:
            raise EnvironmentBlockedError(
                f"Another git holds {lock} and did not let go within {self.patience.wait_s:g} s. "
                "If no git is running on this repository, remove that file, then resume."
            )
        self.patience.sleep(pause)
        return pause


def as_text(data: bytes) -> str:
    """Git's bytes as text; ``as_bytes`` gives the same bytes back, also where they are no UTF-8."""
    return data.decode("utf-8", "surrogateescape")


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def split_z(data: bytes) -> list[str]:
    """The parts of a ``-z`` output."""
    return [as_text(part) for part in data.split(b"\0") if part]


def _failure(arguments: tuple[str, ...], outcome: GitResult, directory: Path) -> Exception:
    refusal = GitError(arguments, outcome.exit_code, outcome.stderr)
    if not _DISK.search(outcome.stderr):
        return refusal
    blocked = EnvironmentBlockedError(
        f"git {arguments[0]} could not write for {directory} ({outcome.stderr.strip().splitlines()[-1]}). "
        "Make room or give write access, then resume."
    )
    blocked.__cause__ = refusal
    return blocked


def _signal_of(exit_code: int, stderr: str) -> str | None:
    """The signal that ended git or a git that it had started; None where it ended by itself."""
    child = _CHILD_DIED.search(stderr) if exit_code > 0 else None
    if exit_code >= 0 and child is None:
        return None
    number = int(child[1]) if child else -exit_code
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _runner() -> "type[Runner]":
    try:
        from git import Git as Runner
    except ImportError as error:  # GitPython looks for git as it is imported
        raise EnvironmentBlockedError(MISSING) from error
    return Runner
