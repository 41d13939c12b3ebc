"""What a plan says of a project's check and of what the check needs, made from what was recognised."""

from collections.abc import Mapping
from typing import Any, Final

from autopack.planning.project_tests import ProjectTests

NO_TESTS: Final = "no tests were recognised in this project"


def check_of(tests: ProjectTests | None) -> dict[str, Any]:
    """The plan's ``ci``."""
    return {"command": tests.command} if tests is not None else {"skip": True, "reason": NO_TESTS}


def workspace_of(tests: ProjectTests | None, *, has_submodules: bool) -> Mapping[str, Any] | None:
    """The plan's ``workspace``; None where nothing has to be prepared."""
    found: dict[str, Any] = {"submodules": True} if has_submodules else {}
    if tests is not None and tests.setup:
        again = {"again_when": list(tests.again_when)} if tests.again_when else {}
        found["setup"] = [{"command": tests.setup, "network": True, **again}]
    if tests is not None and tests.link:
        found["link"] = list(tests.link)
    return found or None
