from dataclasses import replace

import pytest

from autopack.core.candidate import DerivedFile, DerivedFiles
from autopack.core.errors import AttemptFailed
from autopack.core.failure import FailureKind
from autopack.edits.model import AcceptedEdits, EditRefused
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.blobs import blob_id
from autopack.worktree.candidate import Content, Stamp, make_candidate
from autopack.worktree.git import Git, GitError
from autopack.worktree.message import CommitText
from autopack.worktree.repository import Identity, Repository
from tests.support.git_repository import toy_repository

TEXT = CommitText("parse: add it", "Why and how.", (("Autopack-Run", "r1"), ("Autopack-Phase", "p"), ("Autopack-Attempt", "1")))
STAMP = Stamp(TEXT, Identity("Ann Ü", "ann@example.org"), 1_700_000_000.9, "refs/autopack/r1/p/1")


@pytest.fixture(params=["sha1", "sha256"])
def toy(tmp_path, request):
    return toy_repository(tmp_path, f"--object-format={request.param}")


@pytest.fixture
def repository(toy):
    return Repository.discover(toy.root, toy.environment)


def content(after, renames=None, encodings=None, derived=()):
    return Content(AcceptedEdits(after, {}, renames=renames or {}), encodings or {}, DerivedFiles(files=derived))


def make(repository, edits, stamp=STAMP, **options):
    return make_candidate(repository, BaseTree(repository.git, repository.head()[0]), edits, stamp, **options).candidate


def test_commit_holds_exactly_the_accepted_files_on_top_of_its_parent(repository, toy):
    toy.write({"untracked.txt": "mine", "a.py": "mine too"})
    head = toy.git("rev-parse", "HEAD")
    candidate = make(repository, content({"a.py": "a = 2\n", "neu/ü\n x.py": "n\n", "src/b.py": None}))
    assert candidate.parent == toy.git("rev-parse", f"{candidate.commit}^") == head
    assert candidate.tree == toy.git("rev-parse", f"{candidate.commit}^{{tree}}")
    assert candidate.commit == toy.git("rev-parse", STAMP.ref)
    assert candidate.paths == ("a.py", "neu/ü\n x.py", "src/b.py")
    assert toy.paths(candidate.commit) == ["a.py", "neu/ü\n x.py"]
    assert toy.show(candidate.commit, "a.py") == b"a = 2\n"
    toy.git("fsck", "--strict")


def test_same_inputs_give_the_same_commit_id(repository, toy):
    edits = content({"a.py": "a = 2\n", "z.py": "z\n", "b.py": "b\n"})
    reversed_edits = content({"b.py": "b\n", "z.py": "z\n", "a.py": "a = 2\n"})
    first = make(repository, edits)
    toy.git("config", "user.name", "Somebody Else")
    toy.git("update-ref", "-d", STAMP.ref)
    assert make(repository, reversed_edits) == first
    assert make(repository, edits, Stamp(TEXT, STAMP.identity, STAMP.when + 1, STAMP.ref)).commit != first.commit


def test_commit_says_who_when_and_why(repository, toy):
    candidate = make(repository, content({"a.py": "a = 2\n"}))
    shown = toy.git("show", "-s", "--format=%an <%ae> %at %ai|%cn <%ce> %ct|%s|%(trailers:key=Autopack-Phase,valueonly)", candidate.commit)
    assert shown == "Ann Ü <ann@example.org> 1700000000 2023-11-14 22:13:20 +0000|Ann Ü <ann@example.org> 1700000000|parse: add it|p\n"


def test_modes_stay_travel_with_renames_and_new_scripts_can_be_run(repository, toy):
    toy.write({"tool.sh": "#!/bin/sh\necho 1\n"})
    (toy.root / "tool.sh").chmod(0o755)
    toy.git("add", "tool.sh")
    toy.git("commit", "-qm", "tool")
    edits = {"tool.sh": None, "bin/tool": "echo 2\n", "a.py": "#!/usr/bin/python\n", "new.sh": "#!/bin/sh\n", "new.py": "x\n"}
    candidate = make(repository, content(edits, {"bin/tool": "tool.sh"}))
    modes = BaseTree(repository.git, candidate.commit).modes
    assert modes == {"bin/tool": "100755", "a.py": "100644", "new.sh": "100755", "new.py": "100644", "src/b.py": "100644"}


