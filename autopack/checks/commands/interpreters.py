"""Finds the Python environments that a plan's commands would use, to see what is installed in them."""

import os
from collections.abc import Mapping
from pathlib import Path


def python_environments(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Virtual environments that ``VIRTUAL_ENV`` or ``PATH`` leads to, in that order.

    An activated environment is often the checkout's own, with the project installed as editable. Tests would run the checkout's
    code there instead of the candidate's.
    """
    folders = [Path(entry).parent for entry in environment.get("PATH", "").split(os.pathsep) if entry]
    named = environment.get("VIRTUAL_ENV")
    candidates = [Path(named), *folders] if named else folders
    return tuple(dict.fromkeys(folder for folder in candidates if folder.is_absolute() and (folder / "pyvenv.cfg").is_file()))
