"""The work tree before and around a phase: set-up, linked environments, files that tools derive from edits, scoped directories."""

import json
import os
from pathlib import Path

import pytest

from tests.end_to_end import npm_case
from tests.end_to_end.npm_files import LOCK, PHASES
from tests.support.command import CHECK, FILES, ONE, Desk, ending, oracle_of, phase_of
from tests.support.oracle import Oracle
from tests.support.repos import commit_files
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

NOT_GREEN = {"tests": "none", "timeout_s": 30}


def test_setup_runs_once_and_again_when_its_file_changes(desk, tmp_path):
    log = tmp_path / "setups"
    commit_files(desk.repo, {"tools.lock": "1\n", ".gitignore": "/installed\n"}, "tools")
    setup = {"command": f"echo run >> '{log}'; cp tools.lock installed", "again_when": ["tools.lock"]}
    answers = {"one": {"app.txt": "two\n"}, "two": {"tools.lock": "2\n"}, "three": {"app.txt": "three\n"}}
    check = {**NOT_GREEN, "command": "cmp tools.lock installed && test -d assets/new"}
    desk.plan(
        phase_of("one", "app.txt", "assets/new/", ci=check),
        phase_of("two", "tools.lock", "assets/new/", ci=check),
        phase_of("three", "app.txt", "assets/new/", ci=check),
        workspace={"setup": [setup]},
        defaults={"complexity": "low"},
    )
    before = {**FILES, "tools.lock": "1\n"}
    with scripted_server(oracle_of(answers, before), faults=("3:status:status=401",)) as server:
        keyed = desk.beside(server).with_env(AUTOPACK_SANDBOX="off")
        ending(keyed.autopack("run", "--run-id", "r"), 6)
        assert log.read_text("utf-8").count("run") == 1
        done = keyed.autopack("resume", "r")
        assert done.exit_code == 0, done.stderr
    assert log.read_text("utf-8").count("run") == 2
    assert not (desk.repo / "installed").exists()
    assert desk.git("ls-tree", "-r", "--name-only", "autopack/r", "assets", "installed") == ""


def test_a_failing_setup_ends_the_run_before_anything_is_bought(desk):
    desk.plan(workspace={"setup": ["echo the shelf is empty >&2; exit 3"]})
    with scripted_server(oracle_of({"one": {"app.txt": "two\n"}})) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
        assert done.exit_code == 7, done.stderr
        assert server.calls == []
    assert "workspace.setup" in done.stderr
    assert "the shelf is empty" in done.stderr
    assert desk.autopack("status", "r", "--json").exit_code == 7


def test_a_linked_environment_is_a_copy_that_checks_use(desk):
    commit_files(desk.repo, {".gitignore": "/env/\n"}, "ignored")
    (desk.repo / "env").mkdir()
    (desk.repo / "env" / "tool").write_text("#!/bin/sh\necho used >> env/uses\ngrep -q two app.txt\n", "utf-8")
    (desk.repo / "env" / "tool").chmod(0o755)
    desk.plan(workspace={"link": ["env"]}, defaults={"complexity": "low", "ci": {**NOT_GREEN, "command": "env/tool"}})
    with scripted_server(oracle_of({"one": {"app.txt": "two\n"}})) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
    assert not (desk.repo / "env" / "uses").exists()


@pytest.mark.parametrize("sandbox", ["auto", "off"])
def test_a_check_writes_through_no_link_but_a_symlink_outside_of_a_sandbox_which_is_said(desk, sandbox):
    commit_files(desk.repo, {".gitignore": "/data/\n/open/\n"}, "ignored")
    for name in ("data", "open"):
        (desk.repo / name).mkdir()
        (desk.repo / name / "f").write_text("mine\n", "utf-8")
    attack = "grep -q mine data/f && grep -q mine open/f; read=$?; echo theirs >> data/f; echo theirs >> open/f; exit $read"
    links = [{"path": "data", "mode": "ro"}, {"path": "open", "mode": "symlink"}]
    desk.plan(workspace={"link": links}, defaults={"complexity": "low", "ci": {**NOT_GREEN, "command": attack}})
    with scripted_server(oracle_of({"one": {"app.txt": "two\n"}})) as server:
        done = desk.beside(server).with_env(AUTOPACK_SANDBOX=sandbox).autopack("run", "--run-id", "r", "--json")
    assert done.exit_code == 0, done.stderr
    assert (desk.repo / "data" / "f").read_text("utf-8") == "mine\n"
    is_walled = desk.status("r")["sandbox"] == "bubblewrap"
    said = [note["message"] for note in done.told("note") if "commands can write into your own open (mode symlink)" in note["message"]]
    assert len(said) == (not is_walled)
    assert ((desk.repo / "open" / "f").read_text("utf-8") == "mine\n") == is_walled


def test_an_install_that_leads_back_to_the_checkout_is_refused(desk):
    """A false green otherwise: the check would import the checkout's code, whatever the candidate says."""
    commit_files(desk.repo, {".gitignore": ".venv/\n", "app.py": "def answer():\n    return 1\n"}, "project")
    packages = desk.repo / ".venv" / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "__editable__.shop.pth").write_text(f"{desk.repo}\n", "utf-8")
    desk.plan(workspace={"link": [".venv"]})
    with scripted_server(oracle_of({"one": {"app.txt": "two\n"}})) as server:
        sentence = ending(desk.beside(server).autopack("run", "--run-id", "r"), 7)
        assert server.calls == []
    assert "__editable__.shop.pth leads back to" in sentence
    assert "workspace.setup" in sentence


