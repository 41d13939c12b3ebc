"""OpenAI's embeddings API: each block of the prompt is a text, and the reply's text holds a vector for each, a line of base64."""

import base64
import binascii
import struct
from typing import Final

from autopack.core.call import StopReason, Usage
from autopack.llm.providers.api import Api
from autopack.llm.providers.json_values import count, name, object_or_empty, objects
from autopack.llm.providers.openai import OPENAI
from autopack.llm.wire import Json, Received, WireRequest

_FLOAT_BYTES: Final = 4


def body(request: WireRequest) -> Json:
    return {"model": request.model, "input": [block.text for block in request.prompt.blocks], "encoding_format": "base64"}


class WholeMessage:
    """This API does not stream."""

    characters = 0
    is_complete = False
    final: Json | None = None

    def feed(self, event: Json) -> None:
        raise ValueError(f"an event in an answer that is no stream: {event}")


def read(message: Json) -> Received:
    """Raises ValueError or LookupError for a message of another shape."""
    items = sorted(objects(message["data"]), key=lambda item: count(item.get("index")))
    usage = Usage(input_tokens=count(object_or_empty(message.get("usage")).get("prompt_tokens")))
    return Received(
        text="\n".join(_encoded(item["embedding"]) for item in items),
        stop=StopReason.END,
        usage=usage if usage.total else None,
        model=name(message.get("model")),
        calls=(),
        final={**message, "data": f"{len(items)} vectors"},
    )


def _encoded(vector: object) -> str:
    """In base64 as it was asked for; a server that only knows numbers sends these."""
    if isinstance(vector, list):
        return base64.b64encode(struct.pack(f"<{len(vector)}f", *map(float, vector))).decode()
    text = str(vector)
    try:
        size = len(base64.b64decode(text, validate=True))
    except binascii.Error as error:
        raise ValueError("a vector that is not base64") from error
    if not size or size % _FLOAT_BYTES:
        raise ValueError("a vector that holds no whole numbers")
    return text


EMBEDDINGS: Final = Api(sdk=OPENAI, path="/embeddings", body=body, collector=WholeMessage, read=read)
