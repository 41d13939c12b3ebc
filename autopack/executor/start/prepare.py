"""Prepares the first attempt of a start: introduces the run, ends orphans, sets up the work tree, tries the commands."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from autopack.checks.commands.environment import python_environments
from autopack.checks.processes.command import Child
from autopack.checks.processes.orphans import end_leftovers, end_process
from autopack.core.clock import Clock
from autopack.core.errors import EnvironmentBlockedError
from autopack.core.events import Event, EventName
from autopack.core.memory_settings import GoalDriftSettings
from autopack.core.plan import Plan
from autopack.core.settings import ApiKey
from autopack.core.states import WORKING, PhaseState
from autopack.executor.attempt.error_reports import write_files
from autopack.executor.attempt.land import is_signing
from autopack.executor.commands.check_site import CheckedTree
from autopack.executor.commands.command_site import environment_for
from autopack.executor.commands.preflight import try_commands
from autopack.executor.commands.set_up import link_paths
from autopack.executor.project_state import ProjectState
from autopack.executor.run_context import ModelAccess, RunContext, RunLog, State, Trees, WorkSite
from autopack.executor.slot import scratch_folders
from autopack.executor.start.afford import judge_caps
from autopack.memory.goal_drift import why_unjudged
from autopack.memory.maintenance import forget_old
from autopack.store.owners import Owners
from autopack.store.queries import run_status
from autopack.store.tables import PhaseRow, RunRow
from autopack.worktree.reaching_back import PYTHON_DEPTH, reaching_back
from autopack.worktree.removing import remove_tree
from autopack.worktree.repository import Repository
from autopack.worktree.repository_notes import facts
from autopack.worktree.signing import is_signing_asked_for, try_signing

FILES_NAMED = 5


def prepare(ctx: RunContext) -> None:
    """Raises BudgetSpentError under a cap that can never be enough, EnvironmentBlockedError where a command cannot be started."""
    site, state = ctx.site, ctx.state
    run, phases = state.runs.get(state.run_id), state.phases.all()
    _introduce(ctx, run)
    write_files(state)
    forget_old(state.database, ctx.plan.project, ctx.settings.memory, ctx.log.clock.now())
    judge_caps(site, ctx.models, phases)
    _judge_environments(site)
    link_paths(site)
    _try_signing(site, phases)
    _set_up(site, run, phases)
    try_commands(site, run, phases)


def _set_up(site: WorkSite, run: RunRow, phases: Sequence[PhaseRow]) -> None:
    """The branch's head, before anything is bought, whatever is known of the checks already; not where nothing is left to do."""
    if any(row.state in (PhaseState.QUEUED, PhaseState.RECOVERING, *WORKING) for row in phases):
        with CheckedTree(site).at(site.branch.head() or run.base_commit):
            pass


def _try_signing(site: WorkSite, phases: Sequence[PhaseRow]) -> None:
    """Tries to sign before anything is bought: a key that is locked or gone would end the run at its first commit."""
    is_open = any(row.state != PhaseState.COMPLETE for row in phases)
    if not is_open or not is_signing_asked_for(site.repository):
        return
    if is_signing(site.repository, site.settings):
        try_signing(site.repository, site.tree(site.branch.head() or "HEAD").tree)
    else:
        site.log.tell(EventName.NOTE, message="Your git signs commits (commit.gpgsign), and this run does not: git.sign is off.")


def _judge_environments(site: WorkSite) -> None:
    """Refuses an environment on PATH that leads back into the user's checkout: checks would run the user's code, not the candidate's."""
    top = site.repository.top
    for environment in python_environments(environment_for(site, "-")):
        own = (str(environment.relative_to(top)),) if environment.is_relative_to(top) else ()
        offender = reaching_back(environment, top, own, depth=PYTHON_DEPTH)
        if offender is not None:
            raise EnvironmentBlockedError(
                f"{environment} on PATH runs your checkout's code, not a candidate's: {offender.file} leads to {offender.target}. "
                "Install the project in workspace.setup of the plan instead, or run Autopack without that environment."
            )


