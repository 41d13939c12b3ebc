"""A request as the journal keeps it: all that goes over the wire but the key, so that it can be sent again as it was."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Final

from autopack.core.call import Asking, Prompt, PromptBlock, ToolCall, Turn
from autopack.core.model import Frozen
from autopack.core.models_settings import ProviderSettings
from autopack.core.providers import ApiName
from autopack.core.redaction import Redactor
from autopack.llm.providers.connection import Connection
from autopack.llm.wire import Structured

_UNSAFE_IN_A_HEADER: Final = re.compile(r"[^A-Za-z0-9._/-]")
_LONGEST_HEADER: Final = 128
_SINCE_TOOLS: Final = frozenset({"tools", "turns", "must_answer"})


class StoredRequest(Frozen):
    """``headers`` are the attribution headers; a key is never stored. ``form`` is the version of these fields.

    ``has_tools``: the prompt's tools are offered; else what was found with them stands in the prompt as text.
    """

    form: int = 1
    provider: str
    model: str
    api: ApiName
    structured: Structured
    max_output: int
    has_tools: bool = True
    headers: dict[str, str]
    prompt: Prompt


def redacted(prompt: Prompt, redactor: Redactor) -> Prompt:
    """The prompt as it may leave the process."""

    def clean(text: str) -> str:
        return redactor.redact(well_formed(text))

    def clean_turn(turn: Turn) -> Turn:
        calls = tuple(ToolCall(name=clean(call.name), arguments=clean(call.arguments)) for call in turn.calls)
        return Turn(said=clean(turn.said), calls=calls, results=tuple(map(clean, turn.results)), told=clean(turn.told))

    blocks = tuple(PromptBlock(text=clean(block.text), is_stable=block.is_stable) for block in prompt.blocks)
    return prompt.model_copy(update={"system": clean(prompt.system), "blocks": blocks, "turns": tuple(map(clean_turn, prompt.turns))})


def prompt_sha256(prompt: Prompt) -> str:
    """The hash of what is asked; it is the same for every model. What a prompt has not is left out: before there were tools none had."""
    asked = prompt.model_dump(mode="json")
    asked = {name: value for name, value in asked.items() if value or name not in _SINCE_TOOLS}
    text = json.dumps(asked, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def schema_text(prompt: Prompt) -> str:
    """Of the reply, and of the arguments of each tool."""
    schemas = [prompt.reply_schema, *(tool.parameters for tool in prompt.tools)]
    return "".join(json.dumps(schema, ensure_ascii=False, separators=(",", ":")) for schema in schemas)


def well_formed(text: str) -> str:
    """The text with surrogate pairs joined and lone surrogates replaced: JSON can carry those, UTF-8 and SQLite cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def attribution(asking: Asking, provider: ProviderSettings, connection: Connection) -> Mapping[str, str]:
    """Headers that tell a gateway which run, phase, role and attempt a request belongs to.

    They go to any base URL but the vendor's own, unless the provider's ``attribution_headers`` says otherwise.
    """
    is_wanted = provider.attribution_headers if provider.attribution_headers is not None else not connection.is_vendor
    if not is_wanted:
        return {}
    return {
        "X-Autopack-Run": _header_value(asking.run),
        "X-Autopack-Phase": _header_value(asking.phase),
        "X-Autopack-Role": asking.role.value,
        "X-Autopack-Attempt": str(asking.attempt),
    }


def _header_value(text: str) -> str:
    return _UNSAFE_IN_A_HEADER.sub("_", text)[:_LONGEST_HEADER]
