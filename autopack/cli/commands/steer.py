"""``approve``, ``reject``, ``retry``, ``skip``, ``adopt`` and ``rollback`` let a person decide on a phase, from any process."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from autopack.cli.from_here import from_here
from autopack.cli.options import AsJson, NewestRun, Repo, system_clock
from autopack.cli.output import note as say
from autopack.cli.output import print_json
from autopack.cli.target import choose, choose_phase, choose_run
from autopack.core.errors import UsageError
from autopack.core.printed import SCHEMA

if TYPE_CHECKING:
    from autopack.executor.project_state import ProjectState
    from autopack.executor.steer.verbs import RunControl

First = Annotated[str, typer.Argument(metavar="[ID]", show_default=False, help="The run. Default: the newest.")]
Phase = Annotated[str | None, typer.Argument(metavar="PHASE", show_default=False, help="The phase.")]
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
LastKept = Annotated[str, typer.Option("--to", metavar="PHASE", help="The last phase that is kept.")]
Commit = Annotated[str | None, typer.Option("--commit", metavar="C", help="The commit. Default: the head of the run's branch.")]


def approve(first: First, phase: Phase = None, *, note: Note = "", override: Override = None, repo: Repo = Path()) -> None:
    """Let a phase land that is held for review."""
    from autopack.core.approval import Approval
    from autopack.executor.steer.verbs import approve as approve_phase

    helm, chosen = _helm_and_phase(repo, first, phase, "approve")
    _said(helm, repo, approve_phase(helm, chosen, Approval(note=note, override=override)))


def reject(first: First, phase: Phase = None, *, note: Note = "", repo: Repo = Path()) -> None:
    """Send a phase that is held for review back to the builder, with the reason."""
    from autopack.executor.steer.verbs import reject as reject_phase

    helm, chosen = _helm_and_phase(repo, first, phase, "reject")
    _said(helm, repo, reject_phase(helm, chosen, note))


def retry(
    first: First, phase: Phase = None, *, note: Note = "", model: Model = None, add_scope: AddScope = None, repo: Repo = Path()
) -> None:
    """Give a held, failed, skipped or rolled-back phase fresh attempts, and what was skipped because of it."""
    from autopack.executor.steer.verbs import retry as retry_phase
    from autopack.store.steering import Wishes

    helm, chosen = _helm_and_phase(repo, first, phase, "retry")
    _said(helm, repo, retry_phase(helm, chosen, Wishes(note, model, tuple(add_scope or ()))))


def skip(first: First, phase: Phase = None, *, note: NeededNote, repo: Repo = Path()) -> None:
    """Do without a held phase, and without what depends on it."""
    from autopack.executor.steer.verbs import skip as skip_phase

    if not note.strip():
        raise UsageError('say why with --note "...": the log keeps it.')
    helm, chosen = _helm_and_phase(repo, first, phase, "skip")
    _said(helm, repo, skip_phase(helm, chosen, note))


def adopt(run_id: NewestRun = None, phase: OptionalPhase = None, *, commit: Commit = None, repo: Repo = Path()) -> None:
    """Let a person's commits be the phase: they are checked and audited, and no builder is asked."""
    from autopack.executor.steer.verbs import adopt as adopt_commit

    project = _project(repo)
    target = choose(project, run_id, phase)
    helm = _helm(project, target.run_id)
    _said(helm, repo, adopt_commit(helm, target.phase_id, commit))


def rollback(run_id: NewestRun = None, *, to: LastKept, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Take the run's branch back to where a phase had landed; the last one that is kept."""
    from dataclasses import asdict

    from autopack.executor.steer.roll_back import roll_back

    project = _project(repo)
    helm = _helm(project, choose_run(project, run_id).run_id)
    done = roll_back(helm, to)
    if as_json:
        print_json({"schema": SCHEMA, "run_id": helm.run.run_id, **asdict(done)})
        return
    typer.echo(f"back at phase '{done.phase}', commit {done.commit[:10]}")
    typer.echo(f"tree as it landed  {done.recorded_tree}")
    typer.echo(f"tree of the branch {done.tree}")
    say(f"rolled back: {', '.join(done.phases) or 'nothing'}; the former head is kept as {done.kept}.")


def _project(repo: Path) -> "ProjectState":
    from autopack.executor.project_state import open_project

    return open_project(repo, system_clock(), makes=False)


def _helm_and_phase(repo: Path, first: str, phase: str | None, verb: str) -> "tuple[RunControl, str]":
    project = _project(repo)
    target, chosen = choose_phase(project, first, phase, verb)
    return _helm(project, target.run_id), chosen.phase_id


def _helm(project: "ProjectState", run_id: str) -> "RunControl":
    from autopack.executor.steer.verbs import RunControl

    return RunControl.of(project, run_id, system_clock().now)


def _said(helm: "RunControl", repo: Path, sentence: str) -> None:
    say(sentence, next_command=None if helm.is_worked_on else from_here(f"autopack resume {helm.run.run_id}", repo))
