"""Fills the variables of a prompt: ``{{variable}}`` in ``prompts/NAME.md``, nothing cleverer."""

import re
from collections.abc import Mapping
from typing import Final

from autopack.settings.assets import assets

_VARIABLE: Final = re.compile(r"\{\{(\w+)\}\}")


class PromptDefect(Exception):  # noqa: N818 - a defect of Autopack, named by what it is
    """A prompt is missing, or was given other variables than it has."""


def render(name: str, variables: Mapping[str, str] | None = None) -> str:
    """The text of ``prompts/NAME.md`` with its variables filled in; a value that holds ``{{...}}`` stays as it is.

    Raises:
        PromptDefect: the text is missing, has a variable that is not given, or lacks one that is.
    """
    text = _text(name)
    given = variables or {}
    wanted = set(_VARIABLE.findall(text))
    if wanted != set(given):
        missing, unknown = sorted(wanted - set(given)), sorted(set(given) - wanted)
        raise PromptDefect(f"prompts/{name}.md has the variables {sorted(wanted)}: missing {missing}, unknown {unknown}.")
    return _VARIABLE.sub(lambda match: given[match[1]], text)


def _text(name: str) -> str:
    try:
        return (assets("prompts") / f"{name}.md").read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise PromptDefect(f"There is no prompt {name!r}; the installation of Autopack is not complete.") from error
