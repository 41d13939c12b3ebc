"""Reads the header ``Range`` (RFC 9110) of a request for a part of a log."""

import re
from typing import Final

_ONE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class Unsatisfiable(Exception):  # noqa: N818 - an outcome, caught where the answer is made
    """No byte of the file is in the range."""


def range_of(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte and the one behind the last; None where the whole is meant, or the header is no single range of bytes.

    Raises:
        Unsatisfiable: it begins behind the end.
    """
    found = _ONE.fullmatch(header.strip()) if header else None
    if found is None or found[0] == "bytes=-":
        return None
    first, last = found[1], found[2]
    begin, end = (max(0, size - int(last)), size) if not first else (int(first), min(size, int(last) + 1) if last else size)
    if first and last and int(last) < int(first):
        return None
    if begin >= size:
        raise Unsatisfiable
    return begin, end
