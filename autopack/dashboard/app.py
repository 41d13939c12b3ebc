"""Puts the server together: its routes, what stands in front of them, and how errors are told."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from autopack import __version__
from autopack.core.errors import UserError
from autopack.dashboard.access_log import ACCESS, without_queries
from autopack.dashboard.closing import closes_streams
from autopack.dashboard.defects import report_defect
from autopack.dashboard.guard.guard import Guard
from autopack.dashboard.guard.headers import HEADERS
from autopack.dashboard.guard.refusals import OF_ALL, OF_CHANGES
from autopack.dashboard.problems import Problem, answer, answer_of, documented
from autopack.dashboard.routes import auth, errors, events, health, logs, overview, page_files, pages, reference, runs, verbs
from autopack.dashboard.server import Server

ROUTERS: Final[tuple[APIRouter, ...]] = (
    health.router,
    auth.router,
    verbs.router,
    overview.router,
    runs.router,
    errors.router,
    logs.router,
    events.router,
    reference.router,
    page_files.router,
    pages.router,
)
"""Every route of the server stands in one of these; a subject is a module in ``routes`` and a line here."""


def create_app(server: Server) -> FastAPI:
    app = FastAPI(title="Autopack", version=__version__, openapi_url=None, docs_url=None, redoc_url=None, lifespan=_lifespan)
    app.state.server = server
    app.add_middleware(Guard, names=server.names)
    for router in ROUTERS:
        app.include_router(router, responses=documented(*OF_ALL, *(_OF_BODIES if router in (auth.router, verbs.router) else ())))
    app.add_exception_handler(Problem, _tell)
    app.add_exception_handler(UserError, _tell)
    app.add_exception_handler(RequestValidationError, _tell_faults)
    app.add_exception_handler(HTTPStatus.NOT_FOUND, _tell_unknown)
    app.add_exception_handler(HTTPStatus.METHOD_NOT_ALLOWED, _tell_method)
    app.add_exception_handler(HTTPStatus.BAD_REQUEST, _tell_unreadable)
    app.add_exception_handler(Exception, _tell_defect)
    return app


_OF_BODIES: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY, *OF_CHANGES)
"""What a request with a body may be refused with, whatever its route."""


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    server: Server = app.state.server
    logging.getLogger(ACCESS).addFilter(without_queries)
    with closes_streams(server.closing):
        yield


def _tell(_request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, Problem):
        return answer(error)
    return answer_of(error if isinstance(error, UserError) else UserError(str(error)))


def _tell_faults(_request: Request, error: Exception) -> JSONResponse:
    """Names what of the request is wrong, without repeating what was sent."""
    faults = error.errors() if isinstance(error, RequestValidationError) else ()
    problems = tuple(f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}." for fault in faults)
    return answer(Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the request does not have the form that this route takes."), problems)


def _tell_unknown(request: Request, _error: Exception) -> JSONResponse:
    return answer(Problem(HTTPStatus.NOT_FOUND, f"there is nothing at {request.url.path[:200]}; /docs lists what there is."))


def _tell_method(request: Request, error: Exception) -> JSONResponse:
    allowed = getattr(error, "headers", None)
    said = f"{request.method} is not taken at {request.url.path[:200]}; /docs lists what is."
    return answer(Problem(HTTPStatus.METHOD_NOT_ALLOWED, said, headers=allowed))


def _tell_unreadable(_request: Request, _error: Exception) -> JSONResponse:
    return answer(Problem(HTTPStatus.BAD_REQUEST, "the request's body cannot be read as JSON."))


def _tell_defect(request: Request, error: Exception) -> JSONResponse:
    """Stands outside of the guard, so the headers are added here; log and report say the rest."""
    report_defect(request, error)
    said = f"this is a defect of Autopack ({type(error).__name__}); the server's log and `autopack errors show -` say more."
    return answer(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, said, headers=HEADERS))
