"""The JSON that commands print and the dashboard answers with, the same byte for byte: ``"schema": 1`` comes first."""

import json
from typing import Any, Final

from pydantic import BaseModel

from autopack.core.visible import escaped

SCHEMA: Final = 1
"""Fields may be added under the same number; anything else raises it."""


def record_of(model: BaseModel) -> dict[str, Any]:
    """The object that ``--json`` prints."""
    return {"schema": SCHEMA, **model.model_dump(mode="json")}


def json_line(data: Any) -> str:  # noqa: ANN401 - any JSON value
    """JSON on one line: it holds no line end and no control character, not even within texts."""
    return escaped(json.dumps(data, ensure_ascii=False, default=str))
