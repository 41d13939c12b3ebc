"""`workspace.submodules: true`: their files are there for set-up and checks, from the user's own clones and nothing else."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.command import CHECK, ONE, Desk, oracle_of, phase_of
from tests.support.oracle import Oracle, changes_between
from tests.support.repos import git, make_repo
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end
LIB = {"lib.txt": "of the library\n", "tool.sh": "#!/bin/sh\necho tool\n", ".gitattributes": "*.txt filter=mark\n", "deep/er.txt": "deep\n"}
FILLED = {
    "command": "grep -qx 'of the library' lib/one/lib.txt && lib/one/tool.sh && test -L lib/one/link && test -f lib/one/inner/in.txt",
    "tests": "none",
}


def add_submodule(into: Path, source: Path, path: str) -> None:
    git(into, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(source), path)
    git(into, "commit", "-qm", f"submodule {path}")


@pytest.fixture
def with_library(desk, tmp_path) -> Desk:
    """A submodule with one of its own, and a filter and a hook of the user's that must not run on what it holds."""
    inner = make_repo(tmp_path / "inner", {"in.txt": "in\n"})
    library = make_repo(tmp_path / "library", LIB, executable=["tool.sh"])
    (library / "link").symlink_to("lib.txt")
    git(library, "add", "link")
    add_submodule(library, inner, "inner")
    add_submodule(desk.repo, library, "lib/one")
    git(desk.repo, "-c", "protocol.file.allow=always", "submodule", "update", "-q", "--init", "--recursive")
    for folder in (inner, library):
        folder.rename(folder.with_name(f"{folder.name}-gone"))
    (desk.home / ".gitconfig").write_text(
        f'[filter "mark"]\n\tsmudge = "touch {tmp_path}/filtered; cat"\n\tclean = "touch {tmp_path}/filtered; cat"\n'
    )
    for clone in (".git/modules/lib/one", ".git/modules/lib/one/modules/inner"):
        hook = desk.repo / clone / "hooks" / "post-checkout"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/hooked\n")
        hook.chmod(0o755)
    return desk


def test_checks_and_set_up_find_the_files_of_a_submodule_and_of_those_within_it(with_library, tmp_path):
    desk = with_library
    before = subprocess.check_output(["git", "status", "--porcelain"], cwd=desk.repo)
    setup = FILLED["command"]
    desk.plan(
        phase_of("one", ci={**FILLED, "writes": "fail"}), phase_of("two", ci=FILLED), workspace={"submodules": True, "setup": [setup]}
    )
    with scripted_server(oracle_of({**ONE, "two": {"app.txt": "three\n"}})) as server:
        shell = desk.beside(server)
        checked = shell.autopack("plan", "check", "--run-checks")
        assert "green on the base" in checked.stderr, checked.stderr
        done = shell.autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stderr
    assert "lib/one, lib/one/inner" in done.told("submodules")[0]["message"]
    assert done.told("check_wrote") == []
    assert desk.git("diff", "--name-only", "main", "autopack/r") == "app.txt"
    assert subprocess.check_output(["git", "status", "--porcelain"], cwd=desk.repo).replace(b"?? autopack.yaml\n", b"") == before
    assert not (tmp_path / "hooked").exists()


def test_a_later_start_finds_them_filled_or_fills_them_again(with_library):
    desk = with_library
    desk.plan(phase_of("one", ci=FILLED, gate="hold"), phase_of("two", ci=FILLED), workspace={"submodules": True})
    with scripted_server(oracle_of({**ONE, "two": {"app.txt": "three\n"}})) as server:
        shell = desk.beside(server)
        assert shell.autopack("run", "--run-id", "r").exit_code == 4
        (place,) = (desk.home / ".local/state/autopack").glob("*/r/1")
        (stamps,) = (desk.repo / ".git/worktrees").glob("*/autopack-submodules.json")
        stamps.unlink()  # as one that was killed in the midst of it leaves it
        (place / "lib/one/lib.txt").unlink()
        (place / "lib/one/half").write_text("half")
        assert shell.autopack("approve", "r", "one").exit_code == 0
        done = shell.autopack("resume", "r")
        assert done.exit_code == 0, done.stderr


def test_an_edit_does_not_reach_into_a_submodule(with_library):
    desk = with_library
    phase = phase_of("one", "app.txt", "lib/", max_attempts=1)
    desk.plan(phase, workspace={"submodules": True})
    with scripted_server(Oracle({"one": changes_between({}, {"lib/one/new.txt": "new\n"})})) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
    assert done.exit_code == 1, done.stderr
    assert "another git repository" in desk.autopack("show", "r", "one").stdout


def test_a_clone_that_is_not_there_ends_the_run_before_anything_is_bought(with_library):
    desk = with_library
    (desk.repo / ".git/modules/lib/one/modules/inner").rename(desk.repo / ".git/inner-gone")
    desk.plan(workspace={"submodules": True})
    with scripted_server(oracle_of(ONE)) as server:
        shell = desk.beside(server)
        assert "your clone of 'lib/one/inner' is not there" in shell.autopack("plan", "check").stderr
        done = shell.autopack("run", "--run-id", "r")
        assert (done.exit_code, server.calls) == (7, [])
    assert "git submodule update --init --recursive" in done.stderr


def test_init_and_plan_check_speak_of_submodules_and_the_plan_of_init_fills_them(with_library):
    desk = with_library
    done = desk.autopack("init")
    assert "submodules  lib/one" in done.stdout
    assert "submodules: true" in (desk.repo / "autopack.yaml").read_text("utf-8")
    assert "is a submodule" not in desk.autopack("plan", "check").stderr
    desk.plan(phase_of("one", ci=CHECK))
    assert "`lib/one` is a submodule, empty in a run" in desk.autopack("plan", "check").stderr


def test_an_empty_submodule_costs_no_attempt_and_the_advice_works(with_library):
    desk = with_library
    desk.plan(phase_of("one", ci={"command": "cat lib/one/lib.txt", "tests": "none"}))
    with scripted_server(oracle_of(ONE)) as server:
        shell = desk.beside(server)
        done = shell.autopack("run", "--run-id", "r")
        assert (done.exit_code, server.calls) == (7, []), done.stderr
        assert "submodules: true" in done.stderr
        desk.plan(phase_of("one", ci={"command": "cat lib/one/lib.txt", "tests": "none"}), workspace={"submodules": True})
        done = shell.autopack("run", "--run-id", "s", "--new")
        assert done.exit_code == 0, done.stderr
    assert os.listdir(desk.repo / "lib/one")  # noqa: PTH208 - the user's own is as it was
