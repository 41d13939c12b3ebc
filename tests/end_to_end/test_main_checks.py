"""What a check says decides: old failures, flaky ones, tests that have to be red, the checks of the whole branch, checks that write."""

import pytest

from tests.support.command import CHECK, FILES, PYTEST, Desk, ending, oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

CODE = {"shop.py": "def price():\n    return 1\n", "test_shop.py": "import shop\n\n\ndef test_price():\n    assert shop.price() == 1\n"}
OLD = {**CODE, "test_old.py": "def test_of_old():\n    assert 1 == 2\n"}


def test_an_old_failure_is_forgiven_only_where_the_plan_says_so(tmp_path):
    desk = Desk.make(tmp_path, OLD)
    change = {"shop.py": "def price():\n    return 1\n\n\ndef name():\n    return 'x'\n"}
    worse = {"shop.py": "def price():\n    return 2\n"}
    desk.plan(
        phase_of("strict", "shop.py", max_attempts=1, ci=PYTEST),
        phase_of("worse", "shop.py", depends_on=[], max_attempts=1, ci={**PYTEST, "baseline": "parent"}),
        phase_of("parent", "shop.py", depends_on=[], ci={**PYTEST, "baseline": "parent"}),
        defaults={"complexity": "low"},
    )
    answers = {name: oracle_of({name: files}, OLD) for name, files in (("strict", change), ("worse", worse), ("parent", change))}
    with scripted_server(lambda request: answers[request.headers["x-autopack-phase"]](request)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        audits = server.asked("auditor")
    assert done.exit_code == 1, done.stderr
    found = {phase["id"]: phase for phase in desk.status("r")["phases"]}
    assert {name: phase["state"] for name, phase in found.items()} == {"strict": "failed", "worse": "failed", "parent": "complete"}
    assert (found["worse"]["checks"]["failed"], found["worse"]["checks"]["newly_failed"]) == (2, 1)
    assert found["parent"]["checks"]["newly_failed"] == 0
    assert [call.phase for call in audits] == ["parent"]
    assert "Failed before and forgiven" in audits[0].text
    assert "test_of_old" in audits[0].text
    assert "test_old" in done.told("preflight")[0]["message"] or "red" in done.told("preflight")[0]["message"]


def test_red_tests_first_then_what_makes_them_green_a_flaky_one_and_a_skip(tmp_path):
    counter = tmp_path / "runs"
    flaky = f"import pathlib\n\n\ndef test_moody():\n    file = pathlib.Path({str(counter)!r})\n    is_first = pathlib.Path('mood.txt').read_text() == 'odd\\n' and not file.exists()\n    if is_first:\n        file.write_text('x')\n    assert not is_first\n"
    asked = "import shop\n\n\ndef test_name():\n    assert shop.name() == 'bread'\n"
    changes = {
        "green": {"test_name.py": "def test_name():\n    assert True\n"},
        "tests": {"test_name.py": asked},
        "feature": {"shop.py": CODE["shop.py"] + "\n\ndef name():\n    return 'bread'\n"},
        "moody": {"mood.txt": "odd\n"},
        "words": {"README.md": "bread\n"},
    }
    files = {**CODE, "test_moody.py": flaky, "mood.txt": "calm\n"}
    desk = Desk.make(tmp_path, files)
    desk.plan(
        phase_of("tests", "test_name.py", ci={**PYTEST, "expect": "red"}),
        phase_of("feature", "shop.py", ci=PYTEST),
        phase_of("moody", "mood.txt", ci=PYTEST),
        phase_of("words", "README.md", ci={"skip": True, "reason": "words only"}),
        defaults={"complexity": "low"},
        final={"steps": [PYTEST]},
    )
    sound = oracle_of({name: changes[name] for name in ("tests", "feature", "moody", "words")}, files)
    not_red = oracle_of({"tests": changes["green"]}, files)

    def script(request):
        is_first = (request.headers["x-autopack-phase"], request.headers["x-autopack-attempt"]) == ("tests", "1")
        return (not_red if is_first else sound)(request)

    with scripted_server(script) as server:
        done = desk.beside(server).with_env(AUTOPACK_SANDBOX="off").autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
        assert "did not fail as required" in server.asked("builder", "tests")[1].text
    assert [(line["phase"], line["kind"]) for line in done.told("phase_recovering")] == [("tests", "not_red")]
    assert [line["phase"] for line in done.told("flaky")] == ["moody"]
    found = {phase["id"]: phase for phase in desk.status("r")["phases"]}
    assert {name: phase["attempts"] for name, phase in found.items()} == {"tests": 2, "feature": 1, "moody": 1, "words": 1}
    assert found["moody"]["checks"]["flaky"] == 1
    final = done.told("final_checks")[0]
    assert (final["status"], final["passed"]) == ("green", 3)


def test_red_final_checks_keep_the_run_from_being_complete(desk):
    desk.plan(final={"steps": [{"command": "grep -q three app.txt", "tests": "none"}]})
    with scripted_server(oracle_of({"one": {"app.txt": "two\n"}})) as server:
        keyed = desk.beside(server)
        assert "the final checks are red" in ending(keyed.autopack("run", "--run-id", "r"), 1)
        assert len(server.calls) == 2
    status = desk.status("r")
    assert (status["state"], status["reason"], status["phases"][0]["state"]) == ("failed", "final", "complete")
    assert desk.at("autopack/r", "app.txt") == "two\n"


def test_what_a_check_writes_is_told_and_never_committed_and_outside_of_the_scope_it_can_end_the_attempt(desk):
    check = {**CHECK, "command": "echo spoilt >> app.txt; echo new > docs/left.txt; git add -A 2>/dev/null; true"}
    inside = {**CHECK, "command": "echo spoilt >> app.txt", "writes": "fail"}
    outside = {**CHECK, "command": "grep -q bad app.txt && echo new > docs/left.txt; true", "writes": "fail"}
    desk.plan(phase_of("one", ci=check), phase_of("two", ci=CHECK), phase_of("inside", ci=inside), phase_of("outside", ci=outside))
    texts = {"one": "two\n", "two": "three\n", "inside": "four\n", "outside": "five\n"}
    sound = oracle_of({name: {"app.txt": text} for name, text in texts.items()})
    bad = oracle_of({"outside": {"app.txt": "bad\n"}}, {**FILES, "app.txt": "four\n"})

    def script(request):
        is_first = (request.headers["x-autopack-phase"], request.headers["x-autopack-attempt"]) == ("outside", "1")
        return (bad if is_first else sound)(request)

    with scripted_server(script) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
        assert "docs/left.txt" in server.asked("auditor", "one")[0].text
        assert "wrote 'docs/left.txt' outside of the scope" in server.asked("builder", "outside")[1].text
    logs = desk.repo / ".autonomous_runs" / "r" / "ci"
    assert sorted(path.name for path in logs.iterdir()) == ["outside-1.log"], "green ones leave none"
    wrote = done.told("check_wrote")
    assert [line["phase"] for line in wrote] == ["one", "inside", "outside"]
    assert {"app.txt", "docs/left.txt"} <= set(wrote[0]["files"])
    failed = done.told("phase_recovering")
    assert [(line["phase"], line["kind"], line["attempt"]) for line in failed] == [("outside", "checks_red", 1)]
    assert "(ci.writes: fail)" in failed[0]["message"]
    assert desk.at("autopack/r~3", "app.txt") == "two\n"
    assert desk.at("autopack/r", "app.txt") == "five\n"
    assert desk.git("ls-tree", "-r", "--name-only", "autopack/r").split("\n") == sorted(FILES)


def test_a_flaky_test_ends_the_attempt_or_waits_for_a_person_where_the_plan_says_so(tmp_path):
    once = "[ -e '{0}' ] && exit 0; touch '{0}'; exit 1"
    held = {**CHECK, "command": f"grep -q 'return 3' shop.py || exit 0; {once.format(tmp_path / 'held')}", "flaky": {"on_flaky": "hold"}}
    failed = {**CHECK, "command": f"[ -e name.py ] || exit 0; {once.format(tmp_path / 'failed')}", "flaky": {"on_flaky": "fail"}}
    desk = Desk.make(tmp_path, CODE)
    desk.plan(phase_of("failed", "name.py", ci=failed), phase_of("held", "shop.py", ci=held))
    changes = {"failed": {"name.py": "NAME = 'bread'\n"}, "held": {"shop.py": "def price():\n    return 3\n"}}
    with scripted_server(oracle_of(changes, CODE)) as server:
        keyed = desk.beside(server).with_env(AUTOPACK_SANDBOX="off")
        done = keyed.autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 4, done.stderr
        assert [(line["phase"], line["attempt"], line["kind"]) for line in done.told("phase_recovering")] == [("failed", 1, "flaky")]
        assert "red and then green on the same tree" in server.asked("builder", "failed")[1].text
        assert [(phase["attempts"], phase["state"]) for phase in desk.status("r")["phases"]] == [(2, "complete"), (1, "held")]
        assert desk.autopack("approve", "r", "held").exit_code == 0
        assert keyed.autopack("resume", "r").exit_code == 0
        assert [(call.phase, call.role) for call in server.calls] == [
            *[("failed", role) for role in ("builder", "builder", "auditor")],
            *[("held", role) for role in ("builder", "auditor")],
        ]
