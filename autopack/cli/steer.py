"""``approve``, ``reject``, ``retry``, ``skip``, ``adopt``, ``rollback``: a person's word on a phase, from any process on any day."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from autopack.cli.options import AsJson, Repo, system_clock
from autopack.cli.output import note as say
from autopack.cli.output import print_json
from autopack.core.errors import UsageError

if TYPE_CHECKING:
    from autopack.executor.steer import Helm

RunId = Annotated[str, typer.Argument(metavar="ID", help="The run.")]
PhaseId = Annotated[str, typer.Argument(metavar="PHASE", help="The phase.")]
OptionalPhase = Annotated[str | None, typer.Argument(metavar="PHASE", show_default=False, help="The phase. Default: the one that waits.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", show_default=False, help="Why; the builder reads it, the log keeps it.")]
NeededNote = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why; the log keeps it.")]
Override = Annotated[
    Literal["audit"] | None, typer.Option("--override", help="Land although the auditor is against it; the commit says so.")
]
Model = Annotated[
    str | None, typer.Option("--model", metavar="M", help="This model for the phase's builder: an alias, an id, or provider/model.")
]
AddScope = Annotated[list[str] | None, typer.Option("--add-scope", metavar="PATH", help="One more path for the builder. May be repeated.")]
Target = Annotated[str, typer.Option("--to", metavar="PHASE", help="The last phase that is kept.")]
Commit = Annotated[str | None, typer.Option("--commit", metavar="C", help="The commit. Default: the head of the run's branch.")]


def approve(run_id: RunId, phase: PhaseId, *, note: Note = "", override: Override = None, repo: Repo = Path()) -> None:
    """Let a phase land that is held for review."""
    from autopack.core.approval import Approval
    from autopack.executor.steer import approve as approve_phase

    helm = _helm(repo, run_id)
    _said(helm, approve_phase(helm, phase, Approval(note=note, override=override)))


def reject(run_id: RunId, phase: PhaseId, *, note: Note = "", repo: Repo = Path()) -> None:
    """Send a phase that is held for review back to the builder, with the reason."""
    from autopack.executor.steer import reject as reject_phase

    helm = _helm(repo, run_id)
    _said(helm, reject_phase(helm, phase, note))


def retry(run_id: RunId, phase: PhaseId, *, note: Note = "", model: Model = None, add_scope: AddScope = None, repo: Repo = Path()) -> None:
    """Give a held, failed, skipped or rolled-back phase fresh attempts, and what was skipped because of it."""
    from autopack.executor.steer import retry as retry_phase
    from autopack.store.steering import Wishes

    helm = _helm(repo, run_id)
    _said(helm, retry_phase(helm, phase, Wishes(note, model, tuple(add_scope or ()))))


def skip(run_id: RunId, phase: PhaseId, *, note: NeededNote, repo: Repo = Path()) -> None:
    """Do without a held phase, and without what depends on it."""
    from autopack.executor.steer import skip as skip_phase

    if not note.strip():
        raise UsageError('say why with --note "...": the log keeps it.')
    helm = _helm(repo, run_id)
    _said(helm, skip_phase(helm, phase, note))


def adopt(run_id: RunId, phase: OptionalPhase = None, *, commit: Commit = None, repo: Repo = Path()) -> None:
    """Let a person's commits be the phase: they are checked and audited, and no builder is asked."""
    from autopack.executor.steer import adopt as adopt_commit

    helm = _helm(repo, run_id)
    _said(helm, adopt_commit(helm, phase, commit))


def rollback(run_id: RunId, *, to: Target, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Take the run's branch back to where a phase had landed; the last one that is kept."""
    from dataclasses import asdict

    from autopack.executor.roll_back import roll_back

    done = roll_back(_helm(repo, run_id), to)
    if as_json:
        print_json({"schema": 1, "run_id": run_id, **asdict(done)})
        return
    typer.echo(f"back at phase '{done.phase}', commit {done.commit[:10]}")
    typer.echo(f"tree as it landed  {done.recorded_tree}")
    typer.echo(f"tree of the branch {done.tree}")
    say(f"rolled back: {', '.join(done.phases) or 'nothing'}; the former head is kept as {done.kept}.")


def _helm(repo: Path, run_id: str) -> "Helm":
    from autopack.executor.place import open_place
    from autopack.executor.steer import Helm

    clock = system_clock()
    return Helm.of(open_place(repo, clock, makes=False), run_id, clock.now)


def _said(helm: "Helm", sentence: str) -> None:
    say(sentence, next_command=None if helm.is_worked_on else f"autopack resume {helm.run.run_id}")
