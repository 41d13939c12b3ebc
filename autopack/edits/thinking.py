"""Some models think aloud before they answer: what is marked as a thought is not part of the reply."""

import re
from typing import Final

_TAG: Final = "(?:think|thinking|thought|reasoning|seed:think)"
_OPENING: Final = re.compile(rf"\s*(?:<{_TAG}>|\[THINK\]|◁think▷|<\|channel\|>analysis<\|message\|>)")
_CLOSING: Final = re.compile(rf"</{_TAG}>|\[/THINK\]|◁/think▷|<\|channel\|>final<\|message\|>")
_FENCE: Final = "```json"


def without_thoughts(text: str) -> str:
    """The text behind its thoughts, the whole text where there are none.

    The opening mark is often part of the prompt, so that a reply may hold the closing one alone.
    """
    start = 0
    while _OPENING.match(text, start):
        closing = _CLOSING.search(text, start)
        if closing is None:
            return text[start:]
        start = closing.end()
    rest = text[start:]
    if rest.lstrip().startswith("{"):
        return rest
    closing = _CLOSING.search(rest)
    return rest if closing is None or _FENCE in rest[: closing.start()] else rest[closing.end() :]
