"""``autopack logs``: what happened, what the checks printed, what the models were asked and answered."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from autopack.cli.check_log import check_source, plan_check_source
from autopack.cli.event_log import event_source
from autopack.cli.follow import follow
from autopack.cli.model_log import model_source
from autopack.cli.news import Source
from autopack.cli.opened import opened
from autopack.cli.options import AsJson, NewestRun, PhaseOfRun, Repo, system_clock
from autopack.cli.output import note, print_json
from autopack.cli.screen import stdout_screen
from autopack.cli.target import Target, choose
from autopack.core.errors import UsageError
from autopack.executor.lock import is_alive
from autopack.executor.place import Place
from autopack.executor.records import PLAN_CHECK

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
    with opened(repo, clock) as place:
        if without := _without_run(place, run_id, phase, is_check=check):
            _Printer(without, as_json=as_json).print_news()
            return
        target = choose(place, run_id, phase)
        source = check_source(place, target, attempt) if check else _source(place, target, model=model, follows=follows)
        printer = _Printer(source, as_json=as_json)
        if follows and is_alive(place.locks, target.run_id):
            with suppress(KeyboardInterrupt):
                follow(place, target.run_id, clock, printer.print_news)
        else:
            printer.print_news()
            if follows:
                note(f"nobody works on run '{target.run_id}' ({place.status(target.run_id).state}).")
    if not printer.has_printed:
        note(_NOTHING["check" if check else "model" if model else "events"])


_NOTHING = {"events": "nothing has happened yet.", "check": "no check has ended yet.", "model": "no model has been asked yet."}


def _without_run(place: Place, run_id: str | None, phase: str | None, *, is_check: bool) -> Source | None:
    """What ``plan check --run-checks`` kept: asked for by its name, or where there is no run whose checks could be meant."""
    is_named = run_id == PLAN_CHECK and place.runs.find(PLAN_CHECK) is None
    if not is_named and (run_id is not None or not is_check or place.runs.newest_first()):
        return None
    return plan_check_source(place, phase)


def _source(place: Place, target: Target, *, model: bool, follows: bool) -> Source:
    return model_source(place, target, waits=follows) if model else event_source(place, target)


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
