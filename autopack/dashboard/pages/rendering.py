"""Renders a page from its template: any text is letters on it, as in the report."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from fastapi.responses import HTMLResponse

from autopack.core.events import PHASE, RUN
from autopack.core.status import UsageStatus
from autopack.dashboard.pages.links import Links
from autopack.reporting.report.charts import cost_bars, dollars, span, timeline_table
from autopack.reporting.report.markup import Markup, Part, joined, words
from autopack.reporting.report.pieces import SHORT, attempt_list, criteria_table, diff_lines, in_words, moment
from autopack.settings.assets import assets

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER: Final = "page"


def render(template: str, links: Links, values: Mapping[str, object], status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    return HTMLResponse(_environment().get_template(template).render(links=links, **values), status)


@lru_cache(maxsize=1)
def _environment() -> "Environment":
    """``finalize`` stands before the escaping: it makes text printable and cuts what nobody reads."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(assets("templates") / FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters.update(
        clock=_clock,
        dollars=dollars,
        event_class=_event_class,
        in_words=in_words,
        markup=_markup,
        moment=moment,
        short=_short,
        span=span,
        stamp=_stamp,
        usd=_usd,
    )
    environment.globals.update(
        attempt_list=attempt_list, cost_bars=cost_bars, criteria_table=criteria_table, diff_lines=diff_lines, timeline_table=timeline_table
    )
    return environment


def _shown(value: object) -> object:
    if value is None:
        return ""
    return words(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _markup(part: Part) -> Markup:
    """Of what the report's pieces make."""
    return joined([part])


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S")


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _usd(usd: float, is_partial: bool = False) -> str:
    return dollars(UsageStatus(usd=usd), is_partial=is_partial)


def _event_class(name: str) -> str:
    """The state that an event tells of, for its colour."""
    return name.removeprefix(PHASE).removeprefix(RUN)


def _short(commit: str | None) -> str:
    return (commit or "")[:SHORT]
