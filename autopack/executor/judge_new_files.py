"""A new file where git ignores files: a merge would write it over the user's own, without a word."""

from autopack.core.plan import PhaseSpec
from autopack.core.refusal import RefusalCode
from autopack.core.scope import Scope
from autopack.edits import AcceptedEdits, EditRefused
from autopack.executor.workbench import Workbench
from autopack.worktree.base_tree import BaseTree


def judge_new_files(bench: Workbench, phase: PhaseSpec, base: BaseTree, accepted: AcceptedEdits) -> None:
    """Raises EditRefused for the first one, unless the scope names that very file."""
    scope = Scope(phase.scope.paths)
    new = [path for path, text in accepted.after.items() if text is not None and path not in base.entries and not scope.names_exactly(path)]
    ignored = bench.work_tree.ignored(base.commit, new) if new else frozenset()
    for path in new:
        if path in ignored:
            message = "git ignores this path, so the user may keep a file of their own there; make the file where git does not ignore it."
            raise EditRefused(RefusalCode.IGNORED, message, path)
