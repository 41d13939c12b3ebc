"""Cleans the output of tools for people and prompts: no terminal codes, nothing that differs from run to run."""

import re
from collections.abc import Mapping
from typing import Final

_ESCAPES: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours, cursor
    r"|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # titles, links, the clipboard
    r"|\x1b[ -/]*[0-~]"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

_NO_CHARACTERS: Final = re.compile("[\ud800-\udfff\ufffe\uffff]")

_UNSTABLE: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"(?<= in )\d+(?:\.\d+)?\s?(?:ms|s|seconds)\b(?: \(\d+:\d\d:\d\d\))?"), "…s"),
    (re.compile(r"(?<=[(\s])\d+(?:\.\d+)?\s?ms\b"), "…ms"),
    (re.compile(r"\b0x[0-9a-f]{6,16}\b"), "0x…"),
    (re.compile(r"/tmp/pytest-of-[^/\s]+/pytest-\d+/"), "/tmp/…/"),  # noqa: S108 - a pattern, not a place
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?Z?"), "…"),
    (re.compile(r"(?<=\bduration_ms[: ])\s?\d+(?:\.\d+)?"), " …"),
)


def plain(text: str) -> str:
    """The text without terminal codes and control characters; of an overwritten line (progress bars) only its last state."""
    text = _ESCAPES.sub("", text).replace("\r\n", "\n")
    if "\r" in text:
        text = "\n".join(_last_state(line) for line in text.split("\n"))
    return _CONTROLS.sub("", text)


def sound(text: str) -> str:
    """``plain`` for texts of a report: also joins halves of a character, and writes U+FFFD for what is no character."""
    if _NO_CHARACTERS.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        text = _NO_CHARACTERS.sub("\ufffd", text)
    return _CONTROLS.sub("", text) if not text.isprintable() else text


def local(text: str, places: Mapping[str, str]) -> str:
    """Paths of this machine as the project sees them: ``places`` gives folder -> the word that stands for it, '' for the root."""
    for folder, word in sorted(places.items(), key=lambda item: -len(item[0])):
        if folder not in text:
            continue
        prefix = f"{word}/" if word else ""
        text = text.replace(folder + "/", prefix)
        text = re.sub(re.escape(folder) + r"(?![\w.-])", (word or ".").replace("\\", r"\\"), text)
    return text


def stable(text: str) -> str:
    """The text without durations, addresses, times and temporary paths, so that the same failure reads the same twice."""
    for pattern, instead in _UNSTABLE:
        text = pattern.sub(instead, text)
    return text


def cut_middle(text: str, limit: int) -> str:
    """Head and tail of a text that is too long, cut at line ends where there are any."""
    if len(text) <= limit:
        return text
    head, tail = text[: limit // 4], text[len(text) - (limit - limit // 4 - 40) :]
    head = head[: head.rfind("\n") + 1] or head
    newline = tail.find("\n")
    tail = tail[newline + 1 :] if 0 <= newline < len(tail) // 2 else tail
    return f"{head}... {len(text) - len(head) - len(tail):,} characters left out ...\n{tail}"


def _last_state(line: str) -> str:
    return next((part for part in reversed(line.split("\r")) if part.strip()), "")
