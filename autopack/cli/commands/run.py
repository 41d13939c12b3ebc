"""``autopack run`` and ``autopack resume`` work on a run until this start ends."""

import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from autopack.cli.from_here import in_words
from autopack.cli.options import Repo, SetInput, given_inputs, system_clock
from autopack.cli.output import note, print_json, print_model
from autopack.cli.printable import flat
from autopack.core.printed import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable

    from autopack.cli.screens.json_lines import JsonLines
    from autopack.cli.screens.live import LiveDisplay
    from autopack.cli.screens.plain import PlainLines
    from autopack.core.outlook import Outlook
    from autopack.executor.options import RunEnd, RunOptions


class Times(TypedDict):
    """The options of ``RunOptions`` that a person types as times."""

    max_wait_s: float | None
    until: float | None


AsJson = Annotated[bool, typer.Option("--json", help="One event a line on stdout.")]
RunId = Annotated[str | None, typer.Option("--run-id", metavar="ID", help="Make or go on with this run. Default: PROJECT-DATE-N.")]
PlanFile = Annotated[str | None, typer.Option("--plan", metavar="FILE", help="The plan. Default: autopack.yaml.")]
New = Annotated[bool, typer.Option("--new", help="A new run, whatever there is of this plan.")]
Base = Annotated[str | None, typer.Option("--base", metavar="REF", help="Where to start from. Default: the plan's base, else HEAD.")]
ReplayFile = Annotated[Path | None, typer.Option("--replay", metavar="FILE", help="Answer from a recorded journal, not from a provider.")]
Resumed = Annotated[str | None, typer.Argument(metavar="ID", help="Default: the newest run.", show_default=False)]
Model = Annotated[str | None, typer.Option("--model", metavar="M", help="This model for every role: an alias, an id, or provider/model.")]
MaxUsd = Annotated[float | None, typer.Option("--max-usd", metavar="X", help="Never spend more than this on the run.", min=0.000001)]
MaxTokens = Annotated[int | None, typer.Option("--max-tokens", metavar="N", help="Never use more tokens than this on the run.", min=1)]
MaxHours = Annotated[
    float | None, typer.Option("--max-hours", metavar="H", help="Begin no attempt after so many hours of work.", min=0.0001)
]
AcceptChange = Annotated[bool, typer.Option("--accept-plan-change", help="Take over a plan that was changed since the run began.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; make nothing, ask nobody.")]
MaxWait = Annotated[
    str | None, typer.Option("--max-wait", metavar="8h", help="How long limits and outages are waited out. Default: max_wait_hours, 8h.")
]
Until = Annotated[str | None, typer.Option("--until", metavar="07:00", help="End this start by then; resume goes on.")]
ResetHealth = Annotated[bool, typer.Option("--reset-health", help="What went wrong so far counts no more against the health budget.")]
ReplayStrict = Annotated[bool, typer.Option("--replay-strict", help="A request that differs from the recorded one is an error.")]


def run(
    *,
    run_id: RunId = None,
    plan: PlanFile = None,
    new: New = False,
    base: Base = None,
    model: Model = None,
    max_usd: MaxUsd = None,
    max_tokens: MaxTokens = None,
    max_hours: MaxHours = None,
    replay: ReplayFile = None,
    replay_strict: ReplayStrict = False,
    accept_plan_change: AcceptChange = False,
    max_wait: MaxWait = None,
    until: Until = None,
    reset_health: ResetHealth = False,
    set_input: SetInput = None,
    dry_run: DryRun = False,
    repo: Repo = Path(),
    as_json: AsJson = False,
) -> None:
    """Make a run from a plan and work on it, or go on with it."""
    from autopack.executor.options import RunOptions

    options = RunOptions(
        repo=repo,
        run_id=run_id,
        plan=plan,
        is_new=new,
        base=base,
        model=model,
        max_usd=max_usd,
        max_tokens=max_tokens,
        max_hours=max_hours,
        replay=replay,
        is_replay_strict=replay_strict,
        accepts_plan_change=accept_plan_change,
        resets_health=reset_health,
        given=given_inputs(set_input),
        **_times(max_wait, until),
    )
    _start(options, as_json=as_json, is_dry=dry_run)


