"""The npm case is sound by itself: green where it should be, and its lock file can come from nowhere but the derive step."""

from pathlib import Path

import pytest

from tests.end_to_end import npm_case
from tests.end_to_end.npm_files import LOCK, PHASES, RESULTS
from tests.support.repos import commit_files, git, write_files

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.skipif(bool(npm_case.missing_tools()), reason="needs node and npm"),
]


@pytest.fixture
def repo(tmp_path):
    if not npm_case.registry_answers(tmp_path):
        pytest.skip("npm has no registry here")
    return npm_case.build(tmp_path).repo


def test_every_phase_is_green_and_the_last_commit_installs_frozen(repo, tmp_path):
    _expect_green(repo)
    for phase in PHASES:
        commit_files(repo, _after(phase), phase)
        if phase == "a-refuses":
            assert npm_case.derive(repo).returncode == 0
            commit_files(repo, {LOCK: (repo / LOCK).read_text(encoding="utf-8")}, "lock")
        _expect_green(repo)
    assert git(repo, "status", "--porcelain") == ""
    npm_case.frozen_install(repo, "main", tmp_path)


def test_without_the_derive_step_the_frozen_install_is_refused(repo, tmp_path):
    for phase in PHASES:
        commit_files(repo, _after(phase), phase)
    refused = npm_case.setup(repo)
    assert refused.returncode != 0
    assert "Missing: is-number@7.0.0 from lock file" in refused.stderr
    with pytest.raises(AssertionError, match="does not lock is-number"):
        npm_case.frozen_install(repo, "main", tmp_path)


def test_total_needs_the_formatter_of_the_same_tree(repo):
    assert npm_case.setup(repo).returncode == 0
    write_files(repo, {"packages/a/test/total.test.js": _after("a-totals")["packages/a/test/total.test.js"]})
    assert npm_case.check(repo).returncode != 0


def _after(phase: str) -> dict[str, str | None]:
    return {change.path: change.after for change in PHASES[phase]}


def _expect_green(repo: Path) -> None:
    for step in (npm_case.setup, npm_case.check):
        done = step(repo)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "<testcase" in (repo / RESULTS).read_text(encoding="utf-8")
