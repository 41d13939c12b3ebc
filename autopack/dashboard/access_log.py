"""The access log: a line a request, on stderr, without what stands behind a path's question mark."""

import logging
from typing import Any, Final

ACCESS: Final = "uvicorn.access"

LOGGING: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(message)s", "datefmt": "%Y-%m-%dT%H:%M:%S%z"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
    "loggers": {name: {"handlers": ["stderr"], "level": "INFO", "propagate": False} for name in ("uvicorn", ACCESS)},
}
"""For ``autopack serve``; uvicorn's own command brings its own."""


def without_queries(record: logging.LogRecord) -> bool:
    """A filter for uvicorn's access log: a secret that somebody put into an address is not kept there."""
    if isinstance(record.args, tuple):
        record.args = tuple(arg.partition("?")[0] if isinstance(arg, str) else arg for arg in record.args)
    return True
