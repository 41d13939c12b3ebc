"""Reads the ``.env`` of a repository: ``NAME=value`` lines, quotes, comments; nothing is expanded or run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from autopack.settings.document import read_bytes
from autopack.settings.problem import UnreadableDocumentError

_LINE: Final = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)", re.DOTALL)
_QUOTED: Final = re.compile(r"""(?:"((?:[^"\\]|\\.)*)"|'([^']*)')\s*(?:#.*)?""")
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True)
class EnvFile:
    """``notes`` says why the file could not be read, where it could not."""

    values: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_env_file(repo: Path) -> EnvFile:
    path = repo / ".env"
    if not path.exists():
        return EnvFile()
    try:
        text = read_bytes(path, ".env").decode("utf-8-sig", errors="replace")
    except UnreadableDocumentError as error:
        return EnvFile(notes=tuple(str(problem) for problem in error.problems))
    values: dict[str, str] = {}
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match:
            values[match[1]] = _value(match[2])
    return EnvFile(values)


def _value(text: str) -> str:
    quoted = _QUOTED.fullmatch(text)
    if quoted is None:
        return re.split(r"\s#", text, maxsplit=1)[0].strip()
    if quoted[1] is None:
        return quoted[2]
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), quoted[1])
