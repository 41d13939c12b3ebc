"""The providers' APIs, a row each. What other rooms must know of them stands in ``core/providers.py``."""

from typing import Final

from autopack.core.providers import ApiName
from autopack.llm.providers.anthropic import MESSAGES
from autopack.llm.providers.api import Api
from autopack.llm.providers.openai_chat import CHAT
from autopack.llm.providers.openai_embeddings import EMBEDDINGS
from autopack.llm.providers.openai_responses import RESPONSES

APIS: Final[dict[ApiName, Api]] = {
    "anthropic": MESSAGES,
    "openai-responses": RESPONSES,
    "openai-chat": CHAT,
    "openai-embeddings": EMBEDDINGS,
}
