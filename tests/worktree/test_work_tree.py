import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autopack.core.candidate import DerivedFiles
from autopack.core.errors import AttemptFailed, EnvironmentBlockedError
from autopack.edits.model import AcceptedEdits
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.candidate import Content, Stamp, make_candidate
from autopack.worktree.message import CommitText
from autopack.worktree.repository import Identity, Repository
from tests.support.git_repository import impatient, toy_repository, work_tree_at


@pytest.fixture
def toy(tmp_path):
    return toy_repository(tmp_path)


@pytest.fixture
def repository(toy):
    return Repository.discover(toy.root, toy.environment).owned_by("r1", "autopack/r1")


@pytest.fixture
def place(tmp_path):
    return tmp_path / "state ü" / "r1" / "s1"


def head(toy):
    return toy.git("rev-parse", "HEAD")


def files(place):
    found = (path.relative_to(place) for path in place.rglob("*") if not path.is_dir() or path.is_symlink())
    return {
        str(path): str((place / path).readlink()) if (place / path).is_symlink() else (place / path).read_text()
        for path in found
        if path.parts[0] != ".git"
    }


FIRST = {"a.py": "a = 1\n", "src/b.py": "b = 1\n"}


def test_work_tree_is_made_detached_with_the_commits_files(repository, toy, place):
    work_tree_at(repository, place, head(toy))
    assert files(place) == FIRST
    assert toy.git("status", "--porcelain", cwd=place) == ""
    assert toy.git("rev-parse", "HEAD", cwd=place) == head(toy)
    assert (toy.root / ".git/worktrees/autopack+r1+s1").is_dir()
    assert toy.git("branch", "--show-current", cwd=place) == ""


