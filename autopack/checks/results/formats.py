"""Lists the formats of test results that a check may leave, one a row."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from autopack.checks.results.cases import Case, Cases, Named
from autopack.checks.results.go import GoReader, read_go
from autopack.checks.results.gtest import gtest_names, read_gtest
from autopack.checks.results.junit import junit_names, read_junit
from autopack.checks.results.tap import TapReader, read_tap, tap_names
from autopack.checks.results.trx import read_trx


class Stream(Protocol):
    """Reads a command's output as it comes."""

    def feed(self, data: bytes) -> None: ...
    def finish(self) -> Cases: ...


@dataclass(frozen=True)
class Format:
    """``read`` gives None for a file of another kind.

    ``files`` is where reports are looked for if the plan names no path; a format with a ``stream`` is read off the output then.
    ``asked_by`` are variables that make the runner write one; ``{out}`` is the step's own folder.
    """

    title: str
    read: Callable[[bytes], Cases | None]
    names: Callable[[Iterable[Case]], Iterator[Named]]
    files: str = ""
    stream: Callable[[], Stream] | None = None
    asked_by: tuple[tuple[str, str], ...] = ()


FORMATS: Final[dict[str, Format]] = {
    "junit": Format("JUnit XML files", read_junit, junit_names, files="$AUTOPACK_OUT/**/*.xml"),
    "pytest": Format("pytest's report", read_junit, junit_names),  # asked for by Autopack, and named by pytest's own rules
    "tap": Format("TAP", read_tap, tap_names, stream=TapReader),
    "trx": Format("TRX files", read_trx, tap_names, files="$AUTOPACK_OUT/**/*.trx"),
    "gtest": Format(
        "GoogleTest's reports", read_gtest, gtest_names, files="$AUTOPACK_OUT/gtest/*", asked_by=(("GTEST_OUTPUT", "xml:{out}/gtest/"),)
    ),
    "go": Format("go test -json", read_go, tap_names, stream=GoReader),
}
