"""Filters of the user's git: they run in the sandbox or not at all, and what Git LFS keeps is there all the same."""

import hashlib
import shutil
from pathlib import Path

import pytest

from tests.support.command import CHECK, FILES, Desk, oracle_of, phase_of
from tests.support.repos import commit_files
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end
needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")


def add_to_git_config(desk: Desk, text: str) -> None:
    with (desk.home / ".gitconfig").open("a", encoding="utf-8") as file:
        file.write(text)


def places(log: Path) -> set[str]:
    """Where a filter ran outside of the sandbox."""
    return set(log.read_text("utf-8").splitlines()) if log.exists() else set()


@needs_bubblewrap
def test_a_smudge_and_a_clean_filter_do_their_work_in_the_sandbox(tmp_path):
    desk = Desk.make(tmp_path)
    commit_files(desk.repo, {"loud.dat": "loud\n", ".gitattributes": "*.dat filter=loud\n"}, "before any filter is known")
    outside = tmp_path / "ran-outside"
    ways = {"clean": "tr A-Z a-z", "smudge": "tr a-z A-Z"}
    lines = "".join(f'\t{name} = "pwd >> {outside} 2>/dev/null; {way}"\n' for name, way in ways.items())
    add_to_git_config(desk, f'[filter "loud"]\n{lines}')
    derive = [{"command": "cp loud.dat copy.dat", "when": ["app.txt"], "writes": ["copy.dat"]}]
    desk.plan(phase_of("one", derive=derive, ci={**CHECK, "command": 'test "$(cat loud.dat)" = LOUD'}))
    with scripted_server(oracle_of({"one": {"app.txt": "two\n"}})) as server:
        outside.unlink(missing_ok=True)
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
    assert desk.status("r")["sandbox"] == "bubblewrap"
    assert places(outside) <= {str(desk.repo)}, "the user's own git looks at the user's own files"
    assert desk.at("autopack/r", "copy.dat") == "loud\n"


def test_what_git_lfs_keeps_is_filled_in_from_the_store_and_no_git_lfs_runs(tmp_path):
    desk = Desk.make(tmp_path)
    data = b"large\0file\n" * 1000
    oid = hashlib.sha256(data).hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(data)}\n"
    away = pointer.replace(oid, "0" * 64)
    rules = {".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n", ".lfsconfig": "[lfs]\n\turl = https://example.invalid\n"}
    commit_files(desk.repo, {"here.bin": pointer, "away.bin": away, **rules}, "large files")
    kept = desk.repo / ".git" / "lfs" / "objects" / oid[:2] / oid[2:4] / oid
    kept.parent.mkdir(parents=True)
    kept.write_bytes(data)
    ran = tmp_path / "git-lfs-ran"
    add_to_git_config(desk, f'[filter "lfs"]\n\tclean = "pwd >> {ran}; cat"\n\tsmudge = "pwd >> {ran}; cat"\n\trequired = true\n')
    ci = {**CHECK, "command": f'test "$(sha256sum here.bin | cut -c1-64)" = {oid} && grep -q "oid sha256:0000" away.bin'}
    desk.plan(phase_of("one", ci=ci))
    with scripted_server(oracle_of({"one": {"app.txt": "two\n"}})) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
    assert done.told("check_wrote") == []
    assert places(ran) <= {str(desk.repo)}
    assert desk.at("autopack/r", "here.bin") == pointer


@pytest.mark.parametrize("name", [".gitignore", ".gitattributes", ".lfsconfig"])
def test_a_file_that_git_goes_by_is_edited_only_where_the_scope_names_it_and_the_auditor_is_told(tmp_path, name):
    desk = Desk.make(tmp_path, {**FILES, f"docs/{name}": "# old\n"})
    before = {**FILES, f"docs/{name}": "# old\n"}
    change = {"app.txt": "two\n", f"docs/{name}": "# new\n"}
    desk.plan(phase_of("exact", "app.txt", f"docs/{name}", ci=CHECK), phase_of("wide", "./", max_attempts=1, ci=CHECK))
    with scripted_server(oracle_of({"exact": change, "wide": {f"docs/{name}": "# newer\n"}}, before)) as server:
        shell = desk.beside(server)
        done = shell.autopack("run", "--run-id", "r", "--json")
        assert [line["kind"] for line in done.told("phase_recovering")] == ["scope_violation"], done.stdout + done.stderr
        assert server.asked("auditor", "wide") == []
        (asked,) = server.asked("auditor", "exact")
    assert f"what git ignores, converts or filters; judge whether the task asks for that: docs/{name}" in asked.text
    assert desk.at("autopack/r", f"docs/{name}") == "# new\n"
