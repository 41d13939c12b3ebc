"""``autopack logs`` prints what happened, what the checks printed, what the models were asked and answered."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from autopack.cli.open_state import opened
from autopack.cli.options import AsJson, NewestRun, PhaseOfRun, Repo, system_clock
from autopack.cli.output import note, print_json
from autopack.cli.screens.check_log import check_source, plan_check_source
from autopack.cli.screens.event_log import event_source
from autopack.cli.screens.log_entries import Source
from autopack.cli.screens.model_log import model_source
from autopack.cli.screens.screen import stdout_screen
from autopack.cli.target import Target, choose
from autopack.core.clock import Clock
from autopack.core.errors import UsageError
from autopack.executor.lock import is_alive
from autopack.executor.project_state import PLAN_CHECK, ProjectState

Events = Annotated[bool, typer.Option("--events", help="What happened, a line each. The default.")]
Check = Annotated[bool, typer.Option("--check", help="What the checks printed.")]
Model = Annotated[bool, typer.Option("--model", help="Every model call: what was asked and answered.")]
Attempt = Annotated[int | None, typer.Option("--attempt", metavar="N", min=0, help="With --check: of this attempt; 0 is the base.")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on until nobody works on the run.")]


def logs(
    run_id: NewestRun = None,
    phase: PhaseOfRun = None,
    *,
    events: Events = False,
    check: Check = False,
    model: Model = False,
    attempt: Attempt = None,
    follows: Follow = False,
    repo: Repo = Path(),
    as_json: AsJson = False,
) -> None:
    """Print a run's log: events, the output of its checks, or its model calls."""
    if events + check + model > 1:
        raise UsageError("choose one of --events, --check and --model.")
    if attempt is not None and not check:
        raise UsageError("--attempt goes with --check.")
    clock = system_clock()
    with opened(repo, clock) as project:
        if without := _without_run(project, run_id, phase, is_check=check):
            _Printer(without, as_json=as_json).print_news()
            return
        target = choose(project, run_id, phase)
        source = check_source(project, target, attempt) if check else _source(project, target, model=model, follows=follows)
        printer = _Printer(source, as_json=as_json)
        if follows and is_alive(project.locks, target.run_id):
            with suppress(KeyboardInterrupt):
                follow(project, target.run_id, clock, printer.print_news)
        else:
            printer.print_news()
            if follows:
                note(f"nobody works on run '{target.run_id}' ({project.status(target.run_id).state}).")
    if not printer.has_printed:
        note(_NOTHING["check" if check else "model" if model else "events"])


_NOTHING = {"events": "nothing has happened yet.", "check": "no check has ended yet.", "model": "no model has been asked yet."}


def _without_run(project: ProjectState, run_id: str | None, phase: str | None, *, is_check: bool) -> Source | None:
    """Whether the log of ``plan check --run-checks`` is meant: by its name, or where there is no run with checks."""
    is_named = run_id == PLAN_CHECK and project.runs.find(PLAN_CHECK) is None
    if not is_named and (run_id is not None or not is_check or project.runs.newest_first()):
        return None
    return plan_check_source(project, phase)


def _source(project: ProjectState, target: Target, *, model: bool, follows: bool) -> Source:
    return model_source(project, target, waits=follows) if model else event_source(project, target)


class _Printer:
    """Prints what a source has to say, as JSON lines or in words."""

    def __init__(self, source: Source, *, as_json: bool) -> None:
        self._source = source
        self._as_json = as_json
        self._screen = stdout_screen()
        self.has_printed = False

    def print_news(self) -> None:
        for news in self._source():
            self.has_printed = True
            if self._as_json:
                print_json(news.record())
            else:
                self._screen.show(news.lines())


LOOK_S = 0.5
_LOOKS_PER_QUESTION = 4


def follow(project: ProjectState, run_id: str, clock: Clock, print_news: Callable[[], None]) -> None:
    """Prints what is new until the run has no owner, then once more.

    It asks the lock seldom: asking holds it for an instant, and a start of the run would find it taken.
    """
    while is_alive(project.locks, run_id):
        for _ in range(_LOOKS_PER_QUESTION):
            print_news()
            clock.sleep(LOOK_S)
    print_news()
