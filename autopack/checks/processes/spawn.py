"""Starts a command: builds its argument list, and says in a sentence why it cannot be started."""

import errno
import os
import re
import resource
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from autopack.checks.processes.call_filter import call_filter
from autopack.checks.processes.command import CommandSpec

SHELL: Final = "/bin/sh"
_SANDBOX_SAYS: Final = re.compile(r"bwrap: (?:execvp (?P<word>[^\n]+): (?P<why>[^:\n]+)|(?P<other>[^\n]+))")
_ARGUMENT_BYTES_MAX: Final = 131_000  # Linux takes no single argument of 128 KiB or more


class CannotStartError(Exception):
    """The message says what is wrong with which word."""


def argument_list(spec: CommandSpec, more: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The argument list: the list itself, or the string through ``/bin/sh -c``, behind the sandbox's arguments where there is one.

    ``more`` are further arguments of the sandbox.
    """
    own = (SHELL, "-c", spec.command) if isinstance(spec.command, str) else spec.command
    if not spec.prefix:
        return own
    loaders = (word for name, value in spec.environment.items() if _is_loaders(name) for word in ("--setenv", name, value))
    return (*spec.prefix, *more, *loaders, "--chdir", str(spec.cwd), "--", *own)


def _is_loaders(name: str) -> bool:
    """Variables by which a program finds its libraries: the sandbox's program must load none that a command left."""
    return name.startswith("LD_")


def start(spec: CommandSpec) -> "subprocess.Popen[bytes]":
    """Starts a process in a session of its own: no terminal, empty stdin, stdout and stderr on one pipe.

    Raises:
        CannotStartError: there is no such program or directory, it may not be executed, or it is no program.
    """
    words = argument_list(spec)
    if not spec.cwd.is_dir():
        raise CannotStartError(f"the directory '{spec.cwd}' is not there.")
    if any(len(os.fsencode(word)) > _ARGUMENT_BYTES_MAX for word in words):
        raise CannotStartError(f"the command is longer than {_ARGUMENT_BYTES_MAX:,} bytes, which no system starts.")
    program = _program(words[0], spec)
    if spec.prefix and not isinstance(spec.command, str):
        _judge_word(_program(spec.command[0], spec), spec)
    try:
        with call_filter(is_wanted=bool(spec.prefix)) as (more, descriptors):
            process = subprocess.Popen(
                (program, *argument_list(spec, more)[1:]),
                cwd="/" if spec.prefix else spec.cwd,
                env={name: value for name, value in spec.environment.items() if not (spec.prefix and _is_loaders(name))},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                bufsize=0,
                start_new_session=True,
                pass_fds=descriptors,
            )
        _without_core_files(process.pid)
    except ValueError as error:
        raise CannotStartError(f"the command or its environment holds a zero byte ({error}).") from error
    except OSError as error:
        raise CannotStartError(_sentence(error, words[0], spec)) from error
    return process


def _without_core_files(pid: int) -> None:
    """Keeps a crash from writing a core file into the work tree; child processes inherit this."""
    if sys.platform == "linux":
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))


def _program(word: str, spec: CommandSpec) -> str:
    """The program's path by the command's own ``PATH``; a word with a slash counts from the command's directory."""
    if "/" in word:
        return word
    found = shutil.which(word, path=spec.environment.get("PATH", os.defpath))
    if found is None:
        raise CannotStartError(f"'{word}' is not found on PATH ({spec.environment.get('PATH', os.defpath)}).")
    return os.path.abspath(found)  # noqa: PTH100 - a path that is executed keeps its links: environments are found by them


def _judge_word(word: str, spec: CommandSpec) -> None:
    """Judges a program with a path before a sandbox starts it, for the same sentence as without a sandbox."""
    path = spec.cwd / word
    problem = 0 if path.exists() else errno.ENOENT
    if not problem and (path.is_dir() or not os.access(path, os.X_OK)):
        problem = errno.EACCES
    if problem:
        raise CannotStartError(_sentence(OSError(problem, os.strerror(problem)), word, spec))


def not_started_inside(spec: CommandSpec, exit_code: int | None, output: str) -> str | None:
    """The sentence for a sandbox that only says that it could not start the command."""
    said = _SANDBOX_SAYS.fullmatch(output.strip()) if spec.prefix and exit_code == 1 else None
    if said is None:
        return None
    if said["word"] is None:
        return f"the sandbox could not be set up: {said['other']}."
    problem = next((number for number in errno.errorcode if os.strerror(number) == said["why"]), 0)
    if problem == errno.ENOENT and _is_whole(spec.cwd / said["word"]):
        return f"'{said['word']}' cannot be seen in the sandbox; 'sandbox_read' in your own settings opens its folder."
    return _sentence(OSError(problem, said["why"]), said["word"], spec)


def _is_whole(program: Path) -> bool:
    """Whether the program and the interpreter that its first line names are there outside of the sandbox."""
    try:
        with program.open("rb") as file:
            first = file.readline(500)
    except OSError:
        return False
    words = os.fsdecode(first[2:]).split() if first.startswith(b"#!") else ["/"]
    return bool(words) and Path(words[0]).exists()


def _sentence(error: OSError, word: str, spec: CommandSpec) -> str:
    match error.errno:
        case errno.ENOENT if "/" in word and (spec.cwd / word).exists():
            return f"'{word}' names an interpreter in its first line that is not there."
        case errno.ENOENT | errno.ENOTDIR:
            return f"'{word}' is not there (looked for in '{spec.cwd}')."
        case errno.EACCES:
            return f"'{word}' may not be executed; is it executable (chmod +x)?"
        case errno.ENOEXEC:
            return f"'{word}' is no program: its first line names no interpreter (#!) and it is not a binary of this machine."
        case errno.E2BIG:
            return "the command and its environment are longer than this system takes."
        case _:
            return f"'{word}' cannot be started: {error.strerror}."
