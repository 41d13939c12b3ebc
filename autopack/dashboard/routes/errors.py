"""What went wrong in a run: all of it, counted, and each report as the file that lies beside the run."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Response

from autopack.core.errors import UnknownNameError
from autopack.core.names import nearest
from autopack.dashboard.answers import printed, shown
from autopack.dashboard.finding import FoundRun, TheRun
from autopack.dashboard.reading import LARGEST, READERS, REFUSALS
from autopack.reporting.error_files import as_json
from autopack.reporting.error_list import ErrorList, ErrorSummary, error_list, error_summary, page_of
from autopack.reporting.error_report import as_text
from autopack.store.errors import errors_of

router = APIRouter(prefix="/runs/{run_id}/errors", tags=["errors"], dependencies=READERS, responses=REFUSALS)

Limit = Annotated[int, Query(ge=1, le=500, description="So many at most.")]
After = Annotated[int | None, Query(ge=0, le=LARGEST, description="`next` of the page before.")]
FileName = Annotated[str, Path(max_length=300, description="An error's `name`, with `.json` or `.txt`.")]
_FILES: Final = {"content": {"application/json": {"schema": {"type": "object"}}, "text/plain": {"schema": {"type": "string"}}}}


@router.get("", response_model=shown(ErrorList))
def errors(run: TheRun, limit: Limit = 100, after: After = None) -> Response:
    """What went wrong, oldest first, and what resolved it, as `autopack errors list --json` lists it."""
    return printed(page_of(_all(run), after, limit))


@router.get("/summary", response_model=shown(ErrorSummary))
def summary(run: TheRun) -> Response:
    """What went wrong by kind, component and phase, as `autopack errors summary --json` counts it; `summary` says it in words."""
    return printed(error_summary(_all(run)))


@router.get("/{file}", response_class=Response, responses={200: _FILES})
def error_file(run: TheRun, file: FileName) -> Response:
    """A report as its file has it, made from its row; a name is looked up among the run's reports."""
    reports = {report.name: report for report in errors_of(run.project.database, run.run_id)}
    name, dot, ending = file.rpartition(".")
    report = reports.get(name)
    if report is None or dot == "" or ending not in ("json", "txt"):
        near = nearest(file, [f"{one}.{kind}" for one in reports for kind in ("json", "txt")])
        listed = f"autopack errors list {run.run_id}"
        raise UnknownNameError(f"run '{run.run_id}' has no error report '{file}'.", near, next_command=listed)
    if ending == "json":
        return Response(as_json(report), media_type="application/json")
    return Response(as_text(report).encode("utf-8", "backslashreplace"), media_type="text/plain; charset=utf-8")


def _all(run: FoundRun) -> ErrorList:
    return error_list(run.project.database, (run.run_id,), run.run_id)
