"""What a phase's commit says: subject and body for people, trailers for machines."""

from autopack.core.call import Reply
from autopack.core.candidate import DerivedFiles
from autopack.core.plan import PhaseSpec
from autopack.executor.workbench import Workbench
from autopack.store.attempts import AttemptKey
from autopack.worktree.candidate import ATTEMPT_TRAILER, PHASE_TRAILER, RUN_TRAILER, Stamp
from autopack.worktree.message import plain, text_of


def stamp_of(bench: Workbench, phase: PhaseSpec, key: AttemptKey, reply: Reply, summary: str, derived: DerivedFiles) -> Stamp:  # noqa: PLR0913, PLR0917 - what a commit is made of
    """Dated by the stored reply, so that making the commit again gives the same id."""
    told = bench.redactor.redact(plain(summary).strip() or plain(phase.description))
    trailers = [
        (RUN_TRAILER, key.run),
        (PHASE_TRAILER, key.phase),
        (ATTEMPT_TRAILER, str(key.number)),
        ("Autopack-Model", reply.answering_model),
        *((("Autopack-Derived", ", ".join(derived.paths)),) if derived.paths else ()),
    ]
    text = text_of(bench.settings.git.subject, phase.id, told, tuple(trailers))
    return Stamp(text, bench.repository.identity, reply.received_at, key.ref)
