"""What a sweep tells: the table that stands in docs/reliability.md, and what it could not do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.support.crash_trial import COMPLETE, Result


@dataclass(frozen=True)
class Tried:
    """One series: ``calls`` count in an undisturbed run, ``points`` of them were to be tried, ``results`` is what came of it."""

    name: str
    calls: int
    points: int
    results: Sequence[Result] = ()

    @property
    def broken(self) -> int:
        return sum(bool(result.wrong) for result in self.results)

    @property
    def missing(self) -> int:
        return self.points - len(self.results)

    @property
    def row(self) -> tuple[str, ...]:
        hurt = sum(result.is_hurt for result in self.results)
        ended = sum(result.kills for result in self.results if result.code != COMPLETE)
        figures = (self.calls, self.points, len(self.results), hurt, ended, self.broken)
        return (f"`{self.name}`", *(f"{figure:,}" for figure in figures))


HEAD = ("series", "calls that count", "to be tried", "tried", "hurt", "starts that ended early", "broken promises")


def table(tried: Sequence[Tried], facts: Mapping[str, str]) -> str:
    """Markdown: a line of facts, the rows, the sum."""
    results = [result for one in tried for result in one.results]
    total = Tried("all", sum(one.calls for one in tried), sum(one.points for one in tried), results).row
    rows = [HEAD, ("---",) * len(HEAD), *(one.row for one in tried), ("all", "", *total[2:])]
    line = ", ".join(f"{name} {value}" for name, value in facts.items())
    return "\n".join((f"{line[:1].upper()}{line[1:]}.", "", *(f"| {' | '.join(row)} |" for row in rows))) + "\n"


def shortcomings(tried: Sequence[Tried]) -> list[str]:
    """Why the sweep has failed: a sentence for each series that broke a promise, was not tried to its end, or hurt nobody."""
    found = []
    for one in tried:
        if one.broken:
            found.append(f"{one.name}: {one.broken} of {len(one.results)} trials broke a promise.")
        if one.missing:
            found.append(f"{one.name}: {one.missing} of {one.points} calls were not tried; the time was up.")
        elif not any(result.is_hurt for result in one.results):
            found.append(f"{one.name}: nothing was hurt, so nothing was shown.")
    return found
