"""What a phase's commit says: subject and body for people, trailers for machines."""

from autopack.core.call import Reply
from autopack.core.candidate import DerivedFiles
from autopack.core.plan import PhaseSpec
from autopack.executor.workbench import Workbench
from autopack.store.phases import AttemptKey
from autopack.worktree.candidate import ATTEMPT_TRAILER, PHASE_TRAILER, RUN_TRAILER, CommitText, Stamp

SUBJECT_LENGTH = 100


def stamp_of(bench: Workbench, phase: PhaseSpec, key: AttemptKey, reply: Reply, summary: str, derived: DerivedFiles) -> Stamp:  # noqa: PLR0913, PLR0917 - what a commit is made of
    """Dated by the stored reply, so that making the commit again gives the same id."""
    redact = bench.redactor.redact
    first, _, rest = redact(summary.strip() or phase.description.strip()).partition("\n")
    trailers = [
        (RUN_TRAILER, key.run),
        (PHASE_TRAILER, key.phase),
        (ATTEMPT_TRAILER, str(key.number)),
        ("Autopack-Model", reply.answering_model),
        *((("Autopack-Derived", ", ".join(derived.paths)),) if derived.paths else ()),
    ]
    text = CommitText(subject_of(bench.settings.git.subject, phase.id, first), rest.strip(), tuple(trailers))
    return Stamp(text, bench.repository.identity, reply.received_at, key.ref)


def subject_of(template: str, phase_id: str, summary: str) -> str:
    """One line of at most 100 characters."""
    text = " ".join(template.replace("{phase}", phase_id).replace("{summary}", summary).split())
    return text if len(text) <= SUBJECT_LENGTH else text[: SUBJECT_LENGTH - 1].rstrip() + "…"
