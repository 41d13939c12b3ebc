"""Normal forms of a line, from strict to loose: what two lines may differ in and still be the same line."""

import unicodedata
from collections.abc import Callable, Iterable
from typing import Final

Form = Callable[[str], str]

EXACT: Final = 0  # 1 is without the carriage return
TRAILING_SPACE: Final = 2
WHITE_SPACE: Final = 3
UNICODE: Final = 4

_ALIKE: Final = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        "\u2026": "...",
        "\u200b": "",
        "\ufeff": "",
    }
)


def exact(line: str) -> str:
    return line


def without_line_end(line: str) -> str:
    return line.removesuffix("\r")


def without_trailing_space(line: str) -> str:
    return line.rstrip()


def squeezed(line: str) -> str:
    return " ".join(line.split())


def plain(line: str) -> str:
    if line.isascii():
        return " ".join(line.split())
    return " ".join(unicodedata.normalize("NFC", line).translate(_ALIKE).split())


FORMS: Final[tuple[Form, ...]] = (exact, without_line_end, without_trailing_space, squeezed, plain)


def formed(lines: Iterable[str], form: int) -> list[str]:
    return list(lines) if form == EXACT else list(map(FORMS[form], lines))
