"""What to type next, as it works in the shell that the user stands in: a command for another folder says so."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_HERE: Final = Path()
_FOLDERS: Final = {"autopack": "--repo", "git": "-C"}


def in_words(commands: tuple[str, ...], repo: Path) -> tuple[str, ...]:
    return tuple(from_here(command, repo) for command in commands)


def from_here(command: str, repo: Path) -> str:
    """``repo`` is what ``--repo`` said; the folder that the shell stands in needs no word."""
    program, _, rest = command.partition(" ")
    if repo == _HERE or program not in _FOLDERS:
        return command
    where = f"{_FOLDERS[program]} {shlex.quote(str(repo))}"
    return f"{program} {where} {rest}" if program == "git" else f"{program} {rest} {where}"


def repo_of(words: Sequence[str]) -> Path:
    """What ``--repo`` says in a command's words."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == "--repo" and following:
            return Path(following)
        if word.startswith("--repo="):
            return Path(word.removeprefix("--repo="))
    return _HERE
