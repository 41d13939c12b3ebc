"""Opening the state is most of what a small answer costs, so a request does it once."""

from collections.abc import Iterator

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from autopack.dashboard.app import ROUTERS

NAMED = {"run_id": "shop-1", "phase_id": "add-model", "log": "add-model-1.log", "file": "error_1.json", "name": "page.css"}
STREAM = "/runs/{run_id}/events"
PATHS = sorted({route.path for router in ROUTERS for route in router.routes if "GET" in route.methods} - {STREAM})


@pytest.fixture
def opened() -> Iterator[list[object]]:
    """Every connection to a database file that anything of this process makes."""
    made: list[object] = []

    def count(connection: object, _record: object) -> None:
        made.append(connection)

    event.listen(Engine, "connect", count)
    yield made
    event.remove(Engine, "connect", count)


@pytest.mark.parametrize("path", [*PATHS, "/dashboard/usage?run={run_id}"])
def test_a_request_opens_the_state_once_at_most(told, desk, opened, path):
    told.start()
    told.complete("add-model", {"src/a.py": "A = 2\n"})
    told.write_log("add-model", 1, "1 passed\n")
    opened.clear()
    answer = desk.program.get(path.format(**NAMED), headers=desk.bearer())
    assert answer.status_code in {200, 404}, answer.text
    assert len(opened) == 1 or (not opened and "{run_id}" not in path)