def resume(
    run_id: Resumed = None,
    *,
    model: Model = None,
    max_usd: MaxUsd = None,
    max_tokens: MaxTokens = None,
    max_hours: MaxHours = None,
    replay_strict: ReplayStrict = False,
    accept_plan_change: AcceptChange = False,
    max_wait: MaxWait = None,
    until: Until = None,
    reset_health: ResetHealth = False,
    set_input: SetInput = None,
    dry_run: DryRun = False,
    repo: Repo = Path(),
    as_json: AsJson = False,
) -> None:
    """Go on with a run where it stopped. Never makes one."""
    from autopack.executor.options import RunOptions

    options = RunOptions(
        repo=repo,
        run_id=run_id,
        creates=False,
        model=model,
        max_usd=max_usd,
        max_tokens=max_tokens,
        max_hours=max_hours,
        is_replay_strict=replay_strict,
        accepts_plan_change=accept_plan_change,
        resets_health=reset_health,
        given=given_inputs(set_input),
        **_times(max_wait, until),
    )
    _start(options, as_json=as_json, is_dry=dry_run)


def _times(max_wait: str | None, until: str | None) -> Times:
    from autopack.cli.times import moment_of, seconds_of

    return {
        "max_wait_s": seconds_of(max_wait, "--max-wait") if max_wait is not None else None,
        "until": moment_of(until, "--until", system_clock().now()) if until is not None else None,
    }


def _start(options: "RunOptions", *, as_json: bool, is_dry: bool) -> None:
    clock = system_clock()
    if is_dry:
        from autopack.executor.start.dry_run import outlook

        _print_outlook(outlook(options, clock), as_json=as_json)
        return
    from autopack.executor.start.start_run import start_run
    from autopack.executor.watcher import Watcher

    with ExitStack() as after, display_for(as_json=as_json) as display:
        watcher = Watcher(display.observe, display.say, printed_after(after, options.repo, as_json=as_json), lambda: display.is_unread)
        end = start_run(options, clock, watcher)
    raise typer.Exit(end.exit_code)


def display_for(*, as_json: bool) -> "JsonLines | LiveDisplay | PlainLines":
    if as_json:
        from autopack.cli.screens.json_lines import JsonLines

        return JsonLines(sys.stdout, sys.stderr)
    if sys.stderr.isatty():
        from rich.console import Console

        from autopack.cli.screens.live import LiveDisplay

        return LiveDisplay(Console(stderr=True))
    from autopack.cli.screens.plain import PlainLines

    return PlainLines(sys.stderr)


def printed_after(display: ExitStack, repo: Path, *, as_json: bool) -> "Callable[[RunEnd], None]":
    """Prints the end once the display is closed."""

    def finish(end: "RunEnd") -> None:
        display.callback(print_end, end, repo, as_json=as_json)

    return finish


def print_end(end: "RunEnd", repo: Path, *, as_json: bool) -> None:
    """The reason and the next command; for JSON the last line of the stream."""
    if as_json:
        line = {
            "schema": SCHEMA,
            "run_id": end.run_id,
            "event": "run_finished",
            "state": end.state,
            "exit_code": end.exit_code,
            "reason": end.reason,
            "message": end.message,
            "next": list(end.next),
        }
        with suppress(BrokenPipeError):  # the reader went away: the exit code still says how the run ended
            print_json(line)
        return
    note(f"run {end.run_id}: {end.state}" + (f": {end.message}" if end.message else ""))
    for number, command in enumerate(in_words(end.next, repo)):
        note(f"{'next: ' if number == 0 else '      '}{command}")


def _print_outlook(found: "Outlook", *, as_json: bool) -> None:
    if as_json:
        print_model(found)
        return
    from autopack.cli.screens.outlook_screen import outlook_lines

    print("\n".join(map(flat, outlook_lines(found))))
