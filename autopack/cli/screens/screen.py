"""Prints screens on stdout: in colour and cut to width on a terminal, plain and whole in a pipe."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from autopack.cli.printable import flat, needs_care


@dataclass(frozen=True)
class Screen:
    """``width`` is None in a pipe: nothing is left out there."""

    console: Console

    @property
    def width(self) -> int | None:
        return self.console.width if self.console.is_terminal else None

    def show(self, lines: Iterable[Text | str]) -> None:
        """Prints each line at once: no markup, no wrapping, no cutting, no line breaks or escape sequences in it."""
        for line in map(one_row, lines):
            sys.stdout.write(self._drawn(line) if self.console.is_terminal else f"{line}\n")
        sys.stdout.flush()

    def _drawn(self, line: Text | str) -> str:
        """Captures the line: rich itself would end the process with 1 where nobody reads any more."""
        with self.console.capture() as captured:
            self.console.print(line, soft_wrap=True, markup=False, highlight=False, emoji=False)
        return captured.get()


def one_row(line: Text | str) -> Text | str:
    """The line as it is, if it is one visible row; else without its colours and invisible characters."""
    plain = line if isinstance(line, str) else line.plain
    return flat(plain) if needs_care(plain) else line


def stdout_screen() -> Screen:
    return Screen(Console(file=sys.stdout, emoji=False, highlight=False, markup=False))
