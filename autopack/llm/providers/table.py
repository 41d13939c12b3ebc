"""The providers' APIs, one line each."""

from typing import Final

from autopack.llm.providers.anthropic import MESSAGES
from autopack.llm.providers.openai_chat import CHAT
from autopack.llm.providers.openai_responses import RESPONSES
from autopack.llm.wire import Api, ApiName

APIS: Final[dict[ApiName, Api]] = {
    "anthropic": MESSAGES,
    "openai-responses": RESPONSES,
    "openai-chat": CHAT,
}

STANDS_IN: Final[dict[ApiName, ApiName]] = {"openai-responses": "openai-chat"}
"""What a server that is not the vendor's own may speak where it does not know the API asked for."""

VENDOR_URLS: Final = {"anthropic": "https://api.anthropic.com", "openai": "https://api.openai.com/v1"}
VENDOR_DOMAINS: Final = {"anthropic": "anthropic.com", "openai": "openai.com"}
