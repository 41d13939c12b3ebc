import pytest

from autopack.edits.model import AcceptedEdits
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.candidate import Content, Stamp, make_candidate
from autopack.worktree.message import CommitText
from autopack.worktree.rebase import Conflict, own_changes, rebase_onto
from autopack.worktree.repository import Identity, Repository
from tests.support.git_repository import toy_repository


@pytest.fixture
def toy(tmp_path):
    return toy_repository(tmp_path)


@pytest.fixture
def repository(toy):
    return Repository.discover(toy.root, toy.environment)


def candidate(repository, after, renames=None, parent=None):
    base = BaseTree(repository.git, parent or repository.head()[0])
    stamp = Stamp(CommitText("s", "b\n# kept", (("Autopack-Phase", "p"),)), Identity("Ä", "a@b"), 1e9, "refs/autopack/r1/p/1")
    return make_candidate(repository, base, Content(AcceptedEdits(after, {}, renames=renames or {}), {}), stamp).candidate


def test_change_is_made_again_on_a_head_that_moved_elsewhere(repository, toy):
    made = candidate(repository, {"a.py": None, "ü b.py": "a = 1\n", "src/b.py": "b = 2\n", "run": "#!/bin/sh\n"}, {"ü b.py": "a.py"})
    head = toy.commit({"src/c.py": "c\n", "other.py": "o\n"})
    laid = rebase_onto(repository, made, head, "refs/autopack/r1/p/1.1")
    assert laid.parent == toy.git("rev-parse", f"{laid.commit}^") == head
    assert laid.paths == made.paths
    assert toy.paths(laid.commit) == ["other.py", "run", "src/b.py", "src/c.py", "ü b.py"]
    assert toy.git("rev-parse", "refs/autopack/r1/p/1.1") == laid.commit
    form = "--format=%an %ae %at %cn %ct%n%B"
    assert toy.git("show", "-s", form, laid.commit) == toy.git("show", "-s", form, made.commit)
    assert own_changes(repository.git, made.parent, made.commit) == own_changes(repository.git, laid.parent, laid.commit)
    assert rebase_onto(repository, made, head, "refs/autopack/r1/p/1.1") == laid


@pytest.mark.parametrize(
    ("mine", "theirs", "named"),
    [
        ({"a.py": "a = 2\n"}, {"a.py": "a = 3\n"}, ("a.py",)),
        ({"new.py": "1\n", "a.py": "a = 2\n"}, {"new.py": "2\n"}, ("new.py",)),
        ({"deep": "file\n"}, {"deep/er.py": "x\n"}, ("deep",)),
        ({"deep/er.py": "x\n"}, {"deep": "file\n"}, ("deep/er.py",)),
        ({"src/b.py": None}, {"src/b.py": "b = 3\n"}, ("src/b.py",)),
    ],
)
def test_change_of_the_same_files_is_a_conflict_that_names_them(repository, toy, mine, theirs, named):
    made = candidate(repository, mine)
    head = toy.commit(theirs)
    with pytest.raises(Conflict) as caught:
        rebase_onto(repository, made, head, "refs/autopack/r1/p/1.1")
    assert caught.value.paths == named
    assert toy.git("for-each-ref", "refs/autopack/r1/p/1.1") == ""
