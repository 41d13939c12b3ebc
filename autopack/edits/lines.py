r"""A text as lines, split at ``\n`` only and put together again byte for byte."""

from collections.abc import Sequence
from dataclasses import dataclass

BOM = "\ufeff"
CR = "\r"


@dataclass(frozen=True, slots=True)
class Lines:
    r"""The lines of a text without their ``\n``; a ``\r`` before it stays part of the line."""

    bodies: Sequence[str]
    has_final_newline: bool
    has_bom: bool = False


def split(text: str) -> Lines:
    body = text.removeprefix(BOM)
    bodies = body.split("\n")
    last = bodies.pop()
    if last:
        bodies.append(last)
    return Lines(bodies, has_final_newline=not last and bool(bodies), has_bom=len(body) < len(text))


def join(lines: Lines) -> str:
    text = "\n".join(lines.bodies)
    return (BOM if lines.has_bom else "") + (text + "\n" if lines.has_final_newline and lines.bodies else text)


def content_lines(content: str) -> list[str]:
    r"""The lines of a piece of text that replaces whole lines; one final ``\n`` ends the last line, it does not begin another."""
    return content.removesuffix("\n").split("\n") if content else []


def is_blank(line: str) -> bool:
    return not line or line.isspace()


def indent_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]
