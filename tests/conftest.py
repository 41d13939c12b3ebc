"""What holds for all tests: in CI nothing is left out for want of a program or a right, and no signal is ignored from the start."""

import os
import re
import signal
from typing import Final

import pytest

from tests.support.compiled_sql import share_compiled_sql
from tests.support.extras import EXTRAS

NEEDED: Final = re.compile(
    r"bubblewrap|Chromium|axe-core|C compiler|can be mounted|needs npm|needs node|hatchling|unprivileged|extras are not installed"
    r"|\b(npm|node|uv|poetry|pnpm|go|cargo|pre-commit) is not installed"
)
"""Reasons of skips that are failures with ``CI=true``: the machine lacks what the tests need, and CI's has to have it."""


def pytest_configure():
    """What whoever started the tests told them to ignore (``nohup``, a shell's ``&``) is not what the commands under test inherit."""
    for number, default in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL), (signal.SIGQUIT, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, default)
    share_compiled_sql()


def pytest_runtest_setup(item):
    if item.get_closest_marker("extras") and not EXTRAS.is_dir():
        pytest.skip("the packages of the extras are not installed (.ci/test-tools)")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and NEEDED.search(str(report.longrepr)):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI may not: {report.longrepr}"
    return report
