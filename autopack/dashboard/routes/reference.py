"""What there is to ask: the OpenAPI document, and a page that says the same to a person; nothing of it comes from elsewhere."""

from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from autopack.core.printed import json_line
from autopack.dashboard.problems import documented
from autopack.dashboard.reading import READERS
from autopack.dashboard.reference_page import reference_page

_REFUSALS: Final = documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS)
_HTML: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/html": {"schema": {"type": "string"}}}}}

router = APIRouter(tags=["reference"], dependencies=READERS, responses=_REFUSALS)


@router.get("/openapi.json", response_model=dict[str, Any])
def openapi(request: Request) -> Response:
    """This description of the routes, as OpenAPI."""
    return Response(f"{json_line(request.app.openapi())}\n".encode(), media_type="application/json")


@router.get("/docs", response_class=Response, responses=_HTML)
def docs(request: Request) -> Response:
    """The routes on one page."""
    return Response(reference_page(request.app.openapi()).encode(), media_type="text/html; charset=utf-8")
