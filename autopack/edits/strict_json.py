"""JSON exactly as written: one object, no duplicate keys, no NaN, nothing repaired."""

import json
import re
from collections import Counter
from typing import Any, Final, NoReturn

from autopack.core.refusal import RefusalCode
from autopack.edits.model import EditRefused

REPLY_BYTES_MAX: Final = 8 * 1024 * 1024
_FENCE: Final = re.compile(r"^[ \t]*```json[ \t]*\r?\n(.*?)^[ \t]*```[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_FENCE_OPENING: Final = re.compile(r"^[ \t]*```json[ \t]*\r?$", re.MULTILINE)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_TAG: Final = "(?:think|thinking|thought|reasoning|seed:think)"
_OPENING: Final = re.compile(rf"\s*(?:<{_TAG}>|\[THINK\]|◁think▷|<\|channel\|>analysis<\|message\|>)")
_CLOSING: Final = re.compile(rf"</{_TAG}>|\[/THINK\]|◁/think▷|<\|channel\|>final<\|message\|>")


def read_object(reply: str | bytes) -> dict[str, Any]:
    """Reads the one object of a reply: bare, or in its only ```json fence, with prose allowed round the fence; thoughts are passed over.

    Raises:
        EditRefused: code ``too_large``, ``encoding``, ``not_json``, ``cut`` where the text ends inside the object.
    """
    body = _body(without_thoughts(_decoded(reply)))
    try:
        value = json.loads(body, object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise _refusal(body, error) from error
    except RecursionError as error:
        raise EditRefused(RefusalCode.NOT_JSON, "The reply nests too deep; give one JSON object as it was asked for.") from error
    except ValueError as error:
        raise EditRefused(
            RefusalCode.NOT_JSON, "The reply holds a number that is too long; give line numbers as plain integers."
        ) from error
    if not isinstance(value, dict):
        raise EditRefused(RefusalCode.NOT_JSON, "The reply is JSON but not an object; give one object with `files`.")
    return value


def judge_text(text: str, what: str, path: str | None = None) -> None:
    """Refuses text with half characters, which no file can hold."""
    if not text.isascii() and _SURROGATE.search(text):
        raise EditRefused(RefusalCode.ENCODING, f"The {what} holds half of a surrogate pair; write whole characters.", path)


def _decoded(reply: str | bytes) -> str:
    size = len(reply) if isinstance(reply, bytes) or reply.isascii() else len(reply.encode("utf-8", "surrogatepass"))
    if size > REPLY_BYTES_MAX:
        raise EditRefused(
            RefusalCode.TOO_LARGE, f"The reply is {size:,} bytes; at most {REPLY_BYTES_MAX:,} are taken. Change less at once."
        )
    if isinstance(reply, str):
        judge_text(reply, "reply")
        return reply
    try:
        return reply.decode("utf-8")
    except UnicodeDecodeError as error:
        raise EditRefused(RefusalCode.ENCODING, f"The reply is not UTF-8 (byte {error.start}); write UTF-8.") from error


def _body(text: str) -> str:
    if text.lstrip().startswith(("{", "[")):
        return text
    if len(_FENCE_OPENING.findall(text)) > 1:
        raise EditRefused(RefusalCode.NOT_JSON, "The reply holds more than one ```json fence; give one JSON object in all.")
    fence = _FENCE.search(text)
    if fence is not None:
        return fence[1]
    if _FENCE_OPENING.search(text):
        raise EditRefused(
            RefusalCode.CUT, "The reply ends inside its ```json fence, so it was cut short; give it again, smaller if need be."
        )
    raise EditRefused(RefusalCode.NOT_JSON, "The reply holds no JSON object; give one, bare or in a single ```json fence.")


def _refusal(body: str, error: json.JSONDecodeError) -> EditRefused:
    where = f"line {error.lineno}, column {error.colno}"
    if error.msg.startswith("Extra data"):
        return EditRefused(RefusalCode.NOT_JSON, f"There is text after the JSON object ({where}); give the object alone.")
    if error.pos >= len(body.rstrip()) or error.msg.startswith("Unterminated string"):
        return EditRefused(
            RefusalCode.CUT, f"The JSON of the reply does not end ({where}), so it was cut short; give it again, smaller if need be."
        )
    return EditRefused(RefusalCode.NOT_JSON, f"The reply is not JSON: {error.msg} at {where}. Give one JSON object, strings escaped.")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        double = next(key for key, count in counts.items() if count > 1)
        raise EditRefused(RefusalCode.NOT_JSON, f"The key {double[:80]!r} is given twice in one JSON object; give each key once.")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise EditRefused(RefusalCode.NOT_JSON, f"{name} is not JSON; write a number or null.")


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
    return rest if closing is None or "```json" in rest[: closing.start()] else rest[closing.end() :]
