"""A builder that makes the check green by weakening tests: seen, blocked, told; allowed only where the plan names that very file."""

import json

import pytest

from tests.support.command import Desk, oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

PYTEST = {"command": "python -B -m pytest -q -p no:cacheprovider", "timeout_s": 120}
TESTS = "import shop\n\n\ndef test_price():\n    assert shop.price() == 1\n    assert shop.price() < 2\n\n\ndef test_name():\n    assert shop.name() == 'bread'\n"
SCRIPT = {"command": "sh check.sh", "tests": "none", "timeout_s": 120}
CODE = {
    "shop.py": "def price():\n    return 1\n\n\ndef name():\n    return 'bread'\n",
    "tests/test_shop.py": TESTS,
    "conftest.py": "",
    "check.sh": f"{PYTEST['command']}\n",
}
BETTER = {"shop.py": "def price():\n    return 1\n\n\ndef name():\n    return 'bread'\n\n\ndef size():\n    return 2\n"}
WEAKENED = {
    "removed": {"tests/test_shop.py": TESTS.partition("\n\n\ndef test_name")[0] + "\n"},
    "skipped": {"tests/test_shop.py": "import pytest\n" + TESTS.replace("def test_name", "@pytest.mark.skip\ndef test_name")},
    "emptied": {"tests/test_shop.py": TESTS.replace("    assert shop.name() == 'bread'", "    pass")},
    "told less": {"tests/test_shop.py": TESTS.replace("    assert shop.price() < 2\n", "")},
    "another command": {"check.sh": "true\n"},
    "not collected": {"conftest.py": "def pytest_collection_modifyitems(items):\n    items[:] = items[:1]\n"},
}


def run(tmp_path, first, scope, **phase):
    desk = Desk.make(tmp_path, CODE)
    desk.plan(phase_of("one", *scope, ci=SCRIPT if "check.sh" in first else PYTEST, **phase), defaults={"complexity": "low"})
    answers = {1: oracle_of({"one": {**BETTER, **first}}, CODE), 2: oracle_of({"one": BETTER}, CODE)}
    with scripted_server(lambda request: answers[min(2, int(request.headers["x-autopack-attempt"]))](request)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        return desk, done, server.calls


@pytest.mark.parametrize("how", WEAKENED)
def test_weakened_tests_block_and_the_next_attempt_is_told(tmp_path, how):
    desk, done, calls = run(tmp_path, WEAKENED[how], ("./",))
    assert done.exit_code == 0, done.stdout + done.stderr
    failed = done.told("phase_recovering")
    assert [line["kind"] for line in failed] == ["tests_weakened"]
    path = next(iter(WEAKENED[how]))
    assert path in failed[0]["message"]
    second = [call for call in calls if call.role == "builder"][1]
    assert "they weaken the tests" in second.text
    assert path in second.text
    assert [call.attempt for call in calls if call.role == "auditor"] == [2]  # nothing was paid for auditing the first
    found = done.told("step_tests")[0]
    assert (found["blocks"], path in found["found"][0]) == (True, True)
    assert desk.at("autopack/r", "tests/test_shop.py") == TESTS


@pytest.mark.parametrize("how", WEAKENED)
def test_a_scope_that_names_the_very_file_allows_it_and_the_auditor_is_told(tmp_path, how):
    path = next(iter(WEAKENED[how]))
    desk, done, calls = run(tmp_path, WEAKENED[how], ("shop.py", path))
    assert done.exit_code == 0, done.stdout + done.stderr
    assert done.told("phase_recovering") == []
    audit = next(call for call in calls if call.role == "auditor")
    assert "weakens tests in files that a person named" in audit.text
    assert path in audit.text
    found = done.told("step_tests")[0]
    assert (found["blocks"], path in found["found"][0]) == (False, True)
    assert desk.at("autopack/r", path) == WEAKENED[how][path]


def test_a_file_that_the_builder_asked_for_itself_stays_closed_to_weakening(tmp_path):
    desk = Desk.make(tmp_path, CODE)
    phase = phase_of("one", ci=PYTEST, max_attempts=2)
    phase["scope"] = {"paths": ["shop.py"], "may_add": ["tests/*.py"]}
    desk.plan(phase, defaults={"complexity": "low"})
    asks = json.dumps(
        {"summary": "", "files": [], "blocked": {"kind": "needs_scope", "paths": ["tests/test_shop.py"], "message": "the test is wrong"}}
    )
    weakens = oracle_of({"one": {**BETTER, **WEAKENED["removed"]}}, CODE)

    def script(request):
        is_first = request.headers["x-autopack-role"] == "builder" and request.headers["x-autopack-attempt"] == "1"
        return asks if is_first else weakens(request)

    with scripted_server(script) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
    assert done.exit_code == 1, done.stderr
    assert [line["kind"] for line in done.told("phase_recovering")] == ["tests_weakened", "tests_weakened"]
    assert [line["paths"] for line in done.told("phase_queued") if line["by"] == "grant"] == [["tests/test_shop.py"]]


def test_tests_that_move_and_change_their_form_land(tmp_path):
    moved = {
        "tests/test_shop.py": None,
        "tests/unit/test_price.py": "import pytest\nimport shop\n\n\n@pytest.mark.parametrize('told', [1])\ndef test_the_price(told):\n    assert shop.price() == told\n    assert shop.price() < 2\n",
        "tests/unit/test_names.py": "import shop\n\n\ndef test_name():\n    assert shop.name() == 'bread'\n",
    }
    _, done, _ = run(tmp_path, moved, ("./",), allow_mass_deletion=True)
    assert done.exit_code == 0, done.stdout + done.stderr
    assert done.told("phase_recovering") == []
    assert done.told("step_tests") == []
