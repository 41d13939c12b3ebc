"""A run with a phase of each kind, looked at by the command line and by the server."""

import pytest

from autopack.core.transitions import RunEvent
from tests.support.dashboard import served
from tests.support.told_run import told_repo

KEY = "sk-ant-0123456789012345678901234"


@pytest.fixture
def lived(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    run = told_repo(tmp_path / "mein läden")
    monkeypatch.chdir(run.repo)
    run.start(max_tokens=1_000_000)
    run.complete("add-model", {"src/m.py": f"KEY = '{KEY}'\n"})
    run.write_log("add-model", 1, "$ pytest -q\nEntwürfe: 2 passed\n")
    run.fail_once("add-basket", {"src/b.py": "B = 1\n"})
    run.retry("add-basket")
    run.hold_for_review("add-basket", "the phase is gated.")
    run.end(RunEvent.HOLD, 4, "held", "waits for a person: add-basket.")
    yield run
    run.database.close()


@pytest.fixture
def shop(lived, tmp_path):
    with served(tmp_path, lived.repo) as desk:
        desk.time.at = lived.at + 1
        yield desk


@pytest.fixture
def get(shop):
    """Asks with a token that may read."""
    headers = shop.bearer()
    return lambda path, **more: shop.program.get(path, headers={**headers, **more})
