"""The data files that come with Autopack: shipped configuration, prompts, templates."""

from pathlib import Path
from typing import Literal


def assets(name: Literal["config", "prompts", "templates"]) -> Path:
    """The folder of that name: inside the package where it was installed, beside it in a source tree."""
    from importlib.resources import files

    package = Path(str(files("autopack")))
    packed = package / "_assets" / name
    return packed if packed.is_dir() else package.parent / name
