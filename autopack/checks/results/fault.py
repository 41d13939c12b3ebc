"""What kind of fault a red check speaks of, told by the words of known test runners and compilers: one table of patterns."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from autopack.checks.results.compare import Comparison
from autopack.checks.results.text import plain
from autopack.core.checking import StepReport
from autopack.core.failure import Fault

_LINES_MAX: Final = 20_000
_LINE_MAX: Final = 500


@dataclass(frozen=True)
class Sign:
    """How a line begins that ``tool`` prints."""

    fault: Fault
    tool: str
    pattern: str


SIGNS: Final[tuple[Sign, ...]] = (
    Sign("import", "vitest", r"(?:Error: )?Failed to resolve import \""),
    Sign("import", "node", r"SyntaxError: .*does not provide an export named"),
    Sign("syntax", "pytest", r"E\s+(?:SyntaxError|IndentationError|TabError)\b"),
    Sign("syntax", "unittest", r"(?:\w+\.)*(?:SyntaxError|IndentationError|TabError): "),
    Sign("syntax", "jest", r"\s*Jest encountered an unexpected token"),
    Sign("syntax", "jest", r"\s*SyntaxError: .*(?:\(\d+:\d+\)|Unexpected|Missing|Unterminated)"),
    Sign("syntax", "vitest", r"(?:Error: )?(?:Transform failed with \d+ error|Parse failure: |Expected .+ but found )"),
    Sign("syntax", "go", r"\S*\.go:\d+:\d+: (?:syntax error|expected )"),
    Sign("syntax", "cargo", r"error: (?:expected|unexpected|this file contains an un|unclosed|mismatched closing|unknown start of token)"),
    Sign("syntax", "tsc", r".*\berror TS1\d{3}: "),
    Sign("import", "pytest", r"E\s+(?:ImportError|ModuleNotFoundError)\b"),
    Sign("import", "unittest", r"(?:\w+\.)*(?:ImportError|ModuleNotFoundError): "),
    Sign("import", "jest", r"\s*Cannot find module '"),
    Sign("import", "node", r"\s*(?:Error(?: \[\w+\])?: )?Cannot find (?:module|package) '"),
    Sign("import", "go", r".*(?:no required module provides package |is not in (?:std|GOROOT)\b|could not import )"),
    Sign("import", "cargo", r"error(?:\[E0(?:432|433|463)\])?: (?:unresolved import|failed to resolve|can't find crate)"),
    Sign("import", "tsc", r".*\berror TS(?:2305|2306|2307|2614|2724|7016): "),
    Sign("logic", "pytest", r"E\s+(?:AssertionError\b|assert )"),
    Sign("logic", "unittest", r"AssertionError\b"),
    Sign("logic", "jest", r"\s*(?:Error: )?expect\(.+\)\.\w+"),
    Sign("logic", "vitest", r"\s*AssertionError: expected "),
    Sign("logic", "go", r"\s*--- FAIL: "),
    Sign("logic", "cargo", r".*assertion (?:`.+` )?failed"),
)
"""In their order: a file that cannot be parsed cannot be imported either, and what cannot be imported asserts nothing."""


def fault_of(report: StepReport, comparison: Comparison) -> Fault | None:
    """That of the tests that fail newly where their texts tell it, else that of the output; None where nothing known is said."""
    texts = dict(report.results.details) if report.results else {}
    of_tests = (texts[test] for test in comparison.newly_failed if test in texts)
    return told_in(of_tests) or told_in((report.output,))


def told_in(texts: Iterable[str]) -> Fault | None:
    """The first sign of the table that a line of the texts begins with."""
    lines = [line[:_LINE_MAX] for text in texts for line in plain(text).splitlines()][:_LINES_MAX]
    return next((sign.fault for sign, pattern in _COMPILED if any(map(pattern.match, lines))), None)


_COMPILED: Final = tuple((sign, re.compile(sign.pattern)) for sign in SIGNS)
