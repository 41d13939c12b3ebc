import pytest

from autopack.worktree import grep as module
from autopack.worktree.grep import grep
from autopack.worktree.repository import Repository
from tests.support.repos import commit_files, git, make_repo

FILES = {
    "a.py": "def tax(x):\n    return x\n\ntaxes = 1  # tax\n",
    "b ü/c.txt": "Tax\r\nline 22\n",
    "b ü/d.bin": b"tax\0",
    "src/*.py": "tax in a name with a star\n",
    "src/x.py": "plain\n",
}


@pytest.fixture
def repository(tmp_path):
    return make_repo(tmp_path / "r", FILES)


def opened(repo):
    return Repository.discover(repo, {"PATH": "/usr/bin:/bin", "HOME": str(repo.parent)})


def found(repo, pattern, *paths, **how):
    return grep(opened(repo), git(repo, "rev-parse", "HEAD").strip(), pattern, paths, **how)


def test_lines_are_found_by_an_expression_in_every_text(repository):
    assert found(repository, "tax").lines == (("a.py", 1), ("a.py", 4), ("src/*.py", 1))
    assert found(repository, "(?i)^tax").lines == (("a.py", 4), ("b ü/c.txt", 1), ("src/*.py", 1))
    assert found(repository, r"\bline \d+").lines == (("b ü/c.txt", 2),)
    assert found(repository, "(?:def|class) ").lines == (("a.py", 1),)


def test_what_is_no_expression_is_taken_as_it_stands(repository):
    hits = found(repository, "tax(")
    assert (hits.lines, hits.is_literal) == ((("a.py", 1),), True)


def test_a_word_is_the_whole_word(repository):
    assert found(repository, "taxes", is_word=True).lines == (("a.py", 4),)
    assert found(repository, "def ta", is_word=True).lines == ()


def test_paths_are_names_and_no_patterns(repository):
    assert found(repository, "tax", "src/*.py").lines == (("src/*.py", 1),)
    assert found(repository, "tax", "a.py", "nowhere", ":(top)b").lines == (("a.py", 1), ("a.py", 4))
    assert found(repository, "line", "b ü").lines == (("b ü/c.txt", 2),)


def test_the_commit_is_searched_whatever_lies_in_the_checkout_and_is_configured(repository):
    (repository / "a.py").write_text("tax tax\n")
    (repository / ".gitattributes").write_text("* binary\n")
    git(repository, "config", "grep.column", "true")
    git(repository, "config", "grep.lineNumber", "false")
    assert found(repository, "tax").lines[0] == ("a.py", 1)


def test_more_than_can_be_told_is_cut_and_said(repository, monkeypatch):
    commit_files(repository, {"big.txt": "word\n" * 2000}, "big")
    monkeypatch.setattr(module, "_OUTPUT_BYTES", 10_000)
    hits = found(repository, "word")
    assert 50 < len(hits.lines) < 2000
    assert not hits.is_all


def test_a_search_that_takes_too_long_is_ended_and_said(repository, monkeypatch):
    commit_files(repository, {"big.txt": ("a" * 30_000 + "\n") * 30}, "big")
    monkeypatch.setattr(module, "TIMEOUT_S", 0.001)
    hits = found(repository, r"(a*)*\1b")
    assert (hits.lines, hits.is_all) == ((), False)
