import pytest

from autopack.worktree.diff import FileChange, diff, numstat
from autopack.worktree.repository import Repository
from tests.support.git_repository import toy_repository


@pytest.fixture
def toy(tmp_path):
    return toy_repository(tmp_path)


@pytest.fixture
def repository(toy):
    return Repository.discover(toy.root, toy.environment)


def two_commits(toy):
    long = "".join(f"line {number}\n" for number in range(40))
    old = toy.commit({"long.txt": long, "ü.txt": "x\n", "bin": b"\0\1"})
    toy.git("mv", "long.txt", "moved.txt")
    return old, toy.commit({"moved.txt": long.replace("line 20\n", "line twenty\n"), "ü.txt": "x\n\ny\n", "bin": b"\0\2"})


def test_diff_is_the_same_whatever_the_user_has_configured(repository, toy):
    old, new = two_commits(toy)
    plain = diff(repository, old, new)
    assert "rename from long.txt\nrename to moved.txt" in plain
    assert "-line 20\n+line twenty" in plain
    assert "diff --git a/ü.txt b/ü.txt" in plain
    for key, value in [
        ("diff.external", "/bin/false"), ("diff.noprefix", "true"), ("diff.mnemonicPrefix", "true"), ("diff.renames", "false"), ("diff.context", "0"), ("color.ui", "always"),
        ("diff.algorithm", "minimal"), ("diff.suppressBlankEmpty", "true"), ("core.quotePath", "true"), ("diff.orderFile", "/etc/hostname"), ("diff.indentHeuristic", "false"),
        ("diff.relative", "true"), ("core.attributesFile", str(toy.root / "attributes")), ("diff.x.textconv", "false"), ("diff.x.command", "false"), ("diff.renameLimit", "1"),
    ]:  # fmt: skip
        toy.git("config", key, value)
    toy.write({"attributes": "* diff=x\n", ".gitattributes": "* -diff\n"})
    assert diff(repository, old, new) == plain


def test_change_cannot_hide_itself_behind_its_own_attributes(repository, toy):
    old = toy.git("rev-parse", "HEAD")
    new = toy.commit({".gitattributes": "*.py -diff\n", "a.py": "a = 'evil'\n"})
    assert "+a = 'evil'" in diff(repository, old, new)


def test_long_diff_is_cut_at_a_line_and_says_so(repository, toy):
    old = toy.git("rev-parse", "HEAD")
    new = toy.commit({"big.txt": "ü 0123456789\n" * 1000})
    text = diff(repository, old, new, max_bytes=500)
    *lines, last = text.splitlines()
    assert last.startswith("[The diff is cut here: 500 of its ")
    assert lines[-1] == "+ü 0123456789"
    assert len(text.encode()) < 600
    assert diff(repository, old, old) == ""


def test_context_is_as_asked(repository, toy):
    old, new = two_commits(toy)
    assert "\n line 15\n" in diff(repository, old, new, context=5)
    assert "\n line 19\n" not in diff(repository, old, new, context=0)


def test_numbers_are_told_file_by_file(repository, toy):
    old, new = two_commits(toy)
    assert numstat(repository, old, new) == (
        FileChange("bin", "bin", None, None),
        FileChange("moved.txt", "long.txt", 1, 1),
        FileChange("ü.txt", "ü.txt", 2, 0),
    )
