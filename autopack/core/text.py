"""Bytes to text and back, losing nothing: UTF-8 (a byte-order mark stays in the text), else Latin-1, else binary."""

import re
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["utf-8", "latin-1"]

ODD_CONTROLS_PER_BYTE_MAX = 0.005  # Latin-1 decodes anything; text has next to no control characters
_ODD_CONTROLS = bytes(code for code in (*range(32), 127) if code not in b"\t\n\r\f\b\x1b")

_HALF = re.compile("[\ud800-\udfff]")


class EncodingError(ValueError):
    """A character that the file's encoding cannot hold. The message is a sentence: where, which character, what to do."""


@dataclass(frozen=True)
class Decoded:
    text: str
    encoding: Encoding


def decode(data: bytes) -> Decoded | None:
    """Decodes the bytes of a text file; ``None`` where they are not text (a NUL, or too many control characters)."""
    if b"\0" in data:
        return None
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    odd = len(data) - len(data.translate(None, _ODD_CONTROLS))
    return None if odd > len(data) * ODD_CONTROLS_PER_BYTE_MAX else Decoded(data.decode("latin-1"), "latin-1")


def encode(text: str, encoding: Encoding) -> bytes:
    """Encodes text as its file was encoded.

    Raises:
        EncodingError: the encoding cannot hold a character of the text.
    """
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        character = text[error.start]
        line = text.count("\n", 0, error.start) + 1
        shown = f"the half character U+{ord(character):04X}" if _HALF.match(character) else f"{character!r} (U+{ord(character):04X})"
        advice = "write an ASCII form of it, or an escape" if encoding == "latin-1" else "write the whole character"
        raise EncodingError(
            f"Line {line} holds {shown}, which {_NAMES[encoding]}, the encoding of this file, cannot hold; {advice}."
        ) from error


def unix_text(text: str) -> str:
    """Without a byte-order mark, its lines ended by LF where they ended by CRLF."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def line_end(text: str) -> str:
    r"""The line end that most lines of the text have: ``\r\n`` or ``\n`` (also where there is none)."""
    crlf = text.count("\r\n")
    return "\r\n" if crlf > text.count("\n") - crlf else "\n"


def count_lines(text: str) -> int:
    r"""How many lines the text has, split at ``\n`` only; a last line without an end counts."""
    return text.count("\n") + (1 if text and not text.endswith("\n") else 0)


_NAMES = {"utf-8": "UTF-8", "latin-1": "Latin-1"}
