"""A builder that makes the check green by changing tests: the old ones are run on its code, and the plan's word decides."""

import json

import pytest

from tests.support.command import PATIENCE_S, PYTEST, Desk, oracle_of, phase_of
from tests.support.edits_of_tests import HONEST, WEAKENED, folders
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

TESTS = "import shop\n\n\ndef test_price():\n    assert shop.price() == 1\n\n\ndef test_name():\n    assert shop.name() == 'bread'\n"
SOURCE = "def price():\n    return 1\n\n\ndef name():\n    return 'bread'\n"
CODE = {"shop.py": SOURCE, "tests/test_shop.py": TESTS}
OTHER = {"shop.py": SOURCE.replace("'bread'", "'rye'"), "tests/test_shop.py": TESTS.replace("'bread'", "'rye'")}
BETTER = {"shop.py": SOURCE + "\n\ndef size():\n    return 2\n"}
ID = "tests/test_shop.py::test_name"
TRIED = (
    *("removed", "skip mark", "return before", "a tuple", "a decorator that swallows", "unless CI", "another value"),
    *("a conftest that patches", "hooks imported from the source", "__test__ = 0", "trimmed data", "a class renamed"),
)
IN_A_PHASE = 3
TAKEN = ("a function renamed", "parametrised and renamed", "a fixture in conftest", "the file renamed", "data moved", "a new test")


def run(tmp_path, answers, *phases, code=CODE):
    """``answers``: (phase, attempt) -> files; the last attempt that is named answers for all that follow."""
    desk = Desk.make(tmp_path, code)
    desk.plan(*phases, defaults={"complexity": "low"})

    def script(request):
        phase, attempt = request.headers["x-autopack-phase"], int(request.headers["x-autopack-attempt"])
        newest = max(number for name, number in answers if name == phase and number <= attempt)
        return oracle_of({phase: answers[phase, newest]}, code)(request)

    with scripted_server(script) as server:
        desk = desk.beside(server)
        done = desk.autopack("run", "--run-id", "r", "--json", patience_s=PATIENCE_S * len(phases))
        return desk, done, server.calls


def asked(calls, role, phase="one"):
    return [call for call in calls if (call.role, call.phase) == (role, phase)]


def phases_in_folders(ways, prefix):
    """Phases that may change three folders each, one for each way; the repository; phase -> folder -> what its way changes there."""
    base, edit = folders(ways, prefix)
    base |= {"pytest.ini": "[pytest]\naddopts = --import-mode=importlib\npythonpath = .\n"}
    edits = {f"{prefix}{number}": {} for number in range(len(ways))}
    for path, text in edit.items():
        edits[path.partition("/")[0]][path] = text
    names = list(edits)
    in_phases = {f"of-{names[first]}": names[first : first + IN_A_PHASE] for first in range(0, len(names), IN_A_PHASE)}
    phases = [
        phase_of(
            phase,
            *(f"{name}/" for name in mine),
            depends_on=[],
            allow_mass_deletion=True,
            allow_mass_addition=True,
            ci={**PYTEST, "command": f"{PYTEST['command']} {' '.join(mine)}"},
        )
        for phase, mine in in_phases.items()
    ]
    return phases, base, {phase: {name: edits[name] for name in mine} for phase, mine in in_phases.items()}


def all_of(edits):
    return {path: text for files in edits.values() for path, text in files.items()}


def test_no_way_to_weaken_a_test_lands_and_the_builder_is_told_which_and_why(tmp_path):
    ways = tuple(way for way in WEAKENED if way.what in TRIED)
    assert len(ways) == len(TRIED)
    phases, base, edits = phases_in_folders(ways, "w")
    first = {(phase, 1): all_of(of_phase) for phase, of_phase in edits.items()}
    sound = {
        (phase, 2): {f"{name}/shop.py": base[f"{name}/shop.py"] + "\n\nSIZE = 3\n" for name in of_phase}
        for phase, of_phase in edits.items()
    }
    _, done, calls = run(tmp_path, {**first, **sound}, *phases, code=base)
    assert done.exit_code == 0, done.stdout + done.stderr
    assert {line["phase"]: line["kind"] for line in done.told("phase_recovering")} == dict.fromkeys(edits, "tests_weakened")
    assert all(call.attempt == 2 for call in calls if call.role == "auditor")  # nothing was paid for auditing the first
    for phase, of_phase in edits.items():
        second = asked(calls, "builder", phase)[1].text
        told = second.partition("Attempt 1 failed")[2]
        assert [name for name in of_phase if f"{name}/test_shop.py::" not in told] == []
        assert "Tests that stood before this change no longer hold" in second
        assert "plan" not in told.partition("The files still are")[0]


