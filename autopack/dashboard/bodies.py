"""The bases of JSON bodies: of answers, in which ``schema`` stands first as with ``--json``, and of what is sent."""

from typing import Literal

from pydantic import ConfigDict, Field

from autopack.core.model import Frozen


class Given(Frozen):
    """What a request sends. FastAPI silences a warning of pydantic only as long as it builds the model itself."""

    model_config = ConfigDict(defer_build=False)


class Body(Frozen):
    """What an answer says."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    schema_version: Literal[1] = Field(default=1, alias="schema")
