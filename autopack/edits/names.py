"""The shape a path must have to be the same file on every machine, and the key by which two names are one."""

import re
import unicodedata
from typing import Final

from autopack.core.refusal import RefusalCode
from autopack.edits.model import EditRefused

COMPONENT_BYTES_MAX: Final = 255
PATH_BYTES_MAX: Final = 1024
DEPTH_MAX: Final = 40
SHOWN_MAX: Final = 120

_PLAIN: Final = re.compile(r"[A-Za-z0-9_\-+@=,()\[\]{}!#&';^. ~$/]*\Z")
_NOT_PORTABLE: Final = frozenset('\\:*?"<>|')
_HEAD: Final = re.compile(r"~|\$[A-Za-z_{(]")
_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9]|lpt[0-9])\Z")
_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and symbols that look like a space
_NONCHARACTERS: Final = frozenset(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_SLASH_LOOKALIKES: Final = frozenset("\u2044\u2215\u29f8\u2216\u29f5")
_IGNORABLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
ROUNDS_MAX: Final = 8  # what is wrapped up more often than this hides something
_FORM: Final = re.compile(r"%u(?P<wide>[0-9a-f]{4})|(?P<bytes>(?:%[0-9a-f]{2})+)", re.IGNORECASE)
_OVERLONG: Final = re.compile(rb"[\xc0\xc1]|\xe0[\x80-\x9f]|\xf0[\x80-\x8f]|\xf8[\x80-\x87]|\xfc[\x80-\x83]")
_SEPARATORS: Final = frozenset("./\\\0")
_LOOKALIKES: Final = frozenset("\u2044\u2215\u29f8\u2216\u29f5")


def judge_shape(path: str) -> None:
    """Refuses a path that is not relative, plain and portable.

    Raises:
        EditRefused: code ``path``; the message names what is wrong with it.
    """
    reason = _why_misshapen(path)
    if reason:
        raise EditRefused(
            RefusalCode.PATH, f"The path {shown(path)} {reason}; write it relative to the repository's root, as `src/name.py`.", None
        )


def name_key(name: str) -> str:
    """The form under which two names are one file somewhere: NFKC, case-folded, without ignorable code points, dotless i as i."""
    if name.isascii():
        return name.lower()
    name = _IGNORABLE.sub("", unicodedata.normalize("NFKC", name)).casefold()
    name = name.replace("\u0131", "i").replace("\u0307", "")
    return unicodedata.normalize("NFKC", name).casefold()


def shown(path: str) -> str:
    """A path as a message can show it: escaped, and not longer than a line."""
    text = ascii(path)
    return text if len(text) <= SHOWN_MAX else text[: SHOWN_MAX - 23] + "..." + text[-20:]


def _why_misshapen(path: str) -> str | None:
    if not path or path.startswith("/"):
        return "is absolute" if path else "is empty"
    if _HEAD.match(path):
        return "begins like a home directory or a variable"
    if len(path) > PATH_BYTES_MAX or len(path.encode("utf-8", "surrogatepass")) > PATH_BYTES_MAX:
        return f"is longer than {PATH_BYTES_MAX} bytes"
    if hides_a_separator(path):
        return "holds a percent-encoded dot, slash or NUL"
    return _why_odd_characters(path) or _why_bad_components(path)


def _why_odd_characters(path: str) -> str | None:
    if _PLAIN.match(path):
        return None
    for character in path:
        if character in _NOT_PORTABLE:
            return f"holds {character!r}, which not every system allows in a name"
        if _is_invisible(character):
            return f"holds the invisible or control character U+{ord(character):04X}"
        if character in _SLASH_LOOKALIKES or (not character.isascii() and set(unicodedata.normalize("NFKC", character)) & set("./\\")):
            return f"holds U+{ord(character):04X}, a look-alike of a dot or slash"
    return None if unicodedata.is_normalized("NFC", path) else "is not in the composed Unicode form (NFC)"


def _is_invisible(character: str) -> bool:
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Cs", "Zl", "Zp") or character in _BLANK_LETTERS:
        return True
    return (category == "Zs" and character != " ") or (category == "Cn" and character in _NONCHARACTERS)


def _why_bad_components(path: str) -> str | None:
    components = path.split("/")
    if len(components) > DEPTH_MAX:
        return f"is more than {DEPTH_MAX} directories deep"
    return next((reason for component in components if (reason := _why_bad_component(component))), None)


def _why_bad_component(component: str) -> str | None:
    if component in ("", ".", ".."):
        return "holds an empty component" if not component else f"holds the component {component!r}"
    if component[0] == " " or component[-1] in " .":
        return f"has a component with a space at its start or a space or dot at its end ({shown(component)})"
    if len(component.encode("utf-8", "surrogatepass")) > COMPONENT_BYTES_MAX:
        return f"has a component longer than {COMPONENT_BYTES_MAX} bytes"
    stem = name_key(component.partition(".")[0]).rstrip(" ")
    return f"has a component that is a device on Windows ({shown(component)})" if _DEVICE.match(stem) else None


def hides_a_separator(path: str) -> bool:
    for _ in range(ROUNDS_MAX):
        if "%" not in path:
            return False
        parts = [_decoded(match) for match in _FORM.finditer(path)]
        if not parts:
            return False
        if any(part is None or _is_separator(part) for part in parts):
            return True
        path = _FORM.sub(lambda match: _decoded(match) or "", path)
    return True


def _decoded(match: re.Match[str]) -> str | None:
    """What a form stands for; ``None`` where its bytes spell an ASCII character with more of them than it needs."""
    if match["wide"]:
        return chr(int(match["wide"], 16))
    data = bytes.fromhex(match["bytes"].replace("%", ""))
    return None if _OVERLONG.search(data) else data.decode("utf-8", "replace")


def _is_separator(text: str) -> bool:
    return not _SEPARATORS.isdisjoint(unicodedata.normalize("NFKC", text)) or not _LOOKALIKES.isdisjoint(text)
