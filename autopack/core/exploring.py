"""A model that looks for itself: the tools it is offered, what each round of calls brought, what it may take from its scratch copy."""

from enum import StrEnum
from typing import Final, Literal

from pydantic import Field

from autopack.core.model import Frozen

ExploreMode = Literal["auto", "on", "off"]


class ToolName(StrEnum):
    READ = "read"
    SEARCH = "search"
    LIST = "list"
    SYMBOLS = "symbols"
    RUN = "run"


READING: Final = (ToolName.READ, ToolName.SEARCH, ToolName.LIST, ToolName.SYMBOLS)
"""They look at a commit and change nothing."""


class Seen(Frozen):
    """Lines of a file that a model read, both inclusive."""

    path: str
    first: int
    last: int


class ToolAnswer(Frozen):
    """``text`` goes to the model, ``told`` is one line for people; ``seen`` is what it read of files."""

    text: str
    told: str
    seen: tuple[Seen, ...] = ()


class ScratchFile(Frozen):
    """A file that commands changed in the scratch copy. No ``text``: it is gone, or ``unusable`` says why it cannot be taken.

    ``is_back``: it is as the repository has it again.
    """

    path: str
    text: str | None = None
    unusable: str | None = None
    is_back: bool = False


class Round(Frozen):
    """What the calls of one reply brought: an answer for each, and what commands among them changed in the scratch copy.

    ``folded``: from the next question on, long results of so many of the first turns are left out.
    """

    answers: tuple[ToolAnswer, ...] = ()
    changed: tuple[ScratchFile, ...] = ()
    folded: int = 0


class Offered(Frozen):
    """The tools of an attempt's builder; its auditor gets those that only read."""

    tools: tuple[ToolName, ...] = ()


class Explored(Frozen):
    """All that one role looked at in an attempt, as ``show`` tells it and a journal keeps it: the rounds by their questions."""

    tools: tuple[ToolName, ...] = ()
    rounds: dict[int, Round] = Field(default_factory=dict)
