"""What is remembered of a project from run to run, and what of it an attempt was reminded of."""

from enum import StrEnum
from typing import Literal

from autopack.core.model import Frozen


class Collection(StrEnum):
    """``code_docs``: functions of the base commit. ``planning``: what plans asked for. The others are what runs went through."""

    CODE_DOCS = "code_docs"
    RUN_SUMMARIES = "run_summaries"
    ERRORS_CI = "errors_ci"
    DOCTOR_HINTS = "doctor_hints"
    PLANNING = "planning"


class Entry(Frozen):
    """What is remembered once: another entry of the same project, collection and source takes its place.

    ``cue`` is what it is found by again: the task, the failure. ``run`` and ``phase`` are empty where no run wrote it; ``blob`` is the
    file's where it is of a file. ``is_solved`` speaks of a failure.
    """

    project: str
    collection: Collection
    source: str
    cue: str
    text: str
    run: str = ""
    phase: str = ""
    blob: str = ""
    is_solved: bool = False


class Recalled(Frozen):
    """An entry that was found, how alike what it is found by is (0 to 1), in its words or in its meaning, and where it came from."""

    collection: Collection
    source: str
    score: float
    text: str
    by: Literal["words", "meaning"] = "words"


class Recollection(Frozen):
    """All that one attempt was reminded of, the likest first."""

    found: tuple[Recalled, ...] = ()
