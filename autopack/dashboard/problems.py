"""Whatever a request is refused with: the command line's sentence and next command, as problem JSON (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, Literal

from fastapi.responses import JSONResponse

from autopack.core.errors import (
    BudgetSpentError,
    ChangedMeanwhileError,
    EnvironmentBlockedError,
    InvalidInputError,
    LockedError,
    ProviderBlockedError,
    UnknownNameError,
    UsageError,
    UserError,
)
from autopack.dashboard.bodies import Body

MEDIA_TYPE: Final = "application/problem+json"

STATUSES: Final[dict[type[UserError], HTTPStatus]] = {
    UnknownNameError: HTTPStatus.NOT_FOUND,
    ChangedMeanwhileError: HTTPStatus.PRECONDITION_FAILED,
    UsageError: HTTPStatus.CONFLICT,
    LockedError: HTTPStatus.CONFLICT,
    BudgetSpentError: HTTPStatus.CONFLICT,
    InvalidInputError: HTTPStatus.CONFLICT,
    EnvironmentBlockedError: HTTPStatus.SERVICE_UNAVAILABLE,
    ProviderBlockedError: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The status of an error that reaches the edge; the first row that fits counts."""


class ProblemBody(Body):
    """``next`` is the command that leads on; ``problems`` a sentence each where there are several."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    detail: str
    next: str | None = None
    problems: tuple[str, ...] = ()


class Problem(Exception):  # noqa: N818 - what a route answers with
    """Raised by routes and dependencies; ``headers`` go with the answer."""

    def __init__(self, status: HTTPStatus, detail: str, next_command: str | None = None, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.next_command = next_command
        self.headers = dict(headers or {})


def answer(problem: Problem, problems: tuple[str, ...] = ()) -> JSONResponse:
    body = ProblemBody(
        title=problem.status.phrase, status=problem.status, detail=problem.detail, next=problem.next_command, problems=problems
    )
    return JSONResponse(body.model_dump(mode="json", by_alias=True), problem.status, problem.headers, MEDIA_TYPE)


def answer_of(error: UserError) -> JSONResponse:
    """The answer to an error that the command line would print."""
    return answer(problem_of(error), error.problems if isinstance(error, InvalidInputError) else ())


def problem_of(error: UserError) -> Problem:
    """Its sentence, without the list of what is wrong with an input."""
    status = next((status for kind, status in STATUSES.items() if isinstance(error, kind)), HTTPStatus.CONFLICT)
    problems = error.problems if isinstance(error, InvalidInputError) else ()
    said = error.message.removesuffix("\n".join(("", *problems))) if problems else error.message
    return Problem(status, said, error.next_command)


def documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """For a route's ``responses``: what it may be refused with."""
    return {int(status): {"model": ProblemBody, "content": {MEDIA_TYPE: {}}, "description": status.phrase} for status in statuses}
