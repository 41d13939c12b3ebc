"""Answers with what a command prints with ``--json``, byte for byte; the documented form of an answer has its ``schema``."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from fastapi import Response
from pydantic import BaseModel, Field, create_model

from autopack.core.printed import json_line, record_of


def printed(model: BaseModel, headers: Mapping[str, str] | None = None) -> Response:
    """One line of JSON with its line end."""
    return Response(f"{json_line(record_of(model))}\n".encode(), headers=dict(headers or {}), media_type="application/json")


def shown(model: type[BaseModel]) -> type[BaseModel]:
    """The model with the field that ``printed`` puts first: for a route's ``response_model``."""
    schema: Any = (Literal[1], Field(alias="schema"))
    return create_model(f"{model.__name__}Answer", __base__=model, __doc__=model.__doc__, schema_version=schema)


ETAG: Final[dict[int | str, dict[str, Any]]] = {
    200: {"headers": {"ETag": {"description": "What a verb sends as `If-Match`.", "schema": {"type": "string"}}}}
}
"""For the ``responses`` of a route that shows what verbs act on."""
