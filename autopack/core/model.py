"""The base of every noun that crosses rooms: frozen, strict about unknown fields, serialisable as JSON."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
