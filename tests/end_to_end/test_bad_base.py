"""What the base says already: a check that can never be green, a set-up that fails. Found before anything is bought, blamed on nobody's edits."""

import pytest

from tests.support.command import CHECK, FILES, ONE, PYTEST, Desk, ending, oracle_of, phase_of
from tests.support.repos import commit_files
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

REPORT = {"command": "echo 3 tests are fine", "tests": "auto", "timeout_s": 30, "results": {"format": "junit", "path": "unit.xml"}}


def with_submodule(desk, path="vendor/lib"):
    """A submodule as a clone without ``--recurse-submodules`` has it."""
    commit_files(desk.repo, {".gitmodules": f'[submodule "lib"]\n\tpath = {path}\n\turl = https://example.org/lib.git\n'}, "modules")
    desk.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},{path}")
    desk.git("commit", "-q", "-m", "submodule")
    return desk


def never_bought(desk, *says):
    """Neither `run` nor `plan check --run-checks` goes on, and both say why."""
    with scripted_server(oracle_of(ONE)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
        assert server.calls == []
    checked = desk.autopack("plan", "check", "--run-checks")
    assert (done.exit_code, checked.exit_code) == (7, 7), done.stderr + checked.stderr
    for part in says:
        assert part in done.stderr
        assert part in checked.stderr


def test_a_check_that_writes_no_report_is_found_before_anything_is_bought(desk):
    commit_files(desk.repo, {"tests/test_app.sh": "true\n"}, "tests")
    desk.plan(phase_of("one", "app.txt", "src/", ci=REPORT))
    never_bought(desk, "phase 'one'", "the test report (JUnit XML files) was not written", "3 tests are fine", "'results'")


def test_a_collection_error_for_want_of_a_submodule_is_found_before_anything_is_bought(tmp_path):
    test = "import sys\nsys.path.insert(0, 'vendor/lib')\nimport lib\n\n\ndef test_app():\n    assert lib.ok\n"
    desk = with_submodule(Desk.make(tmp_path, {**FILES, "tests/test_app.py": test}))
    desk.plan(phase_of("one", ci={**PYTEST, "baseline": "parent"}))
    never_bought(desk, "the submodule 'vendor/lib' is an empty folder", "No module named 'lib'")


def test_an_empty_submodule_folder_is_found_before_anything_is_bought(tmp_path):
    desk = with_submodule(Desk.make(tmp_path))
    desk.plan(phase_of("one", ci={"command": "cd vendor/lib && cat rules.txt", "tests": "none"}))
    never_bought(desk, "the submodule 'vendor/lib' is an empty folder", "rules.txt")


def test_a_module_that_nobody_will_make_is_found_before_anything_is_bought(tmp_path):
    desk = Desk.make(tmp_path, {**FILES, "tests/test_app.py": "import leftpadder\n\n\ndef test_app():\n    pass\n"})
    desk.plan(phase_of("one", ci=PYTEST))
    never_bought(desk, "'tests/test_app.py' cannot be loaded: there is no module 'leftpadder'")


def test_what_a_phase_may_make_is_only_said(tmp_path):
    before = {"shop/__init__.py": "", "tests/test_cart.py": "from shop.cart import total\n\n\ndef test_total():\n    assert total() == 0\n"}
    desk = Desk.make(tmp_path, before)
    report = "test -f build.cfg && echo \"<testsuite name='s'><testcase name='a'/></testsuite>\" > unit.xml; true"
    desk.plan(
        phase_of("one", "shop/", ci=PYTEST),
        phase_of("two", "./", ci={**REPORT, "command": report}),
    )
    changes = {"one": {"shop/cart.py": "def total():\n    return 0\n"}, "two": {"build.cfg": "report\n"}}
    with scripted_server(oracle_of(changes, before)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
    assert done.exit_code == 0, done.stdout + done.stderr
    assert [line["message"].split(":")[0] for line in done.told("preflight")] == ["one", "two"]


def test_a_check_that_says_the_same_without_the_change_waits_for_a_person_after_one_attempt(desk):
    desk.plan(phase_of("one", "app.txt", "src/", ci=REPORT))
    with scripted_server(oracle_of(ONE)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
        assert [call.role for call in server.calls] == ["builder"]
    ending(done, 4)
    (phase,) = desk.status("r")["phases"]
    assert (phase["state"], phase["held"], phase["attempts"]) == ("held", "question", 1)
    assert "was not written" in done.stderr
    assert "It says the same without this change" in desk.autopack("show", "r", "one").stdout


def test_what_the_base_says_can_be_looked_into_with_and_without_a_run(desk):
    commit_files(desk.repo, {"check.sh": "echo looking; grep -q two app.txt || { echo app says one; exit 1; }\n"}, "red at first")
    desk.plan(phase_of("one"), phase_of("two"), workspace={"setup": ["echo set"]})
    checked = desk.autopack("plan", "check", "--run-checks")
    assert checked.exit_code == 0, checked.stderr
    assert "set-up: echo set" in checked.stderr
    assert "one, on the base: sh check.sh" in checked.stderr
    assert "  | app says one" in checked.stderr
    for words in (("logs", "--check"), ("logs", "plan-check"), ("logs", "plan-check", "two")):
        assert "app says one" in desk.autopack(*words).stdout
    changes = {"one": {"app.txt": "two\n"}, "two": {"app.txt": "two\ntwo\n"}}
    with scripted_server(oracle_of(changes, {**FILES, "check.sh": ""})) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
    assert done.exit_code == 0, done.stdout + done.stderr
    assert "set-up: echo set" in [line["message"] for line in done.told("command_started")]
    for phase in ("one", "two"):
        said = desk.autopack("logs", "r", phase, "--check", "--attempt", "0").stdout
        assert "on the base" in said
        assert "app says one" in said
        assert desk.autopack("logs", "r", phase, "--check", "--attempt", "1").stdout.count("app says one") == 0


def test_a_command_that_runs_on_the_base_is_shown_with_its_name_and_time(desk):
    desk.plan(workspace={"setup": ["echo slowly; sleep 0.1"]})
    with scripted_server(oracle_of(ONE)) as server:
        plain = desk.beside(server).autopack("run", "--run-id", "r")
        assert plain.exit_code == 0, plain.stderr
        assert "  set-up: echo slowly; sleep 0.1" in plain.stderr
        assert "  one, on the base: sh check.sh" in plain.stderr


def server_of(tmp_path):
    """A set-up that needs a file outside of the repository, as one needs a registry."""
    registry = tmp_path / "registry"
    registry.write_text("up\n", "utf-8")
    return registry, {"command": f"cat '{registry}' && grep -q good tools.lock && echo installed", "again_when": ["tools.lock"]}


def test_a_setup_that_fails_by_the_time_of_the_run_ends_it_before_anything_is_bought(tmp_path):
    desk = Desk.make(tmp_path, {**FILES, "tools.lock": "good\n"}).with_env(AUTOPACK_SANDBOX="off")
    registry, setup = server_of(tmp_path)
    desk.plan(workspace={"setup": [setup]})
    assert desk.autopack("plan", "check", "--run-checks").exit_code == 0
    registry.unlink()
    with scripted_server(oracle_of(ONE)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
        assert server.calls == []
    ending(done, 7)
    assert "workspace.setup" in done.stderr
    assert "No such file" in done.stderr


def test_only_a_setup_that_the_change_broke_is_the_changes(tmp_path):
    desk = Desk.make(tmp_path, {**FILES, "tools.lock": "good\n"}).with_env(AUTOPACK_SANDBOX="off")
    registry, setup = server_of(tmp_path)
    gone = {"command": f"grep -q newer tools.lock && rm -f '{registry}'; true", "again_when": ["tools.lock"]}
    desk.plan(
        phase_of("one", "tools.lock", "app.txt", max_attempts=2, ci=CHECK),
        phase_of("two", "tools.lock", max_attempts=2, ci=CHECK),
        workspace={"setup": [gone, setup]},
        defaults={"complexity": "low"},
    )
    before = {**FILES, "tools.lock": "good\n"}
    sound = oracle_of({"one": {"app.txt": "two\n"}, "two": {"tools.lock": "good, newer\n"}}, before)
    broken = oracle_of({"one": {"tools.lock": "bad\n"}}, before)

    def script(request):
        is_first = (request.headers["x-autopack-phase"], request.headers["x-autopack-attempt"]) == ("one", "1")
        return (broken if is_first else sound)(request)

    with scripted_server(script) as server:
        keyed = desk.beside(server)
        ending(keyed.autopack("run", "--run-id", "r"), 7)
        assert [phase["attempts"] for phase in desk.status("r")["phases"]] == [2, 1]
        assert "files it depends on were changed" in server.asked("builder", "one")[1].text
        bought = len(server.calls)
        ending(keyed.autopack("resume", "r"), 7)
        assert len(server.calls) == bought
        registry.write_text("up again\n", "utf-8")
        desk.plan(
            phase_of("one", "tools.lock", "app.txt", max_attempts=2, ci=CHECK),
            phase_of("two", "tools.lock", max_attempts=2, ci=CHECK),
            workspace={"setup": [setup]},
            defaults={"complexity": "low"},
        )
        done = keyed.autopack("resume", "r", "--accept-plan-change")
        assert done.exit_code == 0, done.stderr
        assert len(server.asked("builder")) == 3


_EVERY_SECOND = """
import sys
from autopack.executor import heartbeat
heartbeat.HEARTBEAT_S = 1
from autopack.__main__ import main
sys.argv[0] = "autopack"
main()
"""


def test_a_command_that_takes_long_on_the_base_gives_a_sign_of_life_where_there_is_no_terminal(desk):
    desk.plan(workspace={"setup": ["sleep 2.5"]})
    checked = desk.python(_EVERY_SECOND, "plan", "check", "--run-checks")
    assert checked.exit_code == 0, checked.stderr
    lines = [line for line in checked.stderr.splitlines() if line.startswith("set-up: sleep 2.5")]
    assert lines[:2] == ["set-up: sleep 2.5", "set-up: sleep 2.5: running for 1 s"]
    assert lines[-1].startswith("set-up: sleep 2.5 ended after ")
