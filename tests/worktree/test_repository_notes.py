import pytest

from autopack.worktree.base_tree import BaseTree
from autopack.worktree.repository import Repository
from autopack.worktree.repository_notes import Facts, facts
from tests.support.git_repository import ToyRepository, toy_repository


@pytest.fixture
def toy(tmp_path):
    return toy_repository(tmp_path)


def facts_of(toy):
    repository = Repository.discover(toy.root, toy.environment)
    return facts(repository, BaseTree(repository.git, repository.head()[0]))


def test_plain_repository_has_nothing_to_tell(toy):
    assert facts_of(toy) == Facts((), is_sparse=False, is_shallow=False, is_partial=False, uses_lfs=False)
    assert facts_of(toy).sentences == ()


def test_clones_of_a_special_kind_are_told_each_with_a_sentence(toy, tmp_path):
    toy.git("config", "uploadpack.allowFilter", "true")
    toy.commit({"c.py": "c\n"})
    toy.git("clone", "-q", "--depth=1", "--sparse", "--filter=blob:none", f"file://{toy.root}", str(tmp_path / "clone"))
    found = facts_of(ToyRepository(tmp_path / "clone", toy.environment))
    assert (found.is_sparse, found.is_shallow, found.is_partial) == (True, True, True)
    assert [word for word in ("sparse", "shallow", "partial") if not any(word in sentence for sentence in found.sentences)] == []


def test_submodules_and_large_files_are_named(toy):
    toy.commit({"art/.gitattributes": "*.psd filter=lfs diff=lfs merge=lfs -text\n"})
    toy.git("update-index", "--add", "--cacheinfo", f"160000,{toy.git('rev-parse', 'HEAD')},vendor/sub")
    toy.git("commit", "-qm", "sub")
    found = facts_of(toy)
    assert found.submodules == ("vendor/sub",)
    assert found.uses_lfs
    assert "vendor/sub" in found.sentences[0]
    assert "Git LFS" in found.sentences[1]
