"""Spoilt first replies: each is told to the next attempt with what is needed to do better, and the phase lands."""

import json
import sys

import pytest

from tests.support.bread_shop import CATALOGUE
from tests.support.command import PYTEST, Desk, oracle_of, phase_of
from tests.support.oracle import Spoil
from tests.support.server import Call, scripted_server

pytestmark = pytest.mark.end_to_end

BEFORE = {
    **{f"shop/{name}.py": f"def {name}():\n    return 'old'\n" for name in ("broken", "cut", "prose", "escape", "reject")},
    "shop/drift.py": CATALOGUE,
    "shop/misplaced.py": CATALOGUE.replace("bread", "cake"),
    "tests/test_broken.py": "from shop.broken import broken\n\n\ndef test_is_a_word():\n    assert broken().isalpha()\n",
}
AFTER = {
    **{name: {f"shop/{name}.py": f"def {name}():\n    return 'new'\n"} for name in ("broken", "cut", "prose", "escape", "reject")},
    "drift": {"shop/drift.py": CATALOGUE.replace("(300, 'bread 300')", "(300, 'rye')")},
    "misplaced": {"shop/misplaced.py": BEFORE["shop/misplaced.py"].replace("(40, 'cake 40')", "(40, 'tart')")},
}
ANSWER = 'answer="edit"'
QUICK = {"command": "python -B -c 'import shop.reject'", "tests": "none"}
MISPLACED = "@@ -42,3 +42,3 @@\n     (39, 'cake 39'),\n-    (40, 'nothing like it'),\n+    (40, 'tart'),\n     (41, 'cake 41'),\n"


@pytest.mark.parametrize("api", ["anthropic", "openai"])
def test_every_spoilt_reply_is_told_to_the_next_attempt_which_lands(tmp_path, api):
    desk = Desk.make(tmp_path, BEFORE)
    spoils = {name: Spoil(name) for name in AFTER if name != "misplaced"}
    oracle = oracle_of(AFTER, BEFORE, spoils=spoils)

    def script(request):
        phase, attempt, role = (request.headers[f"x-autopack-{name}"] for name in ("phase", "attempt", "role"))
        if (phase, attempt, role) == ("misplaced", "1", "builder"):
            return reply({"path": "shop/misplaced.py", "action": "patch", "diff": MISPLACED})
        return oracle(request)

    phases = [phase_of(name, f"shop/{name}.py", ci=PYTEST if name == "broken" else QUICK) for name in AFTER]
    desk.plan(*phases, defaults={"complexity": "low"})
    with scripted_server(script) as server:
        done = desk.beside(server, api).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
        asked = {name: server.asked("builder", name) for name in AFTER}
    assert {line["phase"]: line["kind"] for line in done.told("phase_recovering")} == {
        "broken": "checks_red",
        "cut": "reply_cut",
        "prose": "reply_malformed",
        "escape": "scope_violation",
        "reject": "audit_rejected",
        "misplaced": "edit_refused",
    }
    assert [len(calls) for calls in asked.values()] == [1 if name == "drift" else 2 for name in AFTER]
    assert desk.at("autopack/r", "shop/drift.py") == AFTER["drift"]["shop/drift.py"]
    assert int(desk.git("rev-list", "--count", "main..autopack/r")) == len(AFTER)
    assert not (desk.repo.parent / "outside.txt").exists()
    assert_reasons({name: spoken(calls[1]) for name, calls in asked.items() if name != "drift"})
    assert_prefixes(asked)
    assert_room(asked["cut"])


def test_syntax_newer_than_autopacks_python_is_judged_by_the_projects_check(tmp_path):
    """The check runs the Python that Autopack runs on, so it is red where that one is too old."""
    desk = Desk.make(tmp_path, BEFORE)
    oracle = oracle_of({"reject": AFTER["reject"]}, BEFORE)
    newer = "def reject[T](x: T) -> T:\n    return x\n"

    def script(request):
        if (request.headers["x-autopack-role"], request.headers["x-autopack-attempt"]) == ("builder", "1"):
            return reply({"path": "shop/reject.py", "action": "replace", "content": newer})
        return oracle(request)

    desk.plan(phase_of("reject", "shop/reject.py", ci=QUICK), defaults={"complexity": "low"})
    with scripted_server(script) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
    assert done.exit_code == 0, done.stdout + done.stderr
    reads_it = sys.version_info >= (3, 12)
    assert [line["kind"] for line in done.told("phase_recovering")] == ([] if reads_it else ["checks_red"])
    assert desk.at("autopack/r", "shop/reject.py") == (newer if reads_it else AFTER["reject"]["shop/reject.py"])


def assert_reasons(second: dict[str, str]) -> None:
    assert "RuntimeError: spoilt" in second["broken"]
    assert "test_broken" in second["broken"]
    assert "the change is incomplete: see the description" in second["reject"]
    assert "shop/reject.py:1" in second["reject"]
    assert "../outside.txt" in second["escape"]
    assert "not the one JSON object" in second["prose"]
    assert "cut off" in second["cut"]
    assert "nothing like it" in second["misplaced"]
    assert "(40, 'cake 40')" in second["misplaced"].split("Attempt 1 failed")[1]


def assert_prefixes(asked: dict[str, list[Call]]) -> None:
    """What was shown once stays where it was, so that the provider's cache holds it."""
    for name in ("broken", "escape", "reject", "misplaced"):
        first, second = map(spoken, asked[name])
        shared = next((place for place, pair in enumerate(zip(first, second, strict=False)) if len(set(pair)) > 1), len(first))
        assert shared >= 0.95 * len(first), (name, shared, len(first))


def assert_room(calls: list[Call]) -> None:
    first, second = calls
    assert ANSWER not in spoken(first)
    assert ANSWER in spoken(second)
    room = [call.body.get("max_tokens") or call.body["max_output_tokens"] for call in calls]
    assert room[1] > room[0]


def reply(*files: dict[str, str]) -> str:
    return json.dumps({"summary": "a change", "files": list(files), "blocked": None})


def spoken(call: Call) -> str:
    """Every text that the model reads, in its order."""
    system = call.body.get("system") or call.body.get("instructions") or ""
    return "\n".join(texts([system, call.body.get("messages") or call.body.get("input")]))


def texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    if isinstance(value, dict):
        return [text for key, item in value.items() if key in ("content", "text") for text in texts(item)]
    return []