def _introduce(ctx: RunContext, run: RunRow) -> None:
    """Tells the first line (base, branch, what is left out, who pays), then the phases and their states."""
    site, state = ctx.site, ctx.state
    left_out = site.repository.uncommitted()
    named = ", ".join(left_out[:FILES_NAMED]) + (f" and {len(left_out) - FILES_NAMED} more" if len(left_out) > FILES_NAMED else "")
    payer = f"answered by {ctx.replay.name}, at no cost" if ctx.replay else _payer(ctx.models.keys)
    message = "; ".join(
        (
            f"run {state.run_id}: base {run.base_commit[:10]}, branch {site.branch.branch}",
            f"{_uncommitted(len(left_out))} left out ({named})" if left_out else "the checkout has no uncommitted changes",
            payer,
            f"commands run in {site.slot.sandbox.name}"
            if site.slot.sandbox.program
            else f"commands run without a sandbox: {site.slot.sandbox.reason}",
        )
    )
    ctx.log.tell(EventName.RUN_INTRODUCED, message=message, uncommitted=list(left_out[:50]))
    for note in (*ctx.notes, *_special(site.repository, site.tree, ctx.plan, run.base_commit)):
        ctx.log.tell(EventName.NOTE, message=note)
    _tell_unjudged(site.log, ctx.models, ctx.settings.memory.goal_drift)
    ctx.log.show(EventName.RUN_PHASES, None, None, **_standing(state))


def _tell_unjudged(log: RunLog, models: ModelAccess, settings: GoalDriftSettings) -> None:
    """Says once why goal drift is not judged; loud where it was to block."""
    why = why_unjudged(models.vector_maker.source, settings) if models.replay is None else None
    if why is not None:
        log.tell(EventName.NOTE if settings.mode == "blocking" else EventName.GOAL_DRIFT_UNAVAILABLE, message=why)


def _standing(state: State) -> dict[str, object]:
    """The state that earlier starts left: the run's phases and its usage."""
    status = run_status(state.database, state.run_id, is_alive=True)
    if status is None:
        return {}
    phases = {phase.id: phase.state for phase in status.phases}
    return {"phases": phases, "status": [phase.model_dump() for phase in status.phases], "usage": status.usage.model_dump()}


def _uncommitted(count: int) -> str:
    return "1 uncommitted file is" if count == 1 else f"{count} uncommitted files are"


def _special(repository: Repository, tree: Trees, plan: Plan, base: str) -> tuple[str, ...]:
    """What is unusual about the repository, and what that means for the run."""
    identity = repository.identity
    found = facts(repository, tree(base))
    if plan.workspace.submodules:
        found = replace(found, submodules=())
    signer = f"git knows no name and e-mail address here: the commits are signed {identity.name} <{identity.email}>."
    return (*found.sentences, *((signer,) if identity.is_fallback else ()))


def _payer(found: tuple[ApiKey, ...]) -> str:
    keys = ", ".join(f"{key.variable} …{key.last_four} ({key.source})" for key in found)
    return f"paid by {keys}" if keys else "nothing is left to buy"


def end_orphans(project: ProjectState, run_id: str, folder: Path, clock: Clock, *, grace_s: float) -> None:
    """``folder`` holds the run's slots. Only for who holds the run's lock."""
    owners = Owners(project.database, run_id, clock.now)
    left = owners.children()
    ended = sum(end_process(Child(row.pid, row.started, row.boot_id), grace_s=grace_s) for row in left)
    ended += end_leftovers(folder, grace_s=grace_s)  # also a command whose owner died before it could journal it
    for scratch in scratch_folders(folder):
        with suppress(OSError):
            remove_tree(scratch)
    for row in left:
        owners.ended(row.pid)
    if ended:
        message = f"ended {ended} processes that an earlier start had left running"
        project.events.tell(Event(run_id=run_id, event=EventName.LEFTOVERS_ENDED, time=clock.now(), data={"message": message}))