def test_honest_ways_to_reshape_a_test_land_at_once(tmp_path):
    ways = tuple(way for way in HONEST if way.what in TAKEN)
    assert len(ways) == len(TAKEN)
    phases, base, edits = phases_in_folders(ways, "h")
    desk, done, calls = run(tmp_path, {(phase, 1): all_of(of_phase) for phase, of_phase in edits.items()}, *phases, code=base)
    assert done.exit_code == 0, done.stdout + done.stderr
    assert done.told("phase_recovering") == []
    assert len(done.told("step_old_tests")) == len(phases)
    assert {phase["quality_level"] for phase in desk.status("r")["phases"]} == {"ok"}
    new, renamed = (f"h{[way.what for way in ways].index(what)}" for what in ("a new test", "a function renamed"))
    audit = {name: asked(calls, "auditor", phase)[0].text for phase, of_phase in edits.items() for name in of_phase}
    assert f"{new}/test_shop.py::test_size" in audit[new]
    assert "Pass with the change and not without it" in audit[new]
    assert "pass without the change too" in audit[renamed]
    assert "are no longer among the tests" in audit[renamed]


def test_a_builder_that_insists_is_held_for_review_with_both_outputs_and_a_person_lets_it_land(tmp_path):
    desk, done, calls = run(tmp_path, {("one", 1): OTHER}, phase_of("one", "./", ci=PYTEST))
    assert done.exit_code == 4, done.stdout + done.stderr
    assert [line["kind"] for line in done.told("phase_recovering")] == ["tests_weakened"]
    assert len(asked(calls, "builder")) == 2
    assert ID in asked(calls, "auditor")[0].text
    phase = desk.status("r")["phases"][0]
    assert (phase["state"], phase["held"], phase["quality_level"], phase["tests"]["changed"]) == ("held", "review", "needs_review", 1)
    shown = desk.autopack("show", "r", "one").stdout
    for said in (
        ID,
        "ci.changed_tests: hold",
        "the old tests on the new code",
        "the new tests on the new code",
        "'rye' == 'bread'",
        "fail without the change",
    ):
        assert said in shown, shown
    assert desk.autopack("approve", "r", "one").exit_code == 0
    assert desk.autopack("resume", "r").exit_code == 0
    assert desk.at("autopack/r", "tests/test_shop.py") == OTHER["tests/test_shop.py"]
    assert desk.status("r")["phases"][0]["quality_level"] == "needs_review"


def test_the_last_attempt_is_not_thrown_away_for_a_changed_test(tmp_path):
    _, done, calls = run(tmp_path, {("one", 1): OTHER}, phase_of("one", "./", ci=PYTEST, max_attempts=1))
    assert (done.exit_code, len(asked(calls, "builder"))) == (4, 1), done.stdout


def test_refuse_never_lets_a_changed_test_land(tmp_path):
    desk, done, calls = run(tmp_path, {("one", 1): OTHER}, phase_of("one", "./", max_attempts=2, ci={**PYTEST, "changed_tests": "refuse"}))
    assert done.exit_code == 1, done.stdout
    assert [line["kind"] for line in done.told("phase_recovering")] == ["tests_weakened"] * 2
    assert asked(calls, "auditor") == []
    assert desk.status("r")["phases"][0]["quality_level"] == "blocked"


