"""OpenAI's SDK, and what its two APIs have in common."""

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from autopack.llm.providers.api import Sdk
from autopack.llm.providers.connection import Connection
from autopack.llm.providers.reply_schema import has_only_required_fields, is_expressible, narrowed
from autopack.llm.providers.sdk_client import SdkClient
from autopack.llm.wire import Json

if TYPE_CHECKING:
    import httpx2


def strictness(schema: Json) -> Json:
    """The schema, strict where it meets the demands of strict output; else the model is shown it but not held to it."""
    if is_expressible(schema) and has_only_required_fields(schema):
        return {"schema": narrowed(schema), "strict": True}
    return {"schema": schema, "strict": False}


def _load() -> ModuleType:
    import openai  # half a second: only when a call is made

    return openai


def _client(sdk: Any, connection: Connection, http: "httpx2.Client", now: Callable[[], float]) -> SdkClient:  # noqa: ANN401 - a module
    """By itself the SDK would send the environment's organization and project to any server."""
    elsewhere = {} if connection.is_vendor else {"OpenAI-Organization": sdk.Omit(), "OpenAI-Project": sdk.Omit()}
    client = sdk.OpenAI(
        api_key=connection.key.value.get_secret_value(),
        base_url=connection.base_url,
        default_headers={**elsewhere, **connection.headers},
        max_retries=0,
        http_client=http,
    )
    return SdkClient(sdk, client, http, now)


OPENAI: Final = Sdk(name="openai", load=_load, last_name="Stream", client=_client)
