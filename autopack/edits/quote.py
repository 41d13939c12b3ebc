"""What stands in a file, quoted with line numbers for the one who has to try again."""

from collections.abc import Sequence

QUOTED_CHARACTERS_MAX = 160
QUOTED_LINES_MAX = 12


def what_stands_there(text: str, first: int, last: int) -> str:
    """Gives the numbered lines ``first`` to ``last`` (1-based, inclusive), cut where they are long or many."""
    bodies = text.removeprefix("\ufeff").split("\n")
    if not bodies[-1]:
        bodies.pop()
    first, last = max(first, 1), min(last, len(bodies))
    shown = [f"{number:>5}  {shortened(bodies[number - 1])}" for number in range(first, min(last, first + QUOTED_LINES_MAX - 1) + 1)]
    left_out = last - first + 1 - len(shown)
    return "\n".join([*shown, f"       ({left_out} more)"] if left_out > 0 else shown)


def quoted(line: str) -> str:
    """One line between back quotes, cut where it is long."""
    return f"`{shortened(line)}`"


def shortened(line: str) -> str:
    line = line.rstrip("\r")
    shown = line if len(line) <= QUOTED_CHARACTERS_MAX else line[: QUOTED_CHARACTERS_MAX - 1] + "…"
    return "".join(c if c.isprintable() or c == "\t" else ascii(c)[1:-1] for c in shown)


def numbers(places: Sequence[int], most: int = 5) -> str:
    """0-based places as 1-based line numbers in words: ``lines 3, 9 and 12``."""
    shown = [str(place + 1) for place in places[:most]]
    if len(places) > most:
        return f"lines {', '.join(shown)} and others"
    return f"line {shown[0]}" if len(shown) == 1 else f"lines {', '.join(shown[:-1])} and {shown[-1]}"


def counted_lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"
