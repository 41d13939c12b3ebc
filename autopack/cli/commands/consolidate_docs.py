"""``autopack consolidate-docs`` sorts documents into pages by kind and keeps the originals; or undoes that."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from autopack.cli.open_state import opened
from autopack.cli.options import AsJson, Project, Repo, system_clock
from autopack.cli.output import note, print_json
from autopack.cli.printable import one_line
from autopack.cli.screens.columns import Column, in_columns
from autopack.cli.screens.screen import stdout_screen
from autopack.cli.target import project_of
from autopack.core.errors import UsageError
from autopack.core.printed import SCHEMA
from autopack.docs_archive.consolidate import Consolidation
from autopack.docs_archive.filling import Moved
from autopack.docs_archive.manifest import Manifest
from autopack.docs_archive.pages import page_name
from autopack.docs_archive.scan import Left, paths_from_root
from autopack.docs_archive.service import Documents

Named = Annotated[
    list[str] | None,
    typer.Argument(metavar="PATH...", show_default=False, help="Documents or folders to take too, although they would stay."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")]
Explain = Annotated[bool, typer.Option("--explain", help="Say of each document why it goes where it goes, or why it stays.")]
Undo = Annotated[bool, typer.Option("--undo", help="Take the last consolidation back.")]

_PATH: Final = 300
_BROKEN_SHOWN: Final = 10
_COLUMNS: Final = (Column("DOCUMENT", wraps=True), Column("KIND"), Column("GOES TO", wraps=True, rank=1), Column("WHY", wraps=True, rank=2))


def consolidate_docs(
    paths: Named = None,
    *,
    dry_run: DryRun = False,
    explain: Explain = False,
    undo: Undo = False,
    project: Project = None,
    repo: Repo = Path(),
    as_json: AsJson = False,
) -> None:
    """Sort the documents that lie about into pages by kind, and move what was taken over aside."""
    if undo and (dry_run or explain or paths):
        raise UsageError("--undo takes back the last consolidation as a whole; give it alone.")
    with opened(repo, system_clock()) as place:
        name = project_of(place, project)
        settings = place.effective.settings.documents
        documents = Documents(place.repository, settings, name, lambda word: place.runs.find(word) is not None)
        named = paths_from_root(place.repository, paths or (), Path.cwd())
        with documents.alone():
            if undo:
                _tell_undone(documents.undo(), as_json=as_json)
                return
            pending = documents.pending()
            if pending is not None and dry_run:
                note("an earlier consolidation was killed on its way; what is shown is how things stand now.", next_command=_COMMAND)
            elif pending is not None:
                documents.go_on(pending)
                note("an earlier consolidation was killed on its way; it was gone on with.")
            made, left = documents.plan(named)
            if made.changes and not dry_run:
                documents.carry_out(made)
    if as_json:
        print_json(_record(made, left, is_dry=dry_run))
    else:
        _show(made, left, explain=explain)
    _tell(made, is_dry=dry_run)


_COMMAND: Final = "autopack consolidate-docs"


def _record(made: Consolidation, left: tuple[Left, ...], *, is_dry: bool) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "is_dry_run": is_dry,
        "documents": [_document(one) for one in made.moved],
        "left": [{"path": one.path, "why": one.why} for one in left],
        "written": [change.path for change in made.changes if change.after is not None],
        "links": {
            "rewritten": made.links_rewritten,
            "broken": [{"path": one.path, "line": one.line, "target": one.target} for one in made.broken],
        },
    }


def _document(one: Moved) -> dict[str, Any]:
    entry = one.entry
    return {
        "path": entry.source,
        "project": one.sorted.project,
        "kind": entry.kind,
        "why": one.sorted.why,
        "title": entry.title,
        "date": entry.date,
        "sha256": entry.sha256,
        "page": f"{one.archive}/{page_name(entry.kind)}",
        "kept": f"{one.archive}/{entry.kept}",
        "merged_into": f"{one.archive}/{entry.merged_into}" if entry.merged_into else None,
        "likeness": entry.likeness,
    }


def _show(made: Consolidation, left: tuple[Left, ...], *, explain: bool) -> None:
    rows = [
        [_text(one.entry.source), Text(one.entry.kind), _text(_goes_to(one)), _text(one.sorted.why if explain else "")]
        for one in made.moved
    ]
    if explain:
        rows += [[_text(one.path), Text("stays", style="dim"), Text(), _text(one.why)] for one in left]
    if rows:
        screen = stdout_screen()
        screen.show(in_columns(_COLUMNS, rows, screen.width))


def _goes_to(one: Moved) -> str:
    page = f"{one.archive}/{page_name(one.entry.kind)}"
    if one.entry.merged_into is None:
        return page
    figure = "the same as" if one.entry.likeness == 1 else f"{one.entry.likeness or 0:.0%} alike:"
    return f"{page} ({figure} {one.entry.merged_into.removeprefix('superseded/')})"


def _tell(made: Consolidation, *, is_dry: bool) -> None:
    if not made.moved:
        note("no document lies about; nothing was changed.")
        return
    kinds = Counter(one.entry.kind for one in made.moved)
    merged = sum(one.entry.merged_into is not None for one in made.moved)
    sorted_so = ", ".join(f"{number} {kind}" for kind, number in kinds.most_common())
    many = f"{len(made.moved)} document{'s' if len(made.moved) > 1 else ''}"
    note(f"{many}{' would be' if is_dry else ''} sorted: {sorted_so}; {merged} merged; {made.links_rewritten} links brought up to date.")
    for one in made.broken[:_BROKEN_SHOWN]:
        note(f"  led nowhere before, and was left: {one.path}:{one.line}: {one.target}")
    if len(made.broken) > _BROKEN_SHOWN:
        note(f"  and {len(made.broken) - _BROKEN_SHOWN} more links that led nowhere; --json has them all.")
    if is_dry:
        note("nothing was changed.", next_command=_COMMAND)
    else:
        note("nothing was committed: `git diff --staged -M` shows it.", next_command=f"{_COMMAND} --undo")


def _tell_undone(manifest: Manifest, *, as_json: bool) -> None:
    back = [one.path for one in manifest.changes if one.after is None]
    if as_json:
        print_json({"schema": SCHEMA, "undone": back})
    else:
        stdout_screen().show([f"{len(back)} documents are where they were."])


def _text(words: str) -> Text:
    return Text(one_line(words, _PATH))
