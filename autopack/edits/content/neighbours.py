"""What stood in an old text between the two lines that are the neighbours of a line of the new one."""

from collections.abc import Sequence
from typing import Final

CONTEXT_MAX: Final = 30  # lines above or below that are compared to tell one place from another
PLACES_MAX: Final = 200  # places of a line that stands so often are looked at


class Neighbours:
    """Finds neighbours by the lines around them, so that a line which stands often is found where it is meant.

    A neighbour of which only the spacing is another is an old line still.
    """

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        self._old = [line for line in old if line]
        filled = [at for at, line in enumerate(new) if line]
        self._new = [_squeezed(new[at]) for at in filled]
        self._same_as = [_squeezed(line) for line in self._old]
        self._number = {at: number for number, at in enumerate(filled)}
        self._places: dict[str, list[int]] = {}
        for place, line in enumerate(self._same_as):
            self._places.setdefault(line, []).append(place)

    def between(self, at: int, context_min: int = 1) -> Sequence[str]:
        """The filled lines that stood there; empty where a neighbour is new, or nothing stood between them.

        ``context_min`` is how many lines above and how many below have to be old ones in the old order.
        """
        number = self._number[at]
        above, below = self._likeliest(number - 1, -1, context_min), self._likeliest(number + 1, 1, context_min)
        if context_min > 1:
            return self._least(above, below)
        return self._least(above, below) or self._least(above, self._all(number + 1)) or self._least(self._all(number - 1), below)

    def _least(self, above: Sequence[int], below: Sequence[int]) -> Sequence[str]:
        """What stands between the two places that are nearest to each other."""
        gaps = [(low - high, high) for high in above for low in below if high < low]
        if not gaps:
            return []
        width, high = min(gaps)
        return self._old[high + 1 : high + width]

    def _likeliest(self, number: int, step: int, context_min: int) -> list[int]:
        """Where in the old text a line stood, by how many lines beyond it are the same; the ends of the texts are neighbours too."""
        same = {place: self._same(place, number, step) for place in self._all(number)}
        most = max(same.values(), default=0)
        return [place for place, count in same.items() if count == most and (count >= context_min or not self._old[place : place + 1])]

    def _all(self, number: int) -> Sequence[int]:
        if not 0 <= number < len(self._new):
            return [-1 if number < 0 else len(self._old)]
        return self._places.get(self._new[number], [])[:PLACES_MAX]

    def _same(self, place: int, number: int, step: int) -> int:
        count = 0
        while (
            count < CONTEXT_MAX
            and 0 <= place < len(self._old)
            and 0 <= number < len(self._new)
            and self._same_as[place] == self._new[number]
        ):
            count, place, number = count + 1, place + step, number + step
        return count


def _squeezed(line: str) -> str:
    return "".join(line.split())
