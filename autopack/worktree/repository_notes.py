"""Says in sentences what is special about a repository, and what that means for a run."""

from dataclasses import dataclass

from autopack.worktree.base_tree import BaseTree
from autopack.worktree.git import as_text
from autopack.worktree.repository import Repository

_SHOWN = 5


@dataclass(frozen=True)
class Facts:
    submodules: tuple[str, ...]
    is_sparse: bool
    is_shallow: bool
    is_partial: bool
    uses_lfs: bool

    @property
    def sentences(self) -> tuple[str, ...]:
        found: list[str] = []
        if self.submodules:
            names = ", ".join(self.submodules[:_SHOWN]) + (" and more" if len(self.submodules) > _SHOWN else "")
            found.append(
                f"Submodules are empty in the run's work tree ({names}); 'workspace: {{submodules: true}}' in the plan fills them."
            )
        if self.is_sparse:
            found.append("The checkout is sparse; the run's work tree holds all files.")
        if self.is_shallow:
            found.append("The clone is shallow; the run's branch starts at a commit that is there, and older ones stay out of reach.")
        if self.is_partial:
            found.append("The clone is partial; git fetches the files that are missing as they are needed, over the network.")
        if self.uses_lfs:
            found.append(
                "Some files are kept by Git LFS: no edit may change them, and one that is not in .git/lfs stays a pointer (git lfs fetch)."
            )
        return tuple(found)


def facts(repository: Repository, base: BaseTree) -> Facts:
    """Looks at the configuration and at the files of the base commit."""
    outcome = repository.git.attempt(
        "config", "-z", "--get-regexp", r"^(core\.sparsecheckout|extensions\.partialclone|remote\..*\.promisor)$"
    )
    values = dict(item.partition("\n")[::2] for item in as_text(outcome.stdout).split("\0") if item)
    attributes = base.read(path for path in base.entries if path.rpartition("/")[2] == ".gitattributes")
    return Facts(
        submodules=base.submodules,
        is_sparse=values.get("core.sparsecheckout", "false").lower() in ("true", "yes", "on", "1"),
        is_shallow=repository.git.line("rev-parse", "--is-shallow-repository") == "true",
        is_partial=any(key != "core.sparsecheckout" for key in values),
        uses_lfs=any(b"filter=lfs" in data for data in attributes.values()),
    )
