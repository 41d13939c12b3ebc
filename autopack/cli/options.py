"""Declares once the options and arguments that several commands share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from autopack.core.clock import Clock

Repo = Annotated[
    Path, typer.Option("--repo", metavar="DIR", show_default=False, help="The repository. Default: the one the shell stands in.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, everything else on stderr.")]
NewestRun = Annotated[str | None, typer.Argument(metavar="ID", show_default=False, help="The run. Default: the newest.")]
PhaseOfRun = Annotated[str | None, typer.Argument(metavar="PHASE", show_default=False, help="One phase of the run.")]
Project = Annotated[
    str | None,
    typer.Option("--project", metavar="NAME", show_default=False, help="Default: that of the newest run, else the repository's name."),
]


SetInput = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="The value of one of the plan's inputs; may be given again.", show_default=False),
]


def given_inputs(words: list[str] | None) -> tuple[tuple[str, str], ...]:
    """Names and values of ``--set``; raises UsageError for a word of another form."""
    from autopack.core.errors import UsageError
    from autopack.planning.inputs import given_of

    try:
        return given_of(tuple(words or ()))
    except ValueError as error:
        raise UsageError(f"`--set {error}` sets nothing; write `--set NAME=VALUE`.") from error


def system_clock() -> "Clock":
    """The time of this machine; everything below the command line takes it as an argument."""
    import time

    from autopack.core.clock import Clock

    return Clock(time.time, time.monotonic, time.sleep)