@pytest.mark.parametrize("criterion", ["1", "it is nice"])
def test_audit_asks_the_auditor_for_the_criterion_that_demands_each(tmp_path, criterion):
    desk = Desk.make(tmp_path, CODE)
    ci = {**PYTEST, "changed_tests": "audit"}
    desk.plan(phase_of("one", "./", ci=ci, max_attempts=2, acceptance_criteria=["the name is rye"]), defaults={"complexity": "low"})
    oracle = oracle_of({"one": OTHER}, CODE)
    verdict = {
        "verdict": "approve",
        "criteria": [{"criterion": "1", "met": True, "evidence": "shop.py"}],
        "changed_tests": [{"test": "1", "criterion": criterion}],
    }

    def script(request):
        return json.dumps(verdict) if request.headers["x-autopack-role"] == "auditor" else oracle(request)

    with scripted_server(script) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        audit = server.asked("auditor")[0]
    assert '"changed_tests"' in audit.text.replace('\\"', '"')
    phase = desk.status("r")["phases"][0]
    if criterion == "1":
        assert (done.exit_code, phase["state"], phase["quality_level"]) == (0, "complete", "needs_review"), done.stderr
    else:
        assert (done.exit_code, phase["state"]) == (4, "held"), done.stderr
        assert "No criterion demands that these tests change" in done.told("phase_held")[-1]["message"]


def test_a_scope_that_names_the_very_file_allows_it_and_the_auditor_is_told(tmp_path):
    desk, done, calls = run(tmp_path, {("one", 1): OTHER}, phase_of("one", "shop.py", "tests/test_shop.py", ci=PYTEST))
    assert done.exit_code == 0, done.stdout + done.stderr
    assert done.told("phase_recovering") == []
    assert "the scope names this very file" in asked(calls, "auditor")[0].text
    assert ID in asked(calls, "auditor")[0].text
    assert desk.status("r")["phases"][0]["quality_level"] == "ok"


def test_a_file_that_the_builder_asked_for_itself_stays_closed(tmp_path):
    desk = Desk.make(tmp_path, CODE)
    phase = phase_of("one", ci={**PYTEST, "changed_tests": "refuse"}, max_attempts=2)
    phase["scope"] = {"paths": ["shop.py"], "may_add": ["tests/*.py"]}
    desk.plan(phase, defaults={"complexity": "low"})
    asks = json.dumps(
        {"summary": "", "files": [], "blocked": {"kind": "needs_scope", "paths": ["tests/test_shop.py"], "message": "the test is wrong"}}
    )
    weakens = oracle_of({"one": OTHER}, CODE)

    def script(request):
        is_first = request.headers["x-autopack-role"] == "builder" and request.headers["x-autopack-attempt"] == "1"
        return asks if is_first else weakens(request)

    with scripted_server(script) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
    assert done.exit_code == 1, done.stderr
    assert [line["kind"] for line in done.told("phase_recovering")] == ["tests_weakened", "tests_weakened"]
    assert [line["paths"] for line in done.told("phase_queued") if line["by"] == "grant"] == [["tests/test_shop.py"]]


def test_a_test_that_an_earlier_phase_added_may_follow_but_not_one_that_waits_to_be_made_green(tmp_path):
    added = TESTS + "\n\ndef test_size():\n    assert shop.size() == 2\n"
    waiting = "import shop\n\n\ndef test_weight():\n    assert shop.weight() == 5\n"
    sized = {"shop.py": SOURCE + "\n\ndef size():\n    return 2\n", "tests/test_shop.py": added}
    follows = {"shop.py": SOURCE + "\n\ndef size():\n    return 3\n", "tests/test_shop.py": added.replace("== 2", "== 3")}
    desk = Desk.make(tmp_path, CODE)
    desk.plan(
        phase_of("size", "shop.py", "tests/", ci=PYTEST),
        phase_of("bigger", "shop.py", "tests/", ci=PYTEST),
        phase_of("tests", "tests/", ci={**PYTEST, "expect": "red"}),
        phase_of("weight", "./", ci=PYTEST, max_attempts=2),
        defaults={"complexity": "low"},
    )
    cheats = {
        "tests/test_weight.py": waiting.replace("shop.weight() == 5", "not hasattr(shop, 'weight')"),
        "shop.py": follows["shop.py"] + "\n\nWEIGHT = 5\n",
    }
    oracle = oracle_of({"size": sized, "bigger": follows, "tests": {"tests/test_weight.py": waiting}, "weight": cheats}, CODE)
    with scripted_server(oracle) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        audit = server.asked("auditor", "bigger")[0].text
    assert done.exit_code == 4, done.stdout + done.stderr
    assert [line["phase"] for line in done.told("phase_recovering")] == ["weight"]
    assert "an earlier phase of this run added it" in audit
    assert "tests/test_shop.py::test_size" in audit
    found = {phase["id"]: (phase["state"], phase["quality_level"]) for phase in desk.status("r")["phases"]}
    assert found == {
        "size": ("complete", "ok"),
        "bigger": ("complete", "ok"),
        "tests": ("complete", "ok"),
        "weight": ("held", "needs_review"),
    }


