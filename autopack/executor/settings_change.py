"""What differs between the settings of a run's last start and those of this one: said, by name, and never by value."""

import json
from collections.abc import Iterator
from typing import Any, Final

from autopack.core.settings import Settings

_NEW: Final = "{}"


def changed_settings(before_json: str, now: Settings) -> tuple[str, ...]:
    """The dotted names of the settings that differ, lists by their whole name; none for a run that never started."""
    if before_json == _NEW:
        return ()
    return tuple(sorted(_differences(json.loads(before_json), json.loads(now.model_dump_json()), "")))


def _differences(before: Any, after: Any, name: str) -> Iterator[str]:  # noqa: ANN401 - JSON
    if before == after:
        return
    if not (isinstance(before, dict) and isinstance(after, dict)):
        yield name
        return
    for key in before.keys() | after.keys():
        yield from _differences(before.get(key), after.get(key), f"{name}.{key}" if name else key)
