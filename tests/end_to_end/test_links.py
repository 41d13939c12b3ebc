"""A link that the repository holds where Autopack writes: it is refused in a sentence, and nothing is written through it."""

import os
import stat
from pathlib import Path

import pytest

from tests.support.command import ONE, Desk, ending, oracle_of, refusal
from tests.support.repos import git
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

LINKS = {
    "a source folder": (".autonomous_runs", "docs"),
    "git's hooks": (".autonomous_runs", ".git/hooks"),
    "the home": (".autonomous_runs", "{home}"),
    "nowhere": (".autonomous_runs", "made-by-the-run"),
    "its .gitignore, dangling": (".autonomous_runs/.gitignore", "../made-by-the-run"),
    "its .gitignore, the shell's": (".autonomous_runs/.gitignore", "{home}/.bashrc"),
    "the run's own folder": (".autonomous_runs/r", "../docs"),
    "its logs": (".autonomous_runs/r/ci", "../../docs"),
    "its error reports": (".autonomous_runs/r/errors", "../../docs"),
}


def commit_link(desk: Desk, name: str, target: str) -> None:
    path = desk.repo / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target.format(home=desk.home))
    git(desk.repo, "add", "-f", name)
    git(desk.repo, "commit", "-qm", "a link")


def everything(desk: Desk) -> dict[str, tuple[int, bytes]]:
    """Every file of the checkout, of git's hooks and of the user, with its bytes; Autopack's own state aside."""
    found = {}
    for root in (desk.repo, desk.home):
        for folder, names, files in os.walk(root):
            names[:] = [name for name in names if name not in (".git", "autopack") or name == "hooks"]
            for name in (*files, *names):
                path = Path(folder, name)
                status = path.lstat()
                found[str(path)] = (stat.S_IFMT(status.st_mode), path.read_bytes() if stat.S_ISREG(status.st_mode) else b"")
    hooks = desk.repo / ".git" / "hooks"
    return {**found, **{str(path): (0, path.read_bytes()) for path in hooks.iterdir()}}


@pytest.mark.parametrize("kind", LINKS)
def test_a_committed_link_where_records_are_to_be_is_refused_and_nothing_is_written_through_it(desk, kind):
    (desk.home / ".bashrc").write_text("mine\n", "utf-8")
    name, target = LINKS[kind]
    commit_link(desk, name, target)
    desk.plan()
    (desk.home / ".local/state").mkdir(parents=True)
    before = everything(desk)
    with scripted_server(oracle_of(ONE)) as server:
        said = refusal(desk.beside(server).autopack("run", "--run-id", "r"), 7)
        assert server.calls == []
    assert f"{desk.repo / name} is a link" in said
    assert "Remove it" in said
    assert {path: seen for path, seen in everything(desk).items() if "autopack" not in path} == {
        path: seen for path, seen in before.items() if "autopack" not in path
    }


def test_a_link_in_place_of_a_log_is_not_appended_to(desk):
    commit_link(desk, ".autonomous_runs/r/ci/one-1.log", "../../../app.txt")
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server:
        said = ending(desk.beside(server).autopack("run", "--run-id", "r"), 7)
    assert "one-1.log is a link" in said
    assert (desk.repo / "app.txt").read_text("utf-8") == "one\n"


def test_a_defect_is_reported_through_no_link_either(desk):
    commit_link(desk, ".autonomous_runs", "docs")
    done = desk.python(
        "import sys; from autopack.cli import app, command_group; command_group.root = lambda **_: 1 / 0; sys.exit(app.main(['init']))"
    )
    assert done.exit_code == 70, done.stderr
    assert "no report could be written" in done.stderr
    assert sorted(path.name for path in (desk.repo / "docs").iterdir()) == ["notes.txt"]


@pytest.mark.parametrize(("name", "target"), [(".autopack", "docs"), (".autopack", ".git/hooks"), (".autopack", "{home}")])
def test_init_writes_through_no_link(desk, name, target):
    commit_link(desk, name, target)
    before = everything(desk)
    said = refusal(desk.autopack("init"), 7)
    assert f"{desk.repo / name} is a link" in said
    after = everything(desk)
    assert {path for path in after if path not in before} <= {str(desk.repo / "autopack.yaml")}


def test_init_leaves_a_link_in_place_of_its_own_file_as_it_is(desk):
    commit_link(desk, "autopack.yaml", f"{desk.home}/made-by-init")
    done = desk.autopack("init")
    assert done.exit_code == 0, done.stderr
    assert "kept   autopack.yaml" in done.stdout
    assert not (desk.home / "made-by-init").exists()
