"""A request as the journal keeps it: all that goes over the wire but the key, so that it can be sent again as it was."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Final

from autopack.core.call import Asking, Prompt, PromptBlock
from autopack.core.model import Frozen
from autopack.core.providers import ApiName
from autopack.core.redaction import Redactor
from autopack.core.settings import ProviderSettings
from autopack.llm.providers.connection import Connection
from autopack.llm.wire import Structured

_UNSAFE_IN_A_HEADER: Final = re.compile(r"[^A-Za-z0-9._/-]")
_LONGEST_HEADER: Final = 128


class StoredRequest(Frozen):
    """``headers`` are the attribution headers; a key is never stored. ``form`` is the version of these fields."""

    form: int = 1
    provider: str
    model: str
    api: ApiName
    structured: Structured
    max_output: int
    headers: dict[str, str]
    prompt: Prompt


def redacted(prompt: Prompt, redactor: Redactor) -> Prompt:
    """The prompt as it may leave the process."""
    blocks = tuple(PromptBlock(text=redactor.redact(well_formed(block.text)), is_stable=block.is_stable) for block in prompt.blocks)
    return Prompt(
        system=redactor.redact(well_formed(prompt.system)), blocks=blocks, reply_name=prompt.reply_name, reply_schema=prompt.reply_schema
    )


def prompt_sha256(prompt: Prompt) -> str:
    """The hash of what is asked; it is the same for every model."""
    text = json.dumps(prompt.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def schema_text(prompt: Prompt) -> str:
    return json.dumps(prompt.reply_schema, ensure_ascii=False, separators=(",", ":"))


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
