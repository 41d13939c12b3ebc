"""What an embeddings API answers, and what is made of it."""

import base64
import struct

import pytest

from autopack.core.call import StopReason
from autopack.llm.providers.openai_embeddings import read

ONE, TWO = struct.pack("<2f", 0.5, 1.0), struct.pack("<2f", -1.0, 0.25)


def message(*vectors):
    data = [{"index": index, "embedding": vector} for index, vector in reversed(list(enumerate(vectors)))]
    return {"data": data, "model": "m", "usage": {"prompt_tokens": 7, "total_tokens": 7}}


def test_vectors_come_in_the_order_of_their_texts_in_base64_or_as_numbers():
    received = read(message(base64.b64encode(ONE).decode(), [-1, 0.25]))
    assert [base64.b64decode(line) for line in received.text.split("\n")] == [ONE, TWO]
    assert (received.stop, received.usage.input_tokens, received.usage.output_tokens) == (StopReason.END, 7, 0)
    assert received.final["data"] == "2 vectors"


@pytest.mark.parametrize("vector", ["no base64!", "", base64.b64encode(b"abc").decode(), ["x"], [None], [1e300], None])
def test_what_is_no_vector_is_no_reply(vector):
    with pytest.raises((ValueError, TypeError, ArithmeticError)):
        read(message(vector))
