"""The provider APIs as plain data, a row each, for rooms that know no SDK. How each is spoken: ``llm/providers/table.py``."""

from typing import Final, Literal, NamedTuple

ApiName = Literal["anthropic", "openai-responses", "openai-chat"]


class Vendor(NamedTuple):
    """Who serves an API, and what of the environment its SDK would read by itself.

    ``url`` is where it is reached, ``domain`` what all of its own hosts end in. ``key_variables`` hold secrets. ``headers_variable``
    holds headers for every request, a ``Name: value`` a line; what a gateway is shown often stands there.
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
}
