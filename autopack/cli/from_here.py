"""Writes the command to type next as it works in the user's shell: adds ``--repo`` for another folder."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_HERE: Final = Path()


def in_words(commands: tuple[str, ...], repo: Path) -> tuple[str, ...]:
    return tuple(from_here(command, repo) for command in commands)


def from_here(command: str, repo: Path) -> str:
    """``repo`` is what ``--repo`` said; the folder that the shell stands in needs no word."""
    words, folder = command.split(" "), shlex.quote(str(repo))
    if repo == _HERE:
        return command
    if words[0] == "git":
        return " ".join(["git", "-C", folder, *words[1:]])
    takes_a_folder = "autopack" in words[:2] and words[:2] != ["autopack", "demo"] and "--repo" not in words
    return f"{command} --repo {folder}" if takes_a_folder else command


def repo_of(words: Sequence[str]) -> Path:
    """The value of ``--repo`` among a command's words."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == "--repo" and following:
            return Path(following)
        if word.startswith("--repo="):
            return Path(word.removeprefix("--repo="))
    return _HERE
