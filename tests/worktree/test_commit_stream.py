import pytest

from autopack.edits.model import EditRefused
from autopack.worktree.commit_stream import CommitHead, Gone, KnownBlob, NewBytes, make_commit
from autopack.worktree.git import Git
from tests.support.git_repository import toy_repository


@pytest.fixture
def toy(tmp_path):
    return toy_repository(tmp_path)


def make(toy, *changes, message=b"hello\n"):
    head = CommitHead(toy.git("rev-parse", "HEAD"), b"A <a@b> 1 +0100", b"C <c@d> 2 -0200", message)
    return make_commit(Git(toy.root, toy.environment, toy.root / ".git"), "refs/autopack/r/p/1", head, changes)


def test_commit_is_what_it_was_told_to_be(toy):
    blob = toy.git("rev-parse", "HEAD:a.py")
    made = make(
        toy,
        NewBytes('n\n\\ "ü\udcff', "100755", b"\0\r\n\xff"),
        KnownBlob("link", "120000", blob),
        Gone("src/b.py"),
        message="# not a comment\n\n\nü".encode(),
    )
    assert toy.git("cat-file", "commit", made.commit).split("\n")[2:] == [
        "author A <a@b> 1 +0100",
        "committer C <c@d> 2 -0200",
        "",
        "# not a comment",
        "",
        "",
        "ü",
    ]
    assert made.tree == toy.git("rev-parse", f"{made.commit}^{{tree}}")
    assert toy.paths(made.commit) == ["a.py", "link", 'n\n\\ "ü\udcff']
    assert toy.show(made.commit, 'n\n\\ "ü\udcff') == b"\0\r\n\xff"
    toy.git("fsck", "--strict")


def test_commit_without_a_change_has_its_parents_tree(toy):
    made = make(toy)
    assert made.tree == toy.git("rev-parse", "HEAD^{tree}")


def test_many_files_become_loose_objects_like_any_others(toy):
    make(toy, *(NewBytes(f"f{number}", "100644", b"%d\n" % number) for number in range(150)))
    assert list((toy.root / ".git/objects/pack").iterdir()) == []


def test_nothing_is_made_with_a_path_that_leads_out(toy):
    with pytest.raises(EditRefused):
        make(toy, Gone("../x"))
    assert toy.git("for-each-ref", "refs/autopack") == ""
