"""The lines of one file under each normal form, and where a sequence of lines stands among them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from autopack.core.refusal import RefusalCode
from autopack.edits.match.forms import formed
from autopack.edits.model import EditRefused

WORK_MAX: Final = 5_000_000  # line comparisons for one file, some seconds
SCANS_MAX: Final = 16  # so many sequences are looked for line by line before an index of all lines pays


class FileIndex:
    """Looks up lines; forms and positions are made when first asked for, and searching has a bound for the whole file."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self._forms: dict[int, list[str]] = {}
        self._positions: dict[int, dict[str, list[int]]] = {}
        self._scans: Counter[int] = Counter()
        self._work = 0

    def __len__(self) -> int:
        return len(self.lines)

    def formed(self, form: int) -> list[str]:
        if form not in self._forms:
            self._forms[form] = formed(self.lines, form)
        return self._forms[form]

    def positions(self, form: int) -> dict[str, list[int]]:
        if form not in self._positions:
            positions: dict[str, list[int]] = {}
            for at, line in enumerate(self.formed(form)):
                positions.setdefault(line, []).append(at)
            self._positions[form] = positions
        return self._positions[form]

    def count(self, line: str, form: int) -> int:
        """How often the file has the line, which is in that form already."""
        self._scans[form] += 1
        if form in self._positions or self._scans[form] > SCANS_MAX:
            return len(self.positions(form).get(line, ()))
        return self.formed(form).count(line)

    def stands_at(self, sequence: Sequence[str], at: int, form: int) -> bool:
        """Says whether the sequence, already in that form, stands at the 0-based place."""
        if at < 0 or at + len(sequence) > len(self.lines):
            return False
        lines = self.formed(form)
        return all(lines[at + offset] == line for offset, line in enumerate(sequence))

    def places(self, sequence: Sequence[str], form: int) -> Iterator[int]:
        """Gives the places where the sequence, already in that form, stands; take as many as it needs to tell one from several.

        Raises:
            EditRefused: code ``too_much_work`` where the lines repeat so often that looking has no end.
        """
        if not sequence or len(sequence) > len(self.lines):
            return
        for at in self._candidates(sequence, form):
            if 0 <= at <= len(self.lines) - len(sequence) and self._same(sequence, at, form):
                yield at

    def spend(self, work: int) -> None:
        self._work += work
        if self._work > WORK_MAX:
            raise EditRefused(
                RefusalCode.TOO_MUCH_WORK,
                "The lines to look for repeat too often in this file to find one place; give exact line numbers, or the whole file.",
            )

    def _candidates(self, sequence: Sequence[str], form: int) -> Iterator[int]:
        """The places that one telling line of the sequence leaves."""
        self._scans[form] += 1
        if form not in self._positions and self._scans[form] <= SCANS_MAX:
            anchor = max(range(len(sequence)), key=lambda at: len(sequence[at]))
            yield from self._scanned(sequence[anchor], anchor, form)
            return
        positions = self.positions(form)
        standing = [positions.get(line, []) for line in sequence]
        anchor = min(range(len(sequence)), key=lambda at: len(standing[at]))
        yield from (place - anchor for place in standing[anchor])

    def _scanned(self, line: str, offset: int, form: int) -> Iterator[int]:
        lines, at = self.formed(form), -1
        while True:
            try:
                at = lines.index(line, at + 1)
            except ValueError:
                return
            yield at - offset

    def _same(self, sequence: Sequence[str], at: int, form: int) -> bool:
        lines = self.formed(form)
        for offset, line in enumerate(sequence):
            if lines[at + offset] != line:
                self.spend(offset + 1)
                return False
        self.spend(len(sequence))
        return True
