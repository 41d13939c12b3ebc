"""A repository with runs that the looking commands look at."""

import pytest

from tests.support.told_run import ToldRun, told_repo


@pytest.fixture
def told(tmp_path, monkeypatch):
    """A repository whose path has a space and an umlaut, with one run that nothing has worked on; the shell stands in it."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))  # where what was spent on this machine today is kept
    run: ToldRun = told_repo(tmp_path / "mein läden")
    monkeypatch.chdir(run.repo)
    yield run
    run.database.close()
