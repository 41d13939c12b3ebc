"""Writes a run's report beside its records: ``report.md`` and ``report.html``, each whole or not at all."""

import os
from pathlib import Path
from typing import Final

from autopack.reporting.report.html import report_html
from autopack.reporting.report.markdown import report_markdown
from autopack.reporting.report.model import RunReport
from autopack.settings.assets import assets
from autopack.settings.own_files import hide_from_git, open_own
from autopack.worktree.folder_flush import flush_folder

MARKDOWN: Final = "report.md"
HTML: Final = "report.html"


def write_report(report: RunReport, records: Path) -> tuple[Path, Path]:
    """``records`` is ``<repo>/.autonomous_runs/<run>``. Raises OSError or EnvironmentBlockedError where nothing can be written there."""
    hide_from_git(records.parent)
    _put(records / MARKDOWN, report_markdown(report))
    _put(records / HTML, html_of(report))
    return records / MARKDOWN, records / HTML


def html_of(report: RunReport) -> str:
    return report_html(report, (assets("templates") / "report" / "report.css").read_text("utf-8"))


def _put(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.draft")
    with os.fdopen(open_own(draft, os.O_TRUNC), "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    flush_folder(path.parent)
