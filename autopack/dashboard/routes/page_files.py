"""The styles and scripts of the pages: open, as they hold nothing; their names are the table's, never a path of the address."""

from http import HTTPStatus
from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse

from autopack.dashboard.problems import Problem
from autopack.settings.assets import assets

_SCRIPT: Final = "text/javascript; charset=utf-8"
_STYLE: Final = "text/css; charset=utf-8"

FILES: Final = {
    "report.css": ("report", _STYLE),
    "page.css": ("page", _STYLE),
    "icon.svg": ("page", "image/svg+xml"),
    "enter.js": ("page", _SCRIPT),
    "page.js": ("page", _SCRIPT),
    "live.js": ("page", _SCRIPT),
    "verbs.js": ("page", _SCRIPT),
}
"""Their folder among the templates, and what they are."""

router = APIRouter(prefix="/page", include_in_schema=False)


@router.get("/{name}")
def page_file(name: str) -> FileResponse:
    if name not in FILES:
        raise Problem(HTTPStatus.NOT_FOUND, "the pages have no such file.")
    folder, kind = FILES[name]
    return FileResponse(assets("templates") / folder / name, media_type=kind, headers={"Cache-Control": "no-cache"})
