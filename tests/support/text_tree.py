"""A tree of texts in memory, as the context reads one."""

import hashlib
from dataclasses import dataclass

from autopack.core.plan import Checks, CheckStep, PhaseScope, PhaseSpec


@dataclass(frozen=True)
class TextEntry:
    mode: str
    size: int
    oid: str = ""


@dataclass(frozen=True)
class Text:
    text: str


class TextTree:
    """``files`` maps paths to texts; bytes stand for what is no text. ``read`` lists the paths whose texts were asked for."""

    def __init__(self, files: dict[str, str | bytes], modes: dict[str, str] | None = None) -> None:
        self._files = files
        self.read: list[str] = []
        self.entries = {
            path: TextEntry((modes or {}).get(path, "100644"), len(data), hashlib.sha256(data).hexdigest())
            for path, data in ((path, text if isinstance(text, bytes) else text.encode()) for path, text in files.items())
        }

    def texts(self, paths: tuple[str, ...]) -> dict[str, Text]:
        self.read.extend(paths)
        return {path: Text(text) for path in paths if isinstance(text := self._files[path], str)}


def numbered_lines(count: int, word: str = "line") -> str:
    return "".join(f"{word} {number}\n" for number in range(1, count + 1))


def phase_of(*paths: str, **changes: object) -> PhaseSpec:
    """A phase over the paths; ``read_only`` and ``may_add`` are those of its scope, the rest its own fields."""
    scope = PhaseScope(paths=paths, read_only_context=changes.pop("read_only", ()), may_add=changes.pop("may_add", ()))
    fields = {"id": "a-phase", "description": "Do it.", "scope": scope, "ci": Checks(steps=(CheckStep(command="pytest -q"),)), **changes}
    return PhaseSpec.model_validate(fields)
