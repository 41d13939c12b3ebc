"""The ETag of what is looked at, and what a verb has to say it looked at: a page of an hour ago decides nothing that has changed."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Header, Request

from autopack.core.terms import Terms
from autopack.dashboard.access.scope import Caller
from autopack.dashboard.problems import Problem
from autopack.executor.project_state import ProjectState
from autopack.store.marks import phase_mark, run_mark

IfMatch = Annotated[str | None, Header(alias="If-Match", description="The ETag of what was looked at.", max_length=200)]


def phase_etag(project: ProjectState, run_id: str, phase_id: str) -> str:
    """For the header of whatever shows a phase."""
    with project.database.read() as session:
        return f'"{phase_mark(session, run_id, phase_id)}"'


def run_etag(project: ProjectState, run_id: str) -> str:
    """For the header of whatever shows a run's state."""
    with project.database.read() as session:
        return f'"{run_mark(session, run_id)}"'


def terms_of(request: Request, caller: Caller, if_match: str | None) -> Terms:
    """Who asks, from where, and what was looked at. Raises Problem where that is not said."""
    if if_match is None:
        raise Problem(HTTPStatus.PRECONDITION_REQUIRED, "say what you looked at: its ETag as `If-Match`.")
    seen = if_match.strip().removeprefix("W/").strip('"')
    return Terms(who=caller.name, whence=request.client.host if request.client else "", seen=seen)
