import json

from autopack.executor.attempt.run_tests_over import mixed_tree
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.repository import Repository
from tests.support.repos import commit_files, git, make_repo, tree

OLD = {"a.py": "old\n", "tests/t.py": "old\n", "tests/gone.py": "old\n", "package.json": '{"v": 1, "scripts": {"test": "old"}}\n'}
NEW = {
    "a.py": "new\n",
    "tests/t.py": "new\n",
    "tests/gone.py": None,
    "tests/more.py": "new\n",
    "package.json": '{"v": 2, "scripts": {"test": "new"}}\n',
}
PATHS = ("tests/t.py", "tests/gone.py", "tests/more.py", "package.json")


def test_the_tests_of_one_commit_lie_over_the_sources_of_the_other_and_git_keeps_them(tmp_path):
    repo = make_repo(tmp_path / "shop", OLD)
    old = git(repo, "rev-parse", "HEAD").strip()
    new = commit_files(repo, NEW, "new")
    here = Repository.discover(repo, {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)})
    sources, tests = BaseTree(here.git, new), BaseTree(here.git, old)
    mixed = mixed_tree(here.git, sources, tests, PATHS, "refs/autopack/r/one/1.old-tests")
    files = {path: content.decode() for path, (_, content) in tree(repo, mixed.commit).items()}
    package = json.loads(files.pop("package.json"))
    assert files == {"a.py": "new\n", "tests/t.py": "old\n", "tests/gone.py": "old\n"}
    assert package == {"v": 2, "scripts": {"test": "old"}}
    assert git(repo, "rev-parse", "refs/autopack/r/one/1.old-tests").strip() == mixed.commit
    assert mixed_tree(here.git, sources, tests, PATHS, "refs/autopack/r/one/2.old-tests") == mixed
    git(repo, "gc", "--prune=now", "-q")
    assert git(repo, "cat-file", "-t", mixed.commit).strip() == "commit"
    assert mixed_tree(here.git, sources, tests, (), "refs/autopack/r/x/1").commit == new