def test_tools_derive_files_that_land_with_the_edit_and_may_write_nothing_else(desk):
    lock = "sort deps.txt | cksum > deps.lock"
    formatter = "for file in {changed}; do sed -i 's/ *$//' \"$file\"; done"
    commit_files(desk.repo, {"deps.txt": "b\n", "deps.lock": "old\n"}, "dependencies")
    before = {**FILES, "deps.txt": "b\n"}
    answers = {"add": {"deps.txt": "b\na\n", "docs/notes.txt": "white space   \n"}, "stray": {"deps.txt": "c\n"}}
    steps = [
        {"command": lock, "when": ["deps.txt"], "writes": ["deps.lock"]},
        {"command": formatter, "when": ["**/*.txt"], "writes": "changed"},
    ]
    stray = [{"command": "echo more > docs/stray.txt", "when": ["deps.txt"], "writes": ["deps.lock"]}]
    desk.plan(
        phase_of(
            "add",
            "deps.txt",
            "docs/",
            derive=steps,
            ci={**NOT_GREEN, "command": "sort deps.txt | cksum | cmp - deps.lock || ! grep -q a deps.txt"},
        ),
        phase_of("stray", "deps.txt", derive=stray, max_attempts=2, ci=CHECK),
        defaults={"complexity": "low"},
    )
    with scripted_server(oracle_of(answers, before)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 1, done.stdout + done.stderr
        assert "Written by tools" in server.asked("auditor", "add")[0].text
        first, second = server.asked("builder", "stray")
        assert "wrote 'docs/stray.txt'" in second.text
        assert "wrote 'docs/stray.txt'" not in first.text
    assert [line["kind"] for line in done.told("phase_recovering")] == ["derive_failed", "derive_failed"]
    assert desk.at("autopack/r", "deps.lock") not in ("", "old\n")
    assert desk.at("autopack/r", "docs/notes.txt") == "white space\n"
    message = desk.git("log", "-1", "--format=%B", "autopack/r")
    assert "Autopack-Phase: add" in message
    assert "Autopack-Derived: " in message
    assert "deps.lock" in message
    assert "stray" not in desk.git("ls-tree", "-r", "--name-only", "autopack/r")


@pytest.mark.skipif(bool(npm_case.missing_tools()), reason="needs node and npm")
def test_a_dependency_is_locked_by_npm_and_a_frozen_install_passes(tmp_path):
    if not npm_case.registry_answers(tmp_path):
        pytest.skip("npm has no registry here")
    names = npm_case.registry_names(os.environ)
    case = npm_case.build(tmp_path, env_from=names)
    outer = Desk.make(tmp_path / "desk")
    desk = Desk(case.repo, outer.environment).with_env(PATH=os.environ["PATH"], **{name: os.environ[name] for name in names})
    npmrc = Path("~/.npmrc").expanduser()
    if npmrc.is_file():
        (desk.home / ".npmrc").write_bytes(npmrc.read_bytes())
    with scripted_server(Oracle(PHASES)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--plan", case.plan)
        assert done.exit_code == 0, done.stderr
        assert len(server.calls) == 6
    assert f"Autopack-Derived: {LOCK}" in desk.git("log", "-1", "--format=%B", "autopack/r~1")
    npm_case.frozen_install(case.repo, "autopack/r", tmp_path)


def test_branch_subject_and_place_of_the_work_are_the_configurations_and_cwd_and_variables_the_plans(desk, tmp_path):
    """Without a sandbox, which would have to let the commands see that place."""
    trees = tmp_path / "trees"
    settings = {"git": {"branch": "bots/{run}", "subject": "[{phase}] {summary}"}, "workspace": {"dir": str(trees)}}
    (desk.home / ".config" / "autopack").mkdir(parents=True)
    (desk.home / ".config" / "autopack" / "settings.yaml").write_text(json.dumps(settings), "utf-8")
    look = 'test "$GREETING" = "hello you" && test -f notes.txt && pwd'
    desk.plan(phase_of("one", ci={**NOT_GREEN, "command": look, "cwd": "docs", "env": {"GREETING": "hello you"}, "log_on_success": True}))
    with scripted_server(oracle_of(ONE)) as server:
        done = desk.beside(server).with_env(AUTOPACK_SANDBOX="off").autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
    logs = "".join(log.read_text("utf-8") for log in (desk.repo / ".autonomous_runs" / "r" / "ci").glob("one-1*.log"))
    (where,) = {line for line in logs.splitlines() if line.startswith(str(tmp_path))}
    assert Path(where).is_relative_to(trees)
    assert where.endswith("/r/1/docs")
    assert not Path(where).exists(), "a run that is complete leaves no work tree"
    assert desk.git("log", "-1", "--format=%s", "bots/r") == "[one] one"
    assert desk.status("r")["branch"] == "bots/r"
    assert not [ref for ref in desk.branches() if ref.startswith("refs/heads/autopack/")]