def test_bytes_survive_settings_attributes_and_encodings(repository, toy):
    toy.git("config", "core.autocrlf", "true")
    toy.git("config", "filter.up.clean", "tr a-z A-Z")
    toy.commit({".gitattributes": "* text=auto eol=crlf\n*.py filter=up\n", "latin.txt": "stra\xdfe\n".encode("latin-1")})
    edits = {"a.py": "\ufeffcrlf\r\nand lf\n", "moved.txt": "Stra\xdfen\n", "latin.txt": None}
    candidate = make(repository, content(edits, {"moved.txt": "latin.txt"}, {"latin.txt": "latin-1"}))
    assert toy.show(candidate.commit, "a.py") == b"\xef\xbb\xbfcrlf\r\nand lf\n"
    assert toy.show(candidate.commit, "moved.txt") == "Stra\xdfen\n".encode("latin-1")
    with pytest.raises(EditRefused, match="U\\+20AC"):
        make(repository, content({"latin.txt": "€"}, encodings={"latin.txt": "latin-1"}))


def test_file_may_become_a_directory_and_a_directory_a_file(repository, toy):
    candidate = make(repository, content({"a.py": None, "a.py/inner.py": "x\n", "src/b.py": None, "src": "now a file\n"}))
    assert toy.paths(candidate.commit) == ["a.py/inner.py", "src"]
    toy.git("fsck", "--strict")


def test_derived_files_go_in_and_win_over_the_edit_they_were_made_from(repository, toy):
    formatted, lock = (toy.git("hash-object", "-w", "--stdin", stdin=data) for data in (b"a = 2\n", b"lock\n"))
    same = blob_id(b"b = 2\n", repository.head()[0])
    derived = (
        DerivedFile(path="a.py", blob=formatted),
        DerivedFile(path="deep/x.lock", blob=lock),
        DerivedFile(path="src/b.py", blob=same),
    )
    candidate = make(repository, content({"a.py": "a=2\n", "src/b.py": "b = 2\n"}, derived=derived))
    assert candidate.derived == ("a.py", "deep/x.lock")
    assert candidate.paths == ("a.py", "deep/x.lock", "src/b.py")
    assert toy.show(candidate.commit, "a.py") == b"a = 2\n"
    gone = make(repository, content({"a.py": "a=3\n"}, derived=(DerivedFile(path="src/b.py", blob=None),)))
    assert toy.paths(gone.commit) == ["a.py"]


def test_a_mode_that_a_diff_says_is_the_files(repository, toy):
    toy.commit({"run.sh": "#!/bin/sh\n"})
    said = AcceptedEdits(
        {"run.sh": "#!/bin/sh\n", "a.py": "a = 1\n", "new.sh": "#!/bin/sh\n"}, {}, executable={"a.py": True, "new.sh": False}
    )
    made = make_candidate(repository, BaseTree(repository.git, repository.head()[0]), Content(said, {}), STAMP)
    modes = BaseTree(repository.git, made.candidate.commit).modes
    assert {path: modes[path] for path in ("run.sh", "a.py", "new.sh")} == {"run.sh": "100644", "a.py": "100755", "new.sh": "100644"}
    assert made.candidate.paths == ("a.py", "new.sh")
    assert made.tree.modes == modes


