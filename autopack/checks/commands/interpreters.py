"""The Python environments that a plan's commands would use, so that they can be asked what is installed in them."""

import os
from collections.abc import Mapping
from pathlib import Path


def python_environments(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Virtual environments that ``VIRTUAL_ENV`` or ``PATH`` leads to, in that order.

    An activated one is often the checkout's own, with the project installed in it as editable: its tests would run the checkout's
    code, whatever the candidate says.
    """
    folders = [Path(entry).parent for entry in environment.get("PATH", "").split(os.pathsep) if entry]
    named = environment.get("VIRTUAL_ENV")
    candidates = [Path(named), *folders] if named else folders
    return tuple(dict.fromkeys(folder for folder in candidates if folder.is_absolute() and (folder / "pyvenv.cfg").is_file()))
