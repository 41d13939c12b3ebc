"""Finds what a commit opens towards the machine that it runs on, whether the builder, a tool or a person wrote it."""

from collections.abc import Iterable, Mapping

from autopack.core.text import Decoded
from autopack.edits.content.compose import is_compose
from autopack.edits.content.compose_risks import compose_risks
from autopack.worktree.base_tree import BaseTree


def machine_risks(before: BaseTree, after: BaseTree, paths: Iterable[str]) -> tuple[str, ...]:
    """The risks as sentences; ``paths`` are the files that the commit changes."""
    looked_at = tuple(path for path in paths if is_compose(path))
    if not looked_at:
        return ()
    old, new = before.texts(looked_at), after.texts(looked_at)
    return tuple(risk for path in looked_at for risk in compose_risks(path, _text(old, path), _text(new, path)))


def _text(files: Mapping[str, Decoded], path: str) -> str | None:
    return files[path].text if path in files else None