def test_the_made_commits_tree_is_known_without_asking_git(repository, toy):
    toy.commit({"src/run.sh": "#!/bin/sh\n", "zoo/a": "1\n", "zoo.txt": "2\n", "ü": "3\n"})
    edits = content({"a.py": "a = 2\n", "zoo-b": "new\n", "zoo/a": None, "src/moved.sh": "#!/bin/sh\n"}, {"src/moved.sh": "src/run.sh"})
    base = BaseTree(repository.git, repository.head()[0])
    made = make_candidate(repository, base, edits, STAMP)
    asked = BaseTree(repository.git, made.candidate.commit)
    silent = replace(made.tree, git=Git(toy.root / "nowhere", {}))
    vars(silent).update({name: vars(made.tree)[name] for name in ("tree", "entries")})
    assert (silent.commit, silent.tree) == (asked.commit, asked.tree)
    assert list(silent.entries.items()) == list(asked.entries.items())
    assert silent.read(["a.py", "zoo-b"]) == asked.read(["a.py", "zoo-b"])


def test_the_size_of_a_tools_file_is_gits_to_say(repository, toy):
    blob = toy.git("hash-object", "-w", "--stdin", stdin=b"locked\n")
    made_by_tool = content({"a.py": "a = 2\n"}, derived=(DerivedFile(path="lock", blob=blob, mode="100644"),))
    made = make_candidate(repository, BaseTree(repository.git, repository.head()[0]), made_by_tool, STAMP)
    assert made.tree.entries["lock"].size == 7


def test_blob_ids_are_gits_own(repository, toy):
    assert blob_id(b"hello\n", repository.head()[0]) == toy.git("hash-object", "--stdin", stdin=b"hello\n")


def test_empty_change_is_a_failure_unless_it_is_allowed(repository, toy):
    edits = content({"a.py": "a = 1\n"}, derived=(DerivedFile(path="src/b.py", blob=toy.git("rev-parse", "HEAD:src/b.py")),))
    with pytest.raises(AttemptFailed) as caught:
        make(repository, edits)
    assert caught.value.kind is FailureKind.NO_CHANGE
    assert toy.git("for-each-ref", "refs/autopack") == ""
    candidate = make(repository, edits, allow_empty=True)
    assert candidate.tree == toy.git("rev-parse", "HEAD^{tree}")
    assert candidate.paths == candidate.derived == ()


def test_user_traps_do_not_reach_it(repository, toy, tmp_path):
    for name in ("post-commit", "reference-transaction", "pre-commit", "commit-msg"):
        hook = toy.root / ".git/hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/hooked\nexit 1\n")
        hook.chmod(0o755)
    for key, value in [
        ("commit.gpgsign", "true"),
        ("gpg.program", "/bin/false"),
        ("core.fsmonitor", "/bin/false"),
        ("fastimport.unpackLimit", "0"),
        ("core.fileMode", "false"),
    ]:
        toy.git("config", key, value)
    candidate = make(repository, content({"a.py": "a = 2\n"}))
    assert not (tmp_path / "hooked").exists()
    assert "gpgsig" not in toy.git("cat-file", "commit", candidate.commit)
    assert list((toy.root / ".git/objects/pack").iterdir()) == []


def test_refused_stream_leaves_no_report_in_the_users_repository(repository, toy):
    with pytest.raises(GitError, match="crash report"):
        make(repository, content({}, derived=(DerivedFile(path="x", blob="1" * len(repository.head()[0])),)))
    assert [name for name in (toy.root / ".git").iterdir() if "crash" in name.name] == []
    assert toy.git("for-each-ref", "refs/autopack") == ""


@pytest.mark.parametrize("path", [".git/config", "src/.GIT/hooks/x", "../out", "/abs", "a//b", "./a", "git~1/x", "a\0b"])
def test_paths_that_no_commit_may_hold_are_refused_even_if_a_gate_let_them_by(repository, path):
    with pytest.raises(EditRefused, match="cannot hold this path"):
        make(repository, content({path: "evil\n"}))


def test_lock_that_a_dead_owner_left_on_its_ref_is_no_obstacle(repository, toy):
    lock = toy.root / ".git/refs/autopack/r1/p/1.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    candidate = make(repository.owned_by("r1", "autopack/r1"), content({"a.py": "a = 2\n"}))
    assert toy.git("rev-parse", STAMP.ref) == candidate.commit
    assert not lock.exists()
