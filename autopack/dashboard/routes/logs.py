"""What the commands of a run printed: which logs there are, and each whole or in part."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Header, Path, Response

from autopack.dashboard.answers import printed, shown
from autopack.dashboard.byte_range import Unsatisfiable, range_of
from autopack.dashboard.finding import TheRun
from autopack.dashboard.problems import Problem, documented
from autopack.dashboard.reading import READERS, REFUSALS
from autopack.executor.look.check_logs import LogList, check_log, logs_shown

router = APIRouter(prefix="/runs/{run_id}/logs", tags=["logs"], dependencies=READERS, responses=REFUSALS)

_TEXT: Final = "text/plain; charset=utf-8"
_BYTES: Final = {"content": {"text/plain": {"schema": {"type": "string"}}}}
LogName = Annotated[str, Path(max_length=300, description="A name that the list of logs tells.")]
Range = Annotated[str | None, Header(max_length=200, description="One range of bytes, `bytes=0-1023`.")]


@router.get("", response_model=shown(LogList))
def logs(run: TheRun) -> Response:
    """The logs of a run in the order of its plan, each with its name and size in bytes."""
    return printed(logs_shown(run.project, run.run))


@router.get(
    "/{log}",
    response_class=Response,
    responses={
        200: _BYTES,
        206: {**_BYTES, "description": "The part that was asked for."},
        **documented(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE),
    },
)
def log(run: TheRun, log: LogName, range: Range = None) -> Response:  # noqa: A002 - the header's name
    """A log as it is, whole or a range of its bytes; a name is looked up among the run's logs."""
    found = check_log(run.project, run.run, log)
    size = found.size
    try:
        part = range_of(range, size)
    except Unsatisfiable:
        said = f"the log '{found.name}' has {size} bytes, none of them in that range."
        headers = {"Content-Range": f"bytes */{size}"}
        raise Problem(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, said, headers=headers) from None
    begin, end = part or (0, size)
    headers = {"Accept-Ranges": "bytes"}
    if part is not None:
        headers["Content-Range"] = f"bytes {begin}-{end - 1}/{size}"
    status = HTTPStatus.OK if part is None else HTTPStatus.PARTIAL_CONTENT
    return Response(found.part(begin, end), status, headers, _TEXT)
