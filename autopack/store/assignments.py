"""The changing half of a plain UPDATE."""

from collections.abc import Iterable


def assignments(columns: Iterable[str]) -> str:
    """``"a" = :a, "b" = :b``; the columns are named by the program, never by what it reads."""
    return ", ".join(f'"{column}" = :{column}' for column in columns)
