"""Makes a git folder for commands that a work tree is put at the mercy of: its own HEAD, index, refs and stash; objects are only read."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from autopack.worktree.admin_folder import CONFIG
from autopack.worktree.git import FIXED, Git
from autopack.worktree.repository import Repository
from autopack.worktree.work_tree import WorkTree

_SHA1_HEX_LENGTH: Final = 40
_FORMATS: Final = {
    True: "[core]\n\trepositoryformatversion = 0\n\tbare = false\n",
    False: "[core]\n\trepositoryformatversion = 1\n\tbare = false\n[extensions]\n\tobjectformat = sha256\n",
}
ENVIRONMENT: Final = {**FIXED, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}
"""For a git that is started there: no configuration but what its words say, so that no filter of anybody's is known."""


def private_git_dir(repository: Repository, work_tree: WorkTree, commit: str, folder: Path) -> Git:
    """Git for the work tree, which was just reset to ``commit``, with a folder that nobody else has; its words are for a command."""
    (folder / "objects" / "info").mkdir(parents=True)
    (folder / "refs").mkdir()
    (folder / "HEAD").write_text(f"{commit}\n", "ascii")
    (folder / "config").write_text(_FORMATS[len(commit) == _SHA1_HEX_LENGTH], "ascii")
    (folder / "objects" / "info" / "alternates").write_text(f"{repository.common_dir / 'objects'}\n", "utf-8")
    for source, name in ((work_tree.notes / "index", "index"), (repository.common_dir / "shallow", "shallow")):
        if source.is_file():
            (folder / name).write_bytes(source.read_bytes())
    identity = repository.identity
    git = replace(repository.git, directory=work_tree.place, git_dir=folder, work_tree=work_tree.place)
    return git.configured(*CONFIG, f"user.name={identity.name}", f"user.email={identity.email}")
