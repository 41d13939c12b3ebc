"""What the addresses of pages ask for: empty fields of a form say nothing."""

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field

from autopack.core.states import RunState
from autopack.dashboard.bodies import Given

Word = Annotated[str, Field(max_length=200)]
Number = Annotated[int, Field(ge=0, le=2**53)]


def _empty_is_none(value: Any) -> Any:  # noqa: ANN401 - whatever stands in an address
    return value or None


Day = Annotated[date | None, BeforeValidator(_empty_is_none)]


class Asked(Given):
    """Other words of the address belong to others."""

    model_config = ConfigDict(extra="ignore")


class RunsAsked(Asked):
    """``after`` is the run that the page before ended with."""

    state: tuple[RunState, ...] = ()
    project: Word = ""
    text: Word = ""
    since: Day = None
    until: Day = None
    after: Word = ""

    def older(self, last: str) -> dict[str, object]:
        """What the address of the next page says."""
        return {**self.model_dump(mode="json", exclude_defaults=True), "after": last}


class LogAsked(Asked):
    """``attempt`` 0 is the base; ``line`` is to be among those that are shown."""

    attempt: Number = 0
    line: Number = 1
    text: Word = ""


class EventsAsked(Asked):
    """``before`` the row of that id; 0: the newest."""

    phase: Word = ""
    text: Word = ""
    before: Number = 0
