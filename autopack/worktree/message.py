"""Writes a commit's message: a subject as git wants it, the whole summary below it, trailers that no free text can forge."""

import re
import textwrap
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 72

_SEQUENCE: Final = re.compile(r"\x1b(?:\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\[[0-?]*[ -/]*[@-~]|[ -/]*[0-~]?)")
_LINE_END: Final = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
_READ_BY_GIT: Final = re.compile(r"^(?:[ \t]*(?=Autopack-)|(?=---|diff -|Index: |From ))", re.MULTILINE | re.IGNORECASE)
"""Lines that Autopack or ``git am`` would take for their own; a blank before them prevents that."""

_LEAD: Final = re.compile(r"[ \t]*(?:[-*+] |\d+[.)] )?")


@dataclass(frozen=True)
class CommitText:
    """``trailers`` as pairs, in the order in which they are to stand."""

    subject: str
    body: str = ""
    trailers: tuple[tuple[str, str], ...] = ()


def plain(text: str) -> str:
    """The text without escape sequences, control characters and marks that nobody sees; every kind of line end becomes a newline."""
    return _UNSEEN.sub("", _LINE_END.sub("\n", _SEQUENCE.sub("", text))).expandtabs(4)


def text_of(template: str, phase_id: str, summary: str, trailers: tuple[tuple[str, str], ...]) -> CommitText:
    """Cuts the subject at a word where it is too long for git's custom; then the body holds the whole text."""
    summary = plain(summary).strip()
    first, _, rest = summary.partition("\n")
    whole = _flat(template.replace("{phase}", phase_id).replace("{summary}", first))
    is_told = len(whole) <= WIDTH and "{summary}" in template
    return CommitText(_cut(whole), rest.strip("\n") if is_told else summary, trailers)


def message_of(text: CommitText) -> bytes:
    """The commit message. No line of the body can pass for one of Autopack's own trailers."""
    subject = _flat(plain(text.subject)) or "Change"
    body = _READ_BY_GIT.sub(" ", "\n".join(map(_wrapped, plain(text.body).strip().split("\n"))))
    trailers = "\n".join(f"{key}: {_flat(plain(value))}" for key, value in text.trailers)
    return ("\n\n".join(part for part in (subject, body, trailers) if part) + "\n").encode()


def _cut(subject: str) -> str:
    if len(subject) <= WIDTH:
        return subject
    head = subject[:WIDTH]  # one more than fits beside the mark: it may end a word
    words = head.rpartition(" ")[0]
    return (words if len(words) > WIDTH // 2 else head[:-1]).rstrip(" ,;:") + "…"


def _wrapped(line: str) -> str:
    line = line.rstrip()
    if len(line) <= WIDTH:
        return line
    found = _LEAD.match(line)
    lead = " " * (found.end() if found else 0)
    return "\n".join(textwrap.wrap(line, WIDTH, subsequent_indent=lead, break_long_words=False, break_on_hyphens=False))


def _flat(text: str) -> str:
    return " ".join(text.split())
