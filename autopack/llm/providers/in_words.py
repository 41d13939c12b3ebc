"""What a model is told about the reply's shape where the server enforces none."""

import json

from autopack.core.call import Prompt


def asked_in_words(prompt: Prompt) -> str:
    schema = json.dumps(prompt.reply_schema, ensure_ascii=False, separators=(",", ":"))
    return f"Answer with one JSON object and nothing before or after it. It must meet this JSON Schema:\n{schema}"
