"""The lines of one file under each normal form, and where a sequence of lines stands among them."""

from collections.abc import Sequence

from autopack.edits.match.forms import FORMS
from autopack.edits.model import EditRefused

WORK_MAX = 20_000_000  # line comparisons for one file, some seconds


class FileIndex:
    """Looks up lines; forms and positions are made when first asked for, and searching has a bound for the whole file."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self._forms: dict[int, list[str]] = {}
        self._positions: dict[int, dict[str, list[int]]] = {}
        self._work = 0

    def __len__(self) -> int:
        return len(self.lines)

    def formed(self, form: int) -> list[str]:
        if form not in self._forms:
            self._forms[form] = list(self.lines) if form == 0 else list(map(FORMS[form], self.lines))
        return self._forms[form]

    def positions(self, form: int) -> dict[str, list[int]]:
        if form not in self._positions:
            positions: dict[str, list[int]] = {}
            for at, line in enumerate(self.formed(form)):
                positions.setdefault(line, []).append(at)
            self._positions[form] = positions
        return self._positions[form]

    def stands_at(self, sequence: Sequence[str], at: int, form: int) -> bool:
        """Says whether the sequence, already in that form, stands at the 0-based place."""
        if at < 0 or at + len(sequence) > len(self.lines):
            return False
        if form == 0 and form not in self._forms:
            return list(self.lines[at : at + len(sequence)]) == list(sequence)
        return self.formed(form)[at : at + len(sequence)] == list(sequence)

    def places(self, sequence: Sequence[str], form: int, most: int) -> list[int]:
        """Gives up to ``most`` places where the sequence, already in that form, stands.

        Raises:
            EditRefused: code ``too_much_work`` where the lines repeat so often that looking has no end.
        """
        if not sequence or len(sequence) > len(self.lines):
            return []
        positions = self.positions(form)
        candidates = [positions.get(line, []) for line in sequence]
        rarest = min(range(len(sequence)), key=lambda at: len(candidates[at]))
        found: list[int] = []
        lines = self.formed(form)
        wanted = list(sequence)
        for position in candidates[rarest]:
            at = position - rarest
            if 0 <= at <= len(lines) - len(wanted) and self._same(lines, at, wanted):
                found.append(at)
                if len(found) == most:
                    break
        self.spend(len(candidates[rarest]) + len(sequence))
        return found

    def _same(self, lines: list[str], at: int, wanted: list[str]) -> bool:
        for offset, line in enumerate(wanted):
            if lines[at + offset] != line:
                self.spend(offset)
                return False
        self.spend(len(wanted))
        return True

    def spend(self, work: int) -> None:
        self._work += work
        if self._work > WORK_MAX:
            raise EditRefused("too_much_work", "The lines to look for repeat too often in this file to find one place; give exact line numbers, or the whole file.")
