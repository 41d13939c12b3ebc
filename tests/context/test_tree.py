"""The context over a commit of a real repository."""

from autopack.context.gather import Rules, gather
from autopack.core.redaction import Redactor
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.git import Git
from tests.support.repos import git, make_repo
from tests.support.text_tree import phase_of


def test_a_commit_is_read_as_it_was_committed(tmp_path):
    repo = make_repo(
        tmp_path / "repo",
        {
            "src/ü b.py": "x = 1\r\n",
            "src/logo.png": b"\x89PNG\0\0",
            "CLAUDE.md": "Be quick.\n",
            "src/old.txt": "\xfcber\n".encode("latin-1"),
        },
    )
    (repo / "src/link.py").symlink_to("ü b.py")
    (repo / "AGENTS.md").symlink_to("CLAUDE.md")
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "links")
    (repo / "src/ü b.py").write_text("changed since\n")
    commit = git(repo, "rev-parse", "HEAD").strip()
    tree = BaseTree(Git(repo, {"PATH": "/usr/bin:/bin"}), commit)
    context = gather(phase_of("src/"), tree, (), Rules(commit, 150_000, Redactor()))
    shown = {file.path: file for file in context.files}
    assert shown["src/ü b.py"].stretches == ((1, "x = 1"),)
    assert shown["src/old.txt"].stretches == ((1, "über"),)
    assert "binary" in shown["src/logo.png"].note
    assert "symbolic link" in shown["src/link.py"].note
    assert context.instructions == (("AGENTS.md", "Be quick."),)
    assert 'src/: link.py logo.png old.txt "ü b.py"' in context.tree
