"""HTML from text that is text: whatever a model or a command wrote becomes letters on the page, and never a tag. Pure."""

from collections.abc import Iterable
from html import escape
from typing import Final

from autopack.core.visible import printable

LONGEST: Final = 20_000
VOID: Final = frozenset({"meta", "path", "rect", "line", "br"})


class Markup(str):
    """HTML that was made here; any other text is escaped."""

    __slots__ = ()

    def __html__(self) -> str:
        """Templates take it as it is."""
        return self


Part = str | Markup | Iterable["Part"] | None


def tag(element: str, /, *parts: Part, **attributes: str | float | None) -> Markup:
    """``class_`` is ``class``, other underscores are hyphens; an attribute of None is left out."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_escaped(str(value))}"' for key, value in attributes.items() if value is not None
    )
    return Markup(f"<{element}{said}/>" if element in VOID else f"<{element}{said}>{joined(parts)}</{element}>")


def joined(parts: Iterable[Part]) -> Markup:
    return Markup("".join(_one(part) for part in parts))


def words(text: str) -> Markup:
    """Text on the page, cut where it is too long to be read."""
    more = len(text) - LONGEST
    shown = printable(text[:LONGEST])
    return Markup(_escaped(shown) + (f" … {more:,} more characters" if more > 0 else ""))


def _one(part: Part) -> str:
    if part is None:
        return ""
    if isinstance(part, Markup):
        return part
    return words(part) if isinstance(part, str) else joined(part)


def _escaped(text: str) -> str:
    return escape(printable(text), quote=True)
