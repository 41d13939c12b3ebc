"""The starter plan and configuration: made from what was found in a project, written only where nothing is."""

import json
import os
import re
from pathlib import Path
from typing import Final

from autopack.core.errors import EnvironmentBlockedError
from autopack.planning.project_check import check_of, workspace_of
from autopack.planning.project_tests import ProjectTests
from autopack.planning.yaml_writing import yaml_lines
from autopack.settings.assets import assets
from autopack.settings.own_files import open_own

PLAN: Final = "autopack.yaml"
BUDGET_USD: Final = 5
SETTINGS: Final = ".autopack/settings.yaml"
_VARIABLE: Final = re.compile(r"\{\{(\w+)\}\}")
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./-]+")


def starter_plan(tests: ProjectTests | None, readme: str, budget: int = BUDGET_USD, *, has_submodules: bool = False) -> str:
    """A plan of one harmless phase that `plan check` accepts.

    Args:
        tests: how the project is checked; None: nothing was recognised, and the plan says so.
        readme: the file that the phase changes.
        budget: dollars.
        has_submodules: the run is to fill them.
    """
    values = {
        "goal": json.dumps(f"A contributor finds out from {readme} alone how to run this project's checks.", ensure_ascii=False),
        "criterion": json.dumps(f"{readme} names the command that runs the checks.", ensure_ascii=False),
        "readme": readme,
        "readme_entry": readme if _PLAIN.fullmatch(readme) else json.dumps(readme, ensure_ascii=False),
        "budget": str(budget),
        "workspace": _workspace(tests, has_submodules=has_submodules),
        "check": _check(tests),
        "how": f" (`{tests.command}`)" if tests else ", as far as its files tell",
    }
    return _VARIABLE.sub(lambda match: values[match[1]], _template("autopack.yaml"))


def starter_settings() -> str:
    return _template("settings.yaml")


def write_new(path: Path, text: str) -> bool:
    """Writes a file that is not there yet; false where something of that name is, which stays as it is.

    Raises:
        EnvironmentBlockedError: it cannot be written, or a link of the repository leads elsewhere.
    """
    try:
        with os.fdopen(open_own(path, os.O_EXCL), "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        if os.path.lexists(path):
            return False
        raise EnvironmentBlockedError(f"{path.parent} cannot be made: {error.strerror}.") from error
    except OSError as error:
        raise EnvironmentBlockedError(f"{path} cannot be written: {error.strerror}.") from error
    return True


def _workspace(tests: ProjectTests | None, *, has_submodules: bool) -> str:
    found = workspace_of(tests, has_submodules=has_submodules)
    if found is None:
        return ""
    return "\n".join(["", "# How the run's own work tree is made ready for the checks.", *yaml_lines({"workspace": found}), ""])


def _check(tests: ProjectTests | None) -> str:
    advice = [] if tests is not None else ['  # ci: {command: "the command that shows that the project works"}']
    return "\n".join([*advice, *yaml_lines({"ci": check_of(tests)}, "  ")])


def _template(name: str) -> str:
    return (assets("templates") / "starter" / name).read_text("utf-8")
