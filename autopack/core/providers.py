"""The providers' APIs as plain data, a row each, for every room. ``llm/providers/table.py`` holds the other half: how each is spoken."""

from typing import Final, Literal, NamedTuple

ChatApi = Literal["anthropic", "openai-responses", "openai-chat"]
"""What a provider may be said to speak."""

ApiName = Literal["anthropic", "openai-responses", "openai-chat", "openai-embeddings"]


class Vendor(NamedTuple):
    """Who serves an API, and which environment variables its SDK knows.

    All of its hosts end in ``domain``. ``key_variables`` hold secrets. ``headers_variable`` holds headers for every request, a
    ``Name: value`` a line, among them what a gateway is shown.
    """

    url: str
    domain: str
    variable_prefix: str
    key_variables: frozenset[str]
    headers_variable: str


_ANTHROPIC: Final = Vendor(
    url="https://api.anthropic.com",
    domain="anthropic.com",
    variable_prefix="ANTHROPIC_",
    key_variables=frozenset({"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"}),
    headers_variable="ANTHROPIC_CUSTOM_HEADERS",
)
_OPENAI: Final = Vendor(
    url="https://api.openai.com/v1",
    domain="openai.com",
    variable_prefix="OPENAI_",
    key_variables=frozenset({"OPENAI_API_KEY", "OPENAI_ADMIN_KEY"}),
    headers_variable="OPENAI_CUSTOM_HEADERS",
)

VENDORS: Final[dict[ApiName, Vendor]] = {
    "anthropic": _ANTHROPIC,
    "openai-responses": _OPENAI,
    "openai-chat": _OPENAI,
    "openai-embeddings": _OPENAI,
}
