"""A piece of work as a document tells it, whatever the document's form."""

from dataclasses import dataclass
from typing import Literal

After = Literal["before", "last_shared", "all"]


@dataclass(frozen=True)
class Piece:
    """What a document says of one piece of work.

    ``names`` are what other pieces may call it, in small letters; ``needs`` are such names as the text gives them, None where it says
    nothing of the order. ``codes`` stood in backticks, ``plain`` only look like paths. ``after`` says what is likely to come first:
    the piece before, the last one that is not ``is_side_by_side``, or all. ``id`` is one for the phase, ``label`` only begins it.
    """

    title: str
    text: str
    names: tuple[str, ...]
    line: int
    id: str = ""
    label: str = ""
    criteria: tuple[str, ...] = ()
    needs: tuple[str, ...] | None = None
    codes: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    complexity: str = ""
    after: After = "before"
    is_side_by_side: bool = False
    is_done: bool = False
