"""What a person decides: the verbs of the command line on a phase, and the wish that a run stops."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Body, Depends, Request
from pydantic import Field

from autopack.core.approval import Approval
from autopack.dashboard.access.require import require
from autopack.dashboard.access.scope import Caller, Scope
from autopack.dashboard.bodies import Body as Answer
from autopack.dashboard.bodies import Given
from autopack.dashboard.etags import IfMatch, phase_etag, run_etag, terms_of
from autopack.dashboard.finding import PhaseId, TheRun
from autopack.dashboard.problems import Problem, documented
from autopack.dashboard.server import TheServer
from autopack.executor.steer import verbs
from autopack.executor.steer.stop import nothing_to_stop, stop
from autopack.store.marks import judge_mark
from autopack.store.steering import Wishes

Steerer = Annotated[Caller, require(Scope.STEER)]
Text = Annotated[str, Field(max_length=20_000)]

REFUSALS: Final = documented(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.PRECONDITION_FAILED,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.PRECONDITION_REQUIRED,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)

router = APIRouter(prefix="/runs/{run_id}", tags=["steer"], responses=REFUSALS)


class Approving(Given):
    note: Text = ""
    override: Literal["audit"] | None = None


class Rejecting(Given):
    note: Text = ""


class Retrying(Given):
    note: Text = ""
    model: Annotated[str, Field(max_length=200)] | None = None
    add_scope: tuple[Annotated[str, Field(max_length=1000)], ...] = Field(default=(), max_length=100)


class Skipping(Given):
    note: Annotated[str, Field(max_length=20_000, pattern=r"\S", description="Why; the log keeps it.")]


class Adopting(Given):
    commit: Annotated[str, Field(max_length=200)] | None = None


class Stopping(Given):
    """Takes no option."""


class Recorded(Answer):
    """``resume`` is what leads on where nobody works on the run; ``is_resumed``: the server has started just that."""

    recorded: Literal[True] = True
    message: str
    resume: str | None = None
    is_resumed: bool = False


class Deciding:
    """A verb that is under way: the run that it is about, who asks for it, and what was looked at."""

    def __init__(self, server: TheServer, found: TheRun, caller: Steerer, request: Request, if_match: IfMatch = None) -> None:
        self.server = server
        self.found = found
        self.terms = terms_of(request, caller, if_match)

    def judge(self, etag: str, what: str) -> None:
        """Before anything is made, as the transaction judges again. Raises ChangedMeanwhileError."""
        judge_mark(etag.strip('"'), self.terms.seen, what, self.found.run_id)

    def on(self, phase_id: str, verb: Callable[[verbs.RunControl], str]) -> Recorded:
        """Carries the verb out on a phase, and goes on with the run where that is wanted."""
        self.found.phase(phase_id)
        self.judge(phase_etag(self.found.project, self.found.run_id, phase_id), f"phase '{phase_id}'")
        with self.found.place.steering() as project:
            helm = verbs.RunControl.of(project, self.found.run_id, self.server.clock.now, self.terms)
            said = verb(helm)
            if helm.is_worked_on:
                return Recorded(message=said)
            if self.server.resuming is not None:
                self.server.resuming.start(project, helm.run)
        return Recorded(message=said, resume=f"autopack resume {self.found.run_id}", is_resumed=self.server.resuming is not None)


Decision = Annotated[Deciding, Depends()]


@router.post("/phases/{phase_id}/approve")
def approve(phase_id: PhaseId, decision: Decision, wish: Annotated[Approving, Body()]) -> Recorded:
    """Let a phase land that is held for review."""
    approval = Approval(note=wish.note, override=wish.override)
    return decision.on(phase_id, lambda helm: verbs.approve(helm, phase_id, approval))


@router.post("/phases/{phase_id}/reject")
def reject(phase_id: PhaseId, decision: Decision, wish: Annotated[Rejecting, Body()]) -> Recorded:
    """Send a phase that is held for review back to the builder, with the reason."""
    return decision.on(phase_id, lambda helm: verbs.reject(helm, phase_id, wish.note))


@router.post("/phases/{phase_id}/retry")
def retry(phase_id: PhaseId, decision: Decision, wish: Annotated[Retrying, Body()]) -> Recorded:
    """Give a held, failed, skipped or rolled-back phase fresh attempts, and what was skipped because of it."""
    wishes = Wishes(wish.note, wish.model, wish.add_scope)
    return decision.on(phase_id, lambda helm: verbs.retry(helm, phase_id, wishes))


@router.post("/phases/{phase_id}/skip")
def skip(phase_id: PhaseId, decision: Decision, wish: Annotated[Skipping, Body()]) -> Recorded:
    """Do without a held phase, and without what depends on it."""
    return decision.on(phase_id, lambda helm: verbs.skip(helm, phase_id, wish.note))


@router.post("/phases/{phase_id}/adopt")
def adopt(phase_id: PhaseId, decision: Decision, wish: Annotated[Adopting, Body()]) -> Recorded:
    """Let a person's commits be the phase: they are checked and audited, and no builder is asked."""
    return decision.on(phase_id, lambda helm: verbs.adopt(helm, phase_id, wish.commit))


@router.post("/stop")
def stop_run(decision: Decision, _wish: Annotated[Stopping, Body()]) -> Recorded:
    """Ask the process that works on a run, wherever it was started, to stop after its step."""
    found = decision.found
    decision.judge(run_etag(found.project, found.run_id), f"run '{found.run_id}'")
    with found.place.steering() as project:
        said = stop(project, found.run_id, decision.server.clock, decision.terms)
        if said is None:
            raise Problem(HTTPStatus.CONFLICT, nothing_to_stop(project, found.run_id), f"autopack status {found.run_id}")
    return Recorded(message=said)