def test_reset_makes_tracked_files_exact_and_removes_everything_else(repository, toy, place):
    commit = toy.commit({".gitignore": "*.log\nnode_modules/\n", "run.sh": "#!/bin/sh\n"})
    work_tree = work_tree_at(repository, place, commit)
    (place / "a.py").write_text("spoilt")
    (place / "src/b.py").unlink()
    (place / "run.sh").chmod(0o755)
    for name in ("new.py", "deep/er/new ü\n.txt", "x.log", "node_modules/p/index.js"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("x")
    (place / "empty/directory").mkdir(parents=True)
    toy.git("init", "-q", str(place / "nested"))
    work_tree.reset(commit)
    assert files(place) == {
        **FIRST,
        ".gitignore": "*.log\nnode_modules/\n",
        "run.sh": "#!/bin/sh\n",
    }
    assert not (place / "nested").exists()
    assert not (place / "empty").exists()
    assert not os.access(place / "run.sh", os.X_OK)


def test_reset_goes_to_other_commits_and_back(repository, toy, place):
    first = head(toy)
    second = toy.commit({"a.py": "a = 2\n", "c/d.py": "d\n"})
    work_tree = work_tree_at(repository, place, first)
    for commit, expected in [(second, {**FIRST, "a.py": "a = 2\n", "c/d.py": "d\n"}), (first, FIRST), (first, FIRST)]:
        work_tree.reset(commit)
        assert files(place) == expected
        assert toy.git("rev-parse", "HEAD", cwd=place) == commit
        assert toy.git("status", "--porcelain", cwd=place) == ""


@pytest.mark.parametrize("swap", ["file_to_directory", "directory_to_file", "directory_to_link", "file_to_link", "no_permission"])
def test_reset_survives_what_commands_do_to_paths(repository, toy, place, tmp_path, swap):
    commit = head(toy)
    work_tree = work_tree_at(repository, place, commit)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.py").write_text("outside\n")
    match swap:
        case "file_to_directory":
            (place / "a.py").unlink()
            (place / "a.py/deep").mkdir(parents=True)
            (place / "a.py/deep/x").write_text("x")
        case "directory_to_file":
            shutil.rmtree(place / "src")
            (place / "src").write_text("x")
        case "directory_to_link":
            shutil.rmtree(place / "src")
            (place / "src").symlink_to(outside)
        case "file_to_link":
            (place / "a.py").unlink()
            (place / "a.py").symlink_to(outside / "b.py")
        case "no_permission":
            (place / "new/deep").mkdir(parents=True)
            (place / "new/deep/x").write_text("x")
            (place / "new/deep").chmod(0o555)
            (place / "new").chmod(0o555)
    assert work_tree.written() != ()
    work_tree.reset(commit)
    assert files(place) == FIRST
    assert not (place / "src").is_symlink()
    assert files(outside) == {"b.py": "outside\n"}


def test_commands_that_play_with_git_do_not_fool_it(repository, toy, place):
    commit = toy.commit({"c.py": "c\n"})
    work_tree = work_tree_at(repository, place, commit)
    for name in ("a.py", "c.py"):
        (place / name).write_text("changed behind git's back\n")
    toy.git("update-index", "--assume-unchanged", "a.py", cwd=place)
    toy.git("update-index", "--skip-worktree", "c.py", cwd=place)
    (place / "src/b.py").write_text("staged\n")
    (place / "added.py").write_text("staged\n")
    toy.git("add", "src/b.py", "added.py", cwd=place)
    toy.git("commit", "-qm", "by a command", cwd=place)
    assert work_tree.written() == ("a.py", "added.py", "c.py", "src/b.py")
    (place / ".git").unlink()
    work_tree.reset(commit)
    assert files(place) == {**FIRST, "c.py": "c\n"}
    assert toy.git("rev-parse", "HEAD", cwd=place) == commit
    assert toy.git("status", "--porcelain", cwd=place) == ""


def test_half_done_merge_is_ended(repository, toy, place):
    first = head(toy)
    second = toy.commit({"a.py": "a = 2\n"})
    work_tree = work_tree_at(repository, place, first)
    (place / "a.py").write_text("a = 3\n")
    toy.git("commit", "-qam", "other", cwd=place)
    with pytest.raises(AssertionError):
        toy.git("merge", second, cwd=place)
    assert (toy.root / ".git/worktrees/autopack+r1+s1/MERGE_HEAD").exists()
    work_tree.reset(first)
    assert not (toy.root / ".git/worktrees/autopack+r1+s1/MERGE_HEAD").exists()
    assert files(place) == FIRST


def test_same_size_write_at_the_same_instant_is_seen(repository, toy, place):
    commit = head(toy)
    work_tree = work_tree_at(repository, place, commit)
    for number in range(15):
        stat = (place / "a.py").stat()
        (place / "a.py").write_text(f"a = {number % 8 + 2}\n")
        os.utime(place / "a.py", ns=(stat.st_atime_ns, stat.st_mtime_ns))
        assert work_tree.written() == ("a.py",)
        work_tree.reset(commit)
        assert work_tree.written() == ()


def test_touched_file_with_the_same_bytes_was_not_written(repository, toy, place):
    work_tree = work_tree_at(repository, place, head(toy))
    os.utime(place / "a.py")
    assert work_tree.written() == ()


def test_what_a_command_wrote_is_told_and_gone_after_it(repository, toy, place):
    commit = toy.commit({".gitignore": "*.log\n"})
    work_tree = work_tree_at(repository, place, commit)
    (place / "x.log").write_text("x")
    (place / "new/ü.txt").parent.mkdir()
    (place / "new/ü.txt").write_text("x")
    (place / "src/b.py").unlink()
    assert work_tree.written() == ("new/ü.txt", "src/b.py")
    assert work_tree.settle() == ("new/ü.txt", "src/b.py")
    assert files(place) == {**FIRST, ".gitignore": "*.log\n"}
    assert work_tree.written() == ()


def test_ignore_rules_that_a_command_wrote_hide_nothing_but_a_cache_of_its_own(repository, toy, place):
    work_tree = work_tree_at(repository, place, head(toy))
    for name in ("src/.gitignore", "src/conftest.py", ".pytest_cache/v/x", "made/x"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("*\n")
    (place / ".pytest_cache/.gitignore").write_text("# Created by pytest automatically.\n*\n")
    (place / "made/.gitignore").write_text("*\n!x\n")
    assert work_tree.settle() == ("made/.gitignore", "made/x", "src/.gitignore", "src/conftest.py")


def test_what_a_checkout_would_convert_counts_as_unchanged(repository, toy, place):
    toy.git("config", "filter.up.clean", "tr a-z A-Z")
    toy.git("config", "filter.up.smudge", "tr A-Z a-z")
    toy.git("config", "core.autocrlf", "true")
    toy.write({".gitattributes": "*.bat eol=crlf\n*.up filter=up\n", "x.bat": "one\r\n", "y.up": "loud\n", "plain.txt": "lf\n"})
    toy.git("add", ".")
    toy.git("commit", "-qm", "filters")
    commit = head(toy)
    work_tree = work_tree_at(repository, place, commit)
    assert (place / "x.bat").read_bytes() == b"one\r\n"
    assert (place / "y.up").read_bytes() == b"loud\n"
    assert (place / "plain.txt").read_bytes() == b"lf\n"
    assert toy.show(commit, "y.up") == b"LOUD\n"
    for name in ("x.bat", "y.up"):
        os.utime(place / name)
    assert work_tree.written() == ()
    (place / "x.bat").write_bytes(b"two\r\n")
    (place / "y.up").write_bytes(b"more\n")
    hashed = {file.path: file.blob for file in work_tree.hash_files(work_tree.written()).files}
    assert toy.git("cat-file", "blob", hashed["x.bat"]) == "two"
    assert toy.git("cat-file", "blob", hashed["y.up"]) == "MORE"


def test_users_ignore_file_holds_here_too(repository, toy, place, tmp_path):
    ignore = tmp_path / "home/.config/git/ignore"
    ignore.parent.mkdir(parents=True)
    ignore.write_text("__pycache__/\n")
    work_tree = work_tree_at(repository, place, head(toy))
    (place / "__pycache__").mkdir()
    (place / "__pycache__/a.pyc").write_text("x")
    assert work_tree.written() == ()


def test_what_set_up_left_is_as_it_left_it_before_every_command(repository, toy, place, tmp_path):
    first = head(toy)
    second = toy.commit({"a.py": "a = 2\n", "src/new.py": "n\n"})
    work_tree = work_tree_at(repository, place, first)
    made = {".venv/bin/tool": "tool", ".venv/lib/x.py": "x", "src/built.o": "o", "src/gone/y": "y"}
    for name, text in made.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    os.utime(place / ".venv/lib/x.py", ns=(1_000_000_007, 1_000_000_009))
    (place / ".venv/bin/tool").chmod(0o755)
    (place / ".venv/link").symlink_to("bin/tool")
    (place / ".venv/empty").mkdir()
    (place / "a.py").write_text("set-up changed a file of the commit")
    work_tree.keep({"on": "x"})
    at_first = {**FIRST, **made, ".venv/link": "bin/tool"}
    assert files(place) == at_first
    (place / ".venv/bin/tool").write_text("evil")
    (place / ".venv/lib/x.py").unlink()
    (place / ".venv/lib/evil.pth").write_text("import evil")
    (place / ".venv/link").unlink()
    (place / ".venv/link").symlink_to("/bin/true")
    (place / ".venv/empty").rmdir()
    shutil.rmtree(place / "src")
    assert ".venv/lib/evil.pth" in work_tree.settle()
    assert files(place) == at_first
    assert (place / ".venv/empty").is_dir()
    assert os.access(place / ".venv/bin/tool", os.X_OK)
    assert (place / ".venv/lib/x.py").stat().st_mtime_ns == 1_000_000_009
    assert work_tree.written() == ()
    work_tree.reset(second)
    assert files(place) == {**at_first, "a.py": "a = 2\n", "src/new.py": "n\n"}
    again = work_tree_at(repository, place, first)
    assert files(place) == at_first
    assert again.kept.label == {"on": "x"}
    again.forget()
    assert files(place) == FIRST


def test_what_set_up_left_on_a_candidate_goes_with_it(repository, toy, place):
    work_tree = work_tree_at(repository, place, head(toy))
    (place / "made").write_text("trusted")
    work_tree.keep({"on": ""})
    for last in ("fall_back", "trust"):
        (place / "made").write_text("by a candidate")
        (place / "more").write_text("by a candidate")
        work_tree.keep({"on": "c"}, is_trusted=False)
        getattr(work_tree_at(repository, place, head(toy)) if last == "trust" else work_tree, last)()
        work_tree.reset(head(toy))
        if last == "fall_back":
            assert files(place) == {**FIRST, "made": "trusted"}
            assert work_tree.kept.label == {"on": ""}
    assert files(place) == {**FIRST, "made": "by a candidate", "more": "by a candidate"}
    assert len(list((place.parent / ".s1.kept").glob("[0-9]*"))) == 1


def test_what_set_up_made_gives_way_to_files_of_a_commit_and_comes_back(repository, toy, place):
    first = head(toy)
    second = toy.commit({"out": "a file now\n", "gen/tracked/x.py": "x\n", "made.txt": "committed\n"})
    work_tree = work_tree_at(repository, place, first)
    made = {"out/deep/y": "y", "gen/tracked/z": "z", "made.txt": "made\n", "src/q/r": "r"}
    for name, text in made.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    work_tree.keep({})
    third = {"out": "a file now\n", "gen/tracked/x.py": "x\n", "gen/tracked/z": "z", "made.txt": "committed\n", "src/q/r": "r"}
    without = toy.git("commit-tree", "-m", "empty", toy.git("hash-object", "-t", "tree", "-w", "/dev/null"))
    for commit, expected in (
        (second, {**FIRST, **third}),
        (first, {**FIRST, **made}),
        (without, made),
        (second, {**FIRST, **third}),
        (first, {**FIRST, **made}),
    ):
        work_tree.reset(commit)
        assert files(place) == expected
        assert work_tree.written() == ()


def test_linked_copy_is_made_again_from_the_users_own_and_not_kept_twice(repository, toy, place):
    own = toy.root / ".venv/lib"
    own.mkdir(parents=True)
    (own / "x.py").write_text("x")
    work_tree = work_tree_at(repository, place, head(toy), linked=(".venv",))
    shutil.copytree(toy.root / ".venv", place / ".venv")
    work_tree.keep({})
    assert not list((place.parent / ".s1.kept").rglob("x.py"))
    (place / ".venv/lib/x.py").write_text("evil")
    work_tree.settle()
    assert (place / ".venv/lib/x.py").read_text() == "x"
    (own / "x.py").write_text("newer")
    (place / ".venv/lib/x.py").write_text("evil")
    with pytest.raises(EnvironmentBlockedError, match=r"no copy any more.*resume"):
        work_tree.settle()
    again = work_tree_at(repository, place, head(toy), linked=(".venv",))
    assert again.kept.label == {}
    assert files(place) == FIRST


def test_draft_is_on_disk_for_derive_steps_and_what_they_write_is_told_apart(repository, toy, place, tmp_path):
    commit = head(toy)
    work_tree = work_tree_at(repository, place, commit)
    base = BaseTree(repository.git, commit)
    content = Content(AcceptedEdits({"a.py": "a=2\n", "new.sh": "#!/bin/sh\n", "src/b.py": None}, {}), {})
    work_tree.write(base, content)
    assert files(place) == {"a.py": "a=2\n", "new.sh": "#!/bin/sh\n"}
    assert os.access(place / "new.sh", os.X_OK)
    (place / "a.py").write_text("a = 2\n")
    (place / "lock ü.json").write_text("{}\n")
    (place / "link").symlink_to("a.py")
    (place / "new.sh").unlink()
    written = work_tree.written()
    assert written == ("a.py", "link", "lock ü.json", "new.sh")
    derived = work_tree.hash_files(written)
    assert [(file.path, file.mode, file.blob is None) for file in derived.files] == [
        ("a.py", "100644", False), ("link", "120000", False), ("lock ü.json", "100644", False), ("new.sh", "100644", True),
    ]  # fmt: skip
    stamp = Stamp(CommitText("s"), Identity("A", "a@b"), 1e9, "refs/autopack/r1/p/1")
    candidate = make_candidate(repository, base, Content(content.accepted, {}, derived), stamp).candidate
    assert toy.show(candidate.commit, "a.py") == b"a = 2\n"
    assert toy.show(candidate.commit, "link") == b"a.py"
    assert candidate.derived == ("a.py", "link", "lock ü.json")
    work_tree.reset(candidate.commit)
    assert files(place) == {"a.py": "a = 2\n", "link": "a.py", "lock ü.json": "{}\n"}
    work_tree.remove()
    assert toy.git("for-each-ref", "--format=%(refname)") == "refs/autopack/r1/p/1\nrefs/heads/main"


def test_written_repository_cannot_become_part_of_the_change(repository, toy, place):
    work_tree = work_tree_at(repository, place, head(toy))
    toy.git("init", "-q", str(place / "nested"))
    assert work_tree.written() == ("nested/",)
    with pytest.raises(AttemptFailed, match="nested/, which is no file"):
        work_tree.hash_files(("nested/",))
    assert work_tree.hash_files(()) == DerivedFiles()


def test_scoped_directories_are_there_before_anything_is_built(repository, toy, place, tmp_path):
    work_tree = work_tree_at(repository, place, head(toy))
    (place / "out").symlink_to(tmp_path)
    work_tree.prepare_directories(["new/api/", "docs/**/*.md", "x/y.py", "a.py", "*.txt", "out/evil/", "../evil/", "a.py/evil/"])
    assert {path.name for path in place.iterdir() if path.is_dir() and not path.is_symlink()} == {"src", "new", "docs", "x"}
    assert (place / "new/api").is_dir()
    assert not (tmp_path / "evil").exists()
    assert not (place.parent / "evil").exists()


def test_work_tree_that_somebody_deleted_is_made_again(repository, toy, place):
    commit = head(toy)
    work_tree = work_tree_at(repository, place, commit)
    shutil.rmtree(place.parent)
    assert work_tree.written() == ("a.py", "src/b.py")
    work_tree.reset(commit)
    assert files(place) == FIRST
    shutil.rmtree(toy.root / ".git/worktrees/autopack+r1+s1")
    work_tree.reset(commit)
    assert files(place) == FIRST
    assert toy.git("worktree", "list", "--porcelain").count("worktree ") == 2


def test_branch_whose_name_is_the_commits_id_is_not_taken_for_it(repository, toy, place):
    work_tree, first = work_tree_at(repository, place, head(toy)), head(toy)
    (toy.root / "a.py").write_text("a = 2\n", "utf-8")
    toy.git("commit", "-qam", "another")
    other = head(toy)
    work_tree.reset(other)
    toy.git("update-ref", f"refs/heads/{first}", other)
    work_tree.reset(first)
    assert files(place) == FIRST
    assert toy.git("-C", str(place), "rev-parse", "HEAD^0") == first


@pytest.mark.parametrize("left", ["", "\0" * 41, "4ddbb42"])
@pytest.mark.parametrize("name", ["HEAD", "commondir"])
def test_work_tree_whose_registration_a_power_cut_left_empty_is_made_again(repository, toy, place, name, left):
    work_tree_at(repository, place, head(toy))
    (repository.common_dir / "worktrees" / "autopack+r1+s1" / name).write_text(left, "utf-8")
    work_tree = work_tree_at(repository, place, head(toy))
    assert files(place) == FIRST
    assert work_tree.written() == ()
    assert repository.git.line("-C", str(place), "rev-parse", "HEAD") == head(toy)


def test_a_work_tree_never_acts_on_a_repository_around_it(repository, toy, place, tmp_path):
    work_tree = work_tree_at(repository, place, head(toy))
    toy.git("init", "-q", str(tmp_path / "state ü"))
    (tmp_path / "state ü/mine.txt").write_text("mine")
    (place / ".git").unlink()
    work_tree.reset(head(toy))
    assert (tmp_path / "state ü/mine.txt").read_text() == "mine"
    assert files(place) == FIRST


def test_place_inside_a_repository_is_refused(repository, toy):
    with pytest.raises(EnvironmentBlockedError, match=r"workspace\.dir") as caught:
        work_tree_at(repository, toy.root / "below/r1/s1", head(toy))
    assert str(toy.root) in caught.value.message
    with pytest.raises(EnvironmentBlockedError):
        work_tree_at(repository, toy.root / ".git/autopack/r1/s1", head(toy))
    assert not (toy.root / "below").exists()


def test_removing_takes_no_lock_on_all_refs(repository, toy, place):
    """A git that is killed with ``packed-refs.lock`` in its hands leaves the user's own git stuck."""
    work_tree = work_tree_at(repository, place, head(toy))
    draft = toy.root / ".git/refs/autopack/r1/_draft/s1"
    draft.parent.mkdir(parents=True)
    draft.write_text(head(toy) + "\n", "ascii")
    lock = toy.root / ".git/packed-refs.lock"
    lock.touch()
    work_tree.remove()
    lock.unlink()
    assert not draft.parent.exists()
    assert toy.git("for-each-ref", "refs/autopack") == ""


def test_removing_forgets_a_draft_that_was_packed(repository, toy, place):
    work_tree = work_tree_at(repository, place, head(toy))
    toy.git("update-ref", "refs/autopack/r1/_draft/s1", head(toy))
    toy.git("pack-refs", "--all")
    work_tree.remove()
    assert toy.git("for-each-ref", "refs/autopack") == ""


def test_removing_leaves_nothing_and_touches_nobody_elses_work_tree(repository, toy, place, tmp_path):
    toy.git("worktree", "add", "-q", "--detach", str(tmp_path / "users"))
    shutil.rmtree(tmp_path / "users")
    work_tree = work_tree_at(repository, place, head(toy))
    other = work_tree_at(repository, place.parent / "s2", head(toy))
    work_tree.remove()
    work_tree.remove()
    assert not place.exists()
    assert files(other.place) == FIRST
    assert sorted(path.name for path in (toy.root / ".git/worktrees").iterdir()) == ["autopack+r1+s2", "users"]
    other.remove()
    assert not place.parent.exists()


def test_stale_locks_and_a_torn_index_are_no_obstacle(repository, toy, place):
    first = head(toy)
    second = toy.commit({"a.py": "a = 2\n"})
    work_tree = work_tree_at(repository, place, first)
    admin = toy.root / ".git/worktrees/autopack+r1+s1"
    for name in ("index.lock", "HEAD.lock", "ORIG_HEAD.lock", "autopack-index.lock"):
        (admin / name).touch()
    work_tree.reset(second)
    assert files(place)["a.py"] == "a = 2\n"
    assert list(admin.glob("*.lock")) == []
    (admin / "autopack-index").write_bytes(b"DIRC torn")
    (admin / "autopack-index.lock").touch()
    (place / "b.txt").write_text("x")
    work_tree.reset(first)
    assert files(place) == FIRST


def test_lock_of_a_git_that_still_runs_is_waited_for(repository, toy, place):
    work_tree = work_tree_at(impatient(repository), place, head(toy))
    import fcntl

    with (place.parent / ".s1.guard").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(EnvironmentBlockedError, match=r"s1\.guard"):
            work_tree.reset(head(toy))
    work_tree.reset(head(toy))


KILLED = """
import os, sys
from pathlib import Path
from autopack.worktree.repository import Repository
from tests.support.git_repository import work_tree_at
root, place, first, second = sys.argv[1:]
repository = Repository.discover(Path(root), dict(os.environ)).owned_by("r1", "autopack/r1")
work_tree = work_tree_at(repository, Path(place), first)
print("made", flush=True)
while True:
    work_tree.reset(second)
    Path(place, "trash.txt").write_text("x")
    work_tree.reset(first)
"""


@pytest.mark.parametrize("delay_ms", [0, 3, 7, 12, 18, 25, 40, 60])
def test_killed_at_any_instant_the_next_reset_is_exact(repository, toy, place, delay_ms):
    first = head(toy)
    second = toy.commit({f"many/{number}.txt": f"{number}\n" for number in range(60)})
    code = [sys.executable, "-c", KILLED, str(toy.root), str(place), first, second]
    child = subprocess.Popen(code, env={**toy.environment, "PYTHONPATH": str(Path(__file__).parents[2])}, stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"made\n"
    time.sleep(delay_ms / 1000)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    work_tree = work_tree_at(repository, place, first)
    assert files(place) == FIRST
    assert toy.git("status", "--porcelain", cwd=place) == ""
    assert list((toy.root / ".git/worktrees/autopack+r1+s1").rglob("*.lock")) == []
    work_tree.remove()
    toy.git("fsck", "--strict")


def test_killed_while_it_is_made_it_is_made_again(repository, toy, place):
    from autopack.worktree.registration import Registration

    known = Registration(toy.root / ".git", place)
    making = place.parent / known.name
    making.parent.mkdir(parents=True)
    toy.git("worktree", "add", "-q", "--detach", "--no-checkout", str(making))
    work_tree_at(repository, place, head(toy))
    assert files(place) == FIRST
    assert not making.exists()
    shutil.rmtree(known.admin)
    place.joinpath("junk").mkdir()
    work_tree_at(repository, place, head(toy))
    assert files(place) == FIRST
    assert not (place / "junk").exists()


def test_place_that_moved_takes_the_name_along(repository, toy, place, tmp_path):
    work_tree_at(repository, place, head(toy))
    moved = tmp_path / "elsewhere/r1/s1"
    work_tree_at(repository, moved, head(toy))
    assert files(moved) == FIRST
    assert not place.exists()
    assert toy.git("worktree", "list", "--porcelain").count("worktree ") == 2
