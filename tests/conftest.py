"""What holds for all tests: in CI, nothing that has to be shown is left out for want of a program or a right."""

import os
import re
from typing import Final

import pytest

NEEDED: Final = re.compile(r"bubblewrap|C compiler|can be mounted|needs npm|needs node|(npm|node) is not installed|hatchling|unprivileged")
"""Reasons of skips that are failures with ``CI=true``: the machine lacks what the tests need, and CI's has to have it."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and NEEDED.search(str(report.longrepr)):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI may not: {report.longrepr}"
    return report
