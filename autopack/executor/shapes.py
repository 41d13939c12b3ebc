"""The shapes of what an attempt records, made ready while the first call is still being prepared."""

from typing import Final

from autopack.core.candidate import Candidate, Committed, DerivedFiles
from autopack.core.checking import CheckReport
from autopack.core.reviewing import Decision, Verdict
from autopack.core.status import ChecksStatus
from autopack.core.test_runs import NewTests, OldTests
from autopack.executor.steps import Reached

_RECORDED: Final = (Reached, DerivedFiles, Candidate, CheckReport, OldTests, NewTests, Verdict, Decision, Committed, ChecksStatus)


def build_shapes() -> None:
    """Pydantic builds the validator of each at its first use, half a millisecond apiece between a reply and its audit."""
    for shape in _RECORDED:
        shape.model_rebuild()
