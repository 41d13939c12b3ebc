"""A skip for want of a program is a failure in CI and a skip elsewhere; other skips stay skips."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TESTS = """\
import pytest

@pytest.mark.skipif(True, reason="needs bubblewrap")
def test_mark():
    pass

@pytest.fixture
def ground():
    pytest.skip("there is no C compiler (cc)")

def test_fixture(ground):
    pass

def test_body():
    pytest.skip("no file system can be mounted here: permission denied")

def test_tool():
    pytest.skip("poetry is not installed")

def test_other():
    pytest.skip("npm has no registry here")
"""


@pytest.mark.parametrize(
    ("environment", "said"), [({"CI": "true"}, "2 failed, 1 skipped, 2 errors"), ({}, "5 skipped")], ids=["ci", "elsewhere"]
)
def test_a_skip_for_want_of_a_program_fails_in_ci_alone(tmp_path, environment, said):
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_runtest_makereport\n", "utf-8")
    (tmp_path / "test_it.py").write_text(TESTS, "utf-8")
    inherited = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("PYTEST")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
    done = subprocess.run(
        command, cwd=tmp_path, env={**inherited, "PYTHONPATH": str(ROOT), **environment}, capture_output=True, text=True, check=False
    )
    assert said in done.stdout, done.stdout
    assert done.returncode == bool(environment)
