"""Writes a run's report beside its records: ``report.md`` and ``report.html``, each whole or not at all."""

from pathlib import Path
from typing import Final

from autopack.reporting.report.html import report_html
from autopack.reporting.report.markdown import report_markdown
from autopack.reporting.report.model import RunReport
from autopack.settings.assets import assets
from autopack.settings.own_files import hide_from_git
from autopack.worktree.replace_own import replace_own

MARKDOWN: Final = "report.md"
HTML: Final = "report.html"


def write_report(report: RunReport, records: Path) -> tuple[Path, Path]:
    """``records`` is ``<repo>/.autonomous_runs/<run>``. Raises OSError or EnvironmentBlockedError where nothing can be written there."""
    hide_from_git(records.parent)
    replace_own(records / MARKDOWN, report_markdown(report))
    replace_own(records / HTML, html_of(report))
    return records / MARKDOWN, records / HTML


def html_of(report: RunReport) -> str:
    return report_html(report, (assets("templates") / "report" / "report.css").read_text("utf-8"))
