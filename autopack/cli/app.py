"""Runs one command: writes UTF-8, turns errors into one line and an exit code, defects into a report."""

import errno
import signal
import sys
from collections.abc import Sequence
from typing import Final

from autopack.cli.streams import is_terminal, prepare_streams, silence
from autopack.core.errors import SICK_DISK, EnvironmentBlockedError, InvalidInputError, StopRequested, UserError
from autopack.core.exit_code import ExitCode

LINES_SHOWN: Final = 200
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    prepare_streams()
    try:
        code = _run(words)
        _flush()
    except UserError as error:
        return _refuse(error, words)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except StopRequested as stop:  # Ctrl-C while an end was being recorded; the next start knows that this one is gone
        return ExitCode.INTERRUPTED if stop.signal_number == signal.SIGINT else ExitCode.TERMINATED
    except OSError as error:
        refused = _disk(error) if error.errno in SICK_DISK else _of_the_machine(error)
        return _refuse(refused, words) if refused else _report(error, words)
    except Exception as error:  # noqa: BLE001 - the outermost of the two: a defect becomes a report and an exit code
        refused = _of_the_machine(error)
        return _refuse(refused, words) if refused else _report(error, words)
    return code


def _run(words: list[str]) -> int:
    from autopack.cli.command_group import root

    try:
        root(is_rich=is_terminal(sys.stdout)).main(args=words, prog_name="autopack")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else ExitCode.COMPLETE
    return ExitCode.COMPLETE


def _refuse(error: UserError, words: Sequence[str]) -> int:
    from autopack.cli.from_here import from_here, repo_of
    from autopack.cli.printable import flat

    problems = error.problems if isinstance(error, InvalidInputError) else ()
    lines = [f"autopack: {flat(error.message.removesuffix(chr(10).join(('', *problems))))}", *map(flat, problems)]
    if len(lines) > LINES_SHOWN:
        lines[LINES_SHOWN:] = [f"and {len(lines) - LINES_SHOWN} more."]
    if error.next_command is not None:
        lines.append(f"next: {flat(from_here(error.next_command, repo_of(words)))}")
    _say(lines)
    return error.exit_code


def _report(error: Exception, words: list[str]) -> int:
    """Writes the error report, unless the run already wrote one, and names it."""
    from autopack.cli.defect import report_defect

    _say([report_defect(error, words)])
    return ExitCode.DEFECT


def _flush() -> None:
    """Writes what is left of the output; it may only now turn out to go nowhere."""
    from autopack.cli.command_group import BROKEN_PIPE

    try:
        sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)
        raise SystemExit(BROKEN_PIPE) from None
    except OSError:
        silence(sys.stdout)
        raise


def _of_the_machine(error: Exception) -> EnvironmentBlockedError | None:
    from autopack.core.machine import machine_sentence

    sentence = machine_sentence(error)
    return EnvironmentBlockedError(sentence) if sentence else None


def _disk(error: OSError) -> EnvironmentBlockedError:
    place = error.filename or "the place that the output goes to"
    said = "is full" if error.errno in FULL else "cannot be read or written"
    return EnvironmentBlockedError(f"{place} {said}: {error.strerror}. Make room and give the same command again.")


def _say(lines: Sequence[str]) -> None:
    try:
        sys.stderr.write("\n".join(lines) + "\n")
    except OSError:
        silence(sys.stderr)