def test_a_commit_of_a_person_is_told_of_and_not_held(tmp_path):
    blocked = json.dumps({"summary": "", "files": [], "blocked": {"kind": "question", "paths": [], "message": "which?"}})
    desk = Desk.make(tmp_path, CODE)
    desk.plan(phase_of("one", "./", ci=PYTEST), defaults={"complexity": "low"})
    with scripted_server(
        lambda request: blocked if request.headers["x-autopack-role"] == "builder" else json.dumps({"verdict": "approve"})
    ) as server:
        desk = desk.beside(server)
        assert desk.autopack("run", "--run-id", "r").exit_code == 4
        desk.git("switch", "-q", "autopack/r")
        for path, text in OTHER.items():
            (desk.repo / path).write_text(text, "utf-8")
        desk.git("-c", "user.name=A", "-c", "user.email=a@b", "commit", "-qam", "mine")
        desk.git("switch", "-q", "main")
        assert desk.autopack("adopt", "r", "one").exit_code == 0
        done = desk.autopack("resume", "r", "--json")
    assert done.exit_code == 0, done.stdout + done.stderr
    assert "a person made this commit" in done.told("step_old_tests")[0]["found"][0]


def test_texts_made_to_take_long_are_looked_at_at_once(tmp_path):
    script = "const test = require('node:test');\n\ntest('name', () => {});\n"
    code = {**CODE, "a.test.js": script, "Makefile": "test:\n\tpytest\n"}
    wide = {
        "a.test.js": script + "// `/* /* `\n" * 4_000 + "const a = `/* /* `;\n",
        "Makefile": "test:\n\tpytest\n\nA = b" + " " * 200_000 + "c\n",
    }
    desk, done, _ = run(tmp_path, {("one", 1): {**BETTER, **wide}}, phase_of("one", "./", ci=PYTEST, allow_mass_addition=True), code=code)
    assert done.exit_code == 0, done.stdout + done.stderr
    assert desk.status("r")["phases"][0]["state"] == "complete"


def test_a_run_that_is_killed_between_the_two_runs_goes_on_there_and_buys_nothing_again(tmp_path):
    slow = {**BETTER, "tests/test_shop.py": TESTS + "\n\ndef test_size():\n    assert shop.size() == 2\n"}
    desk = Desk.make(tmp_path, CODE)
    desk.plan(phase_of("one", "./", ci=PYTEST), defaults={"complexity": "low"})
    with scripted_server(oracle_of({"one": slow}, CODE)) as server:
        desk = desk.beside(server)
        with desk.start("run", "--run-id", "r", "--json") as running:
            running.until(lambda: any(line["event"] == "weighing_tests" for line in running.events))
            running.process.kill()
            running.process.wait()
        done = desk.autopack("resume", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
        assert [call.role for call in server.calls] == ["builder", "auditor"]
    told = done.told("step_old_tests")
    assert len(told) <= 1
    assert done.told("step_new_tests")[0]["fail_without"] == 1
    kept = [ref for ref in desk.branches() if ref.startswith("refs/autopack/r/one/1")]
    assert kept == ["refs/autopack/r/one/1", "refs/autopack/r/one/1.new-tests", "refs/autopack/r/one/1.old-tests"]
