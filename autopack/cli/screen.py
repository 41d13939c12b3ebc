"""Where screens go: stdout, in colour on a terminal only, as wide as the terminal or, in a pipe, as wide as it takes."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text


@dataclass(frozen=True)
class Screen:
    """``width`` is None in a pipe: nothing is left out there."""

    console: Console

    @property
    def width(self) -> int | None:
        return self.console.width if self.console.is_terminal else None

    def show(self, lines: Iterable[Text | str]) -> None:
        """Each line as it is, at once: no markup, no wrapping, no cutting."""
        for line in lines:
            sys.stdout.write(self._drawn(line) if self.console.is_terminal else f"{line}\n")
        sys.stdout.flush()

    def _drawn(self, line: Text | str) -> str:
        """Captured, since rich itself would end the process with 1 where nobody reads any more."""
        with self.console.capture() as captured:
            self.console.print(line, soft_wrap=True, markup=False, highlight=False, emoji=False)
        return captured.get()


def stdout_screen() -> Screen:
    return Screen(Console(file=sys.stdout, emoji=False, highlight=False, markup=False))
