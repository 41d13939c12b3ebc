"""Text of others made visible: characters that end lines unseen, drive terminals or turn the reading direction are spelled out. Pure."""

import json
import re
from typing import Final

ODD: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls but tab and newline; U+0085 ends a line
    "\u061c\u2028\u2029\u202a-\u202e\u2066-\u2069"  # line ends that look like none, turned reading direction
    "\ufff9-\ufffb\U000e0000-\U000e007f]"  # text between the lines, letters that nobody sees
)
STAND_IN: Final = re.compile(r"⟦U\+[0-9A-F]{4,5}⟧")

_SEQUENCES: Final = re.compile(
    r"\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)"  # titles, links, clipboards: up to their end on the same line
    r"|[\x9d\x90\x98\x9e\x9f][^\x07\n\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x9c)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, cursor movement
    r"|\x1b[ -/]*[0-~]?"
)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
UNSEEN: Final = re.compile(rf"[\u200e\u200f\ud800-\udfff]|{ODD.pattern}")
_ENDS: Final = re.compile(r"\r\n?")

_UNSAFE: Final = re.compile(f"{ODD.pattern}|[\ud800-\udfff]")
_PLAIN: Final = re.compile(r"""[^\s"'`,;⟦⟧\\]+""")
_PAIR: Final = 0xFFFF


def spelled(text: str) -> str:
    """The same lines with ``⟦U+001B⟧`` for each odd character; tabs and newlines stay."""
    return ODD.sub(lambda found: f"⟦U+{ord(found[0]):04X}⟧", text)


def printable(text: str) -> str:
    """Line ends become newlines, escape sequences and controls vanish, characters that nobody sees are spelled out."""
    text = _ENDS.sub("\n", _SEQUENCES.sub("", text))
    return UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", _CONTROLS.sub("", text))


def one_name(name: str) -> str:
    """A name on one line: as it is where it is plain, else quoted as JSON quotes, with every odd character escaped."""
    return name if _PLAIN.fullmatch(name) and not _UNSAFE.search(name) else quoted(name)


def quoted(text: str) -> str:
    r"""``"a\nb"``: a JSON string without one raw control."""
    return escaped(json.dumps(text, ensure_ascii=False))


def escaped(json_text: str) -> str:
    r"""JSON with ``\uXXXX`` for the odd characters that JSON lets stand raw: one line, however lines are counted."""
    return _UNSAFE.sub(_escape, json_text)


def hanging(text: str) -> str:
    """Text of several lines below a label: every line but the first is indented, so that none begins where labels do."""
    first, *more = text.strip().splitlines() or [""]
    return spelled("\n".join([first, *(f"  {line}" if line.strip() else "" for line in more)]))


def _escape(found: re.Match[str]) -> str:
    number = ord(found[0])
    if number <= _PAIR:
        return f"\\u{number:04x}"
    high, low = divmod(number - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
