"""Programs that `.ci/test-tools` installs below `.venv/tools`, or that the machine has."""

import os
import shutil
import sys
from pathlib import Path
from typing import Final

import pytest

TEST_TOOLS: Final = Path(sys.prefix) / "tools/bin"


def tool(name: str) -> str:
    """Its path; the test is skipped where it is nowhere, which CI does not take."""
    found = shutil.which(name, path=f"{os.environ['PATH']}{os.pathsep}{TEST_TOOLS}")
    if found is None:
        pytest.skip(f"{name} is not installed (.ci/test-tools)")
    return found
