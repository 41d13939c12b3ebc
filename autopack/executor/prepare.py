"""Before the first attempt of a start: the run is introduced, the work tree is set up, the commands can be run."""

from dataclasses import replace

from autopack.checks.interpreters import python_environments
from autopack.core.errors import EnvironmentBlockedError
from autopack.core.events import Event, EventName
from autopack.core.states import WORKING, PhaseState
from autopack.executor.afford import judge_caps
from autopack.executor.command_place import environment_for
from autopack.executor.ground import HeldTree
from autopack.executor.land import is_signing
from autopack.executor.preflight import try_commands
from autopack.executor.set_up import link_paths
from autopack.executor.workbench import Workbench
from autopack.store.queries import run_status
from autopack.worktree.facts import facts
from autopack.worktree.reaching_back import PYTHON_DEPTH, reaching_back
from autopack.worktree.signing import is_signing_asked_for, try_signing

FILES_NAMED = 5


def prepare(bench: Workbench) -> None:
    """Raises BudgetSpentError under a cap that can never be enough, EnvironmentBlockedError where a command cannot be started."""
    _introduce(bench)
    judge_caps(bench)
    _judge_environments(bench)
    link_paths(bench)
    _try_signing(bench)
    _set_up(bench)
    try_commands(bench)


def _set_up(bench: Workbench) -> None:
    """The branch's head, before anything is bought, whatever is known of the checks already; not where nothing is left to do."""
    run = bench.state.runs.find(bench.run_id)
    head = bench.branch.head() or (run.base_commit if run else None)
    if head is not None and any(row.state in (PhaseState.QUEUED, PhaseState.RECOVERING, *WORKING) for row in bench.state.phases.all()):
        with HeldTree(bench).at(head):
            pass


def _try_signing(bench: Workbench) -> None:
    """Before anything is bought: a key that is locked or gone would end the run at its first commit."""
    is_open = any(row.state != PhaseState.COMPLETE for row in bench.state.phases.all())
    if not is_open or not is_signing_asked_for(bench.repository):
        return
    if is_signing(bench):
        try_signing(bench.repository, bench.tree(bench.branch.head() or "HEAD").tree)
    else:
        bench.tell(EventName.NOTE, message="Your git signs commits (commit.gpgsign), and this run does not: git.sign is off.")


def _judge_environments(bench: Workbench) -> None:
    """An environment on PATH that leads back into the user's checkout would check the user's code instead of the candidate's."""
    top = bench.repository.top
    for environment in python_environments(environment_for(bench, "-")):
        own = (str(environment.relative_to(top)),) if environment.is_relative_to(top) else ()
        offender = reaching_back(environment, top, own, depth=PYTHON_DEPTH)
        if offender is not None:
            raise EnvironmentBlockedError(
                f"{environment} on PATH runs your checkout's code, not a candidate's: {offender.file} leads to {offender.target}. "
                "Install the project in workspace.setup of the plan instead, or run Autopack without that environment."
            )


def _introduce(bench: Workbench) -> None:
    """The first line: base, branch, what is left out, who pays; then the phases as they stand."""
    run = bench.state.runs.find(bench.run_id)
    left_out = bench.repository.uncommitted()
    named = ", ".join(left_out[:FILES_NAMED]) + (f" and {len(left_out) - FILES_NAMED} more" if len(left_out) > FILES_NAMED else "")
    payer = f"answered by {bench.replay.name}, at no cost" if bench.replay else _payer(bench)
    message = "; ".join(
        (
            f"run {bench.run_id}: base {run.base_commit[:10] if run else ''}, branch {bench.branch.branch}",
            f"{_uncommitted(len(left_out))} left out ({named})" if left_out else "the checkout has no uncommitted changes",
            payer,
            f"commands run in {bench.sandbox.name}" if bench.sandbox.program else f"commands run without a sandbox: {bench.sandbox.reason}",
        )
    )
    bench.tell(EventName.RUN_INTRODUCED, message=message, uncommitted=list(left_out[:50]))
    for note in (*bench.notes, *_special(bench, run.base_commit if run else bench.branch.branch)):
        bench.tell(EventName.NOTE, message=note)
    bench.observe(Event(run_id=bench.run_id, event=EventName.RUN_PHASES, time=bench.clock.now(), data=_standing(bench)))


def _standing(bench: Workbench) -> dict[str, object]:
    """What earlier starts of the run left: its phases and what was used."""
    status = run_status(bench.state.database, bench.run_id, is_alive=True)
    if status is None:
        return {}
    phases = {phase.id: phase.state for phase in status.phases}
    return {"phases": phases, "status": [phase.model_dump() for phase in status.phases], "usage": status.usage.model_dump()}


def _uncommitted(count: int) -> str:
    return "1 uncommitted file is" if count == 1 else f"{count} uncommitted files are"


def _special(bench: Workbench, base: str) -> tuple[str, ...]:
    """What is unusual about the repository, and what that means for the run."""
    identity = bench.repository.identity
    found = facts(bench.repository, bench.tree(base))
    if bench.plan.workspace.submodules:
        found = replace(found, submodules=())
    signer = f"git knows no name and e-mail address here: the commits are signed {identity.name} <{identity.email}>."
    return (*found.sentences, *((signer,) if identity.is_fallback else ()))


def _payer(bench: Workbench) -> str:
    keys = ", ".join(f"{key.variable} …{key.last_four} ({key.source})" for key in bench.keys)
    return f"paid by {keys}" if keys else "nothing is left to buy"
