"""A request as the journal keeps it: all that determines what goes over the wire, to be sent again without being rendered again."""

import hashlib
import json

from autopack.core.call import Prompt, PromptBlock
from autopack.core.model import Frozen
from autopack.core.redaction import Redactor
from autopack.llm.well_formed import well_formed
from autopack.llm.wire import ApiName, Structured


class SentRequest(Frozen):
    """``headers`` are the attribution headers; keys are no part of it."""

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
    """Of what is asked, whichever model it is asked of."""
    text = json.dumps(prompt.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def schema_text(prompt: Prompt) -> str:
    return json.dumps(prompt.reply_schema, ensure_ascii=False, separators=(",", ":"))
