"""Fields of a reply's JSON, each of the type that its place asks for."""

from collections.abc import Mapping
from typing import Any, Final

from autopack.core.refusal import RefusalCode
from autopack.edits.model import EditRefused
from autopack.edits.strict_json import judge_text

FILE_BYTES_MAX: Final = 2 * 1024 * 1024
LINE_MAX: Final = 2**31

Json = Mapping[str, Any]


def sized(value: str, path: str) -> str:
    if len(value) > FILE_BYTES_MAX or len(value.encode()) > FILE_BYTES_MAX:
        raise EditRefused(
            RefusalCode.TOO_LARGE, f"The text is larger than {FILE_BYTES_MAX:,} bytes, the most that is taken for one file.", path
        )
    return value


def mapping(value: object, where: str, path: str | None = None) -> Json:
    if not isinstance(value, dict):
        raise EditRefused(RefusalCode.SHAPE, f"{capital(where)} is not a JSON object.", path)
    return value


def text(data: Json, key: str, where: str, path: str | None = None) -> str | None:
    value = data.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise EditRefused(RefusalCode.SHAPE, f"The `{key}` of {where} is not a string.", path)
    judge_text(value, f"`{key}` of {where}", path)
    return value


def line(data: Json, key: str, where: str, path: str) -> int | None:
    value = data.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise EditRefused(RefusalCode.SHAPE, f"The `{key}` of {where} is not a whole number.", path)
    if not 1 <= value < LINE_MAX:
        raise EditRefused(
            RefusalCode.RANGE, f"The `{key}` of {where} is {value if abs(value) < LINE_MAX else 'out of range'}; lines count from 1.", path
        )
    return value


def judge_keys(data: Json, known: frozenset[str], where: str, path: str | None = None) -> None:
    unknown = sorted(set(data) - known)
    if unknown:
        raise EditRefused(
            RefusalCode.SHAPE, f"{capital(where)} has the unknown key {unknown[0][:80]!r}; known are {', '.join(sorted(known))}.", path
        )


def judge_only(data: Json, wanted: set[str], path: str) -> None:
    """Refuses what belongs to another action; null and empty count as absent, as strict output schemas fill every key."""
    other = sorted(key for key, value in data.items() if value not in (None, "", []) and key not in {"path", "action", *wanted})
    if other:
        raise EditRefused(
            RefusalCode.SHAPE, f"The action `{data['action']}` takes no `{other[0]}`; give the file the action that fits.", path
        )


def capital(text: str) -> str:
    return text[0].upper() + text[1:]
