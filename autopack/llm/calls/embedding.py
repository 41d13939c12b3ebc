"""Texts as the prompt of an embedding model, and the vectors in its reply."""

import base64
import math
import struct
from collections.abc import Sequence

from autopack.core.call import Prompt, PromptBlock, Reply
from autopack.core.errors import ProviderBlockedError

_NOTHING = " "
"""Stands for an empty text, which the API refuses."""


def embedding_prompt(texts: Sequence[str]) -> Prompt:
    return Prompt(system="", blocks=tuple(PromptBlock(text=text or _NOTHING) for text in texts), reply_name="embeddings", reply_schema={})


def vectors_in(reply: Reply, count: int) -> list[tuple[float, ...]]:
    """Raises ProviderBlockedError where the reply does not hold ``count`` vectors of one length."""
    encoded = [base64.b64decode(line) for line in reply.text.splitlines()] if not reply.is_cut else []
    vectors = [struct.unpack(f"<{len(one) // 4}f", one) for one in encoded]
    is_sound = len(vectors) == count and len({len(one) for one in vectors}) == 1 and all(math.isfinite(sum(one)) for one in vectors)
    if not is_sound:
        what = "the texts were too long" if reply.is_cut else f"it gave {len(vectors)} vectors for {count} texts, or no numbers"
        raise ProviderBlockedError(f"{reply.provider}/{reply.requested_model} made no embeddings: {what}.")
    return vectors
