"""``autopack report`` tells a run as one page: for the morning, for a CI job's summary, for a colleague."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from autopack.cli.open_state import opened
from autopack.cli.options import AsJson, NewestRun, Repo, system_clock
from autopack.cli.output import note, print_model
from autopack.cli.screens.screen import stdout_screen
from autopack.cli.target import choose_run
from autopack.cli.whole_file import write_whole
from autopack.core.errors import UsageError
from autopack.executor.run_report import records_of, report_of
from autopack.executor.start.run_inputs import redactor_of_run
from autopack.reporting.report.files import html_of, write_report
from autopack.reporting.report.markdown import report_markdown

Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", show_default=False, help="Write one HTML file there; - is stdout.")]
AsMarkdown = Annotated[bool, typer.Option("--md", help="Print it as Markdown, as for a CI job's summary.")]


def report(
    run_id: NewestRun = None, *, html: Html = None, as_markdown: AsMarkdown = False, repo: Repo = Path(), as_json: AsJson = False
) -> None:
    """Tell what landed, what did not and why, what to look at, and what it took."""
    if sum((html is not None, as_markdown, as_json)) > 1:
        raise UsageError("--html, --md and --json are three forms of one report; give one of them.")
    clock = system_clock()
    with opened(repo, clock) as project:
        row = choose_run(project, run_id)
        made = report_of(project, row, redactor_of_run(project, row), clock.now())
    if as_json:
        print_model(made)
    elif as_markdown:
        _print(report_markdown(made))
    elif html is not None and str(html) != "-":
        write_whole(html, [html_of(made)], "the report")
        note(f"written: {html}")
    elif html is not None:
        _print(html_of(made))
    else:
        stdout_screen().show([str(path) for path in write_report(made, records_of(row))])


def _print(text: str) -> None:
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
    sys.stdout.flush()
