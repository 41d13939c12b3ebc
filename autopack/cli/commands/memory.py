"""``autopack memory``: what is remembered of the project; brought up to the code, searched, counted, forgotten."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from autopack.cli.open_state import opened
from autopack.cli.options import AsJson, Project, Repo, system_clock
from autopack.cli.output import note, print_json
from autopack.cli.printable import one_line
from autopack.cli.screens.columns import Column, in_columns
from autopack.cli.screens.screen import stdout_screen
from autopack.cli.target import project_of
from autopack.context.code_index import CodeIndex, index_code
from autopack.core.memory import Collection
from autopack.core.redaction import Redactor
from autopack.executor.project_state import open_project
from autopack.memory.maintenance import forget_old
from autopack.memory.memory_service import search as search_memory
from autopack.settings.key_variables import suspected_values
from autopack.store.memory import count, kept_since
from autopack.worktree.base_tree import BaseTree

Query = Annotated[str, typer.Argument(metavar="QUERY", help="Words, or a failure as it was printed.")]
Kind = Annotated[Collection | None, typer.Option("--collection", show_default=False, help="Look in this one only.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many entries at most.")]
Base = Annotated[str, typer.Option("--base", metavar="REF", help="The commit whose files are read.")]

_LONGEST: Final = 100


def index(*, project: Project = None, base: Base = "HEAD", repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Bring what is remembered of the code up to the base commit; what is known by its blob is not read again."""
    clock = system_clock()
    place = open_project(repo, clock)
    name = project_of(place, project)
    tree = BaseTree(place.repository.git, place.repository.resolve(base))
    redactor = Redactor(suspected_values(place.environment, place.repository.top))
    with _progress() as tell:
        done = index_code(CodeIndex(place.database, name, redactor), tree, clock.now(), tell)
    place.database.close()
    if as_json:
        figures = {"read": done.read, "unchanged": done.unchanged, "gone": done.gone, "entries": done.entries}
        print_json({"schema": 1, "project": name, "commit": tree.commit, **figures})
        return
    told = f"{done.read:,} files read, {done.entries:,} entries written; {done.unchanged:,} files unchanged, {done.gone:,} gone"
    stdout_screen().show([f"{name} at {tree.commit[:10]}: {told}."])


def search(
    query: Query, *, project: Project = None, collection: Kind = None, limit: Limit = 10, repo: Repo = Path(), as_json: AsJson = False
) -> None:
    """Look for what is remembered, by words; a builder is reminded of less: only of what is alike enough."""
    with opened(repo, system_clock()) as place:
        name = project_of(place, project)
        found = search_memory(place.database, name, [collection] if collection else list(Collection), query, limit)
    if as_json:
        print_json({"schema": 1, "project": name, "results": [one.model_dump(mode="json") for one in found]})
        return
    rows = [[Text(one.collection), Text(one.source), Text(f"{one.score:.2f}"), Text(one_line(one.text, _LONGEST))] for one in found]
    screen = stdout_screen()
    if rows:
        columns = (Column("COLLECTION", rank=1), Column("FROM", wraps=True), Column("ALIKE", is_right=True), Column("TEXT", wraps=True))
        screen.show(in_columns(columns, rows, screen.width))
    else:
        note(f"Nothing of project '{name}' has these words.")


def stats(*, project: Project = None, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Count what is remembered, by collection."""
    with opened(repo, system_clock()) as place:
        name = project_of(place, project)
        counts = {one: count(place.database, name, one) for one in Collection}
        times = {one: kept_since(place.database, name, one) for one in Collection}
        days = {one: place.effective.settings.memory.ttl_days.of(one) for one in Collection}
    if as_json:
        rows = [
            {
                "collection": one,
                "entries": counts[one],
                "oldest": _date(times[one], 0),
                "newest": _date(times[one], 1),
                "ttl_days": days[one],
            }
            for one in Collection
        ]
        print_json({"schema": 1, "project": name, "collections": rows})
        return
    columns = (Column(f"{name}"), Column("ENTRIES", is_right=True), Column("OLDEST", rank=1), Column("NEWEST"), Column("KEPT FOR"))
    lines = [
        [
            Text(one),
            Text(f"{counts[one]:,}"),
            Text(_date(times[one], 0) or "-"),
            Text(_date(times[one], 1) or "-"),
            Text(f"{days[one]:g} days" if days[one] else "the file"),
        ]
        for one in Collection
    ]
    screen = stdout_screen()
    screen.show(in_columns(columns, lines, screen.width))


def prune(*, project: Project = None, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Forget what is older than its days, as every run does when it starts, and what is too much."""
    clock = system_clock()
    with opened(repo, clock) as place:
        name = project_of(place, project)
        gone = forget_old(place.database, name, place.effective.settings.memory, clock.now())
    if as_json:
        print_json({"schema": 1, "project": name, "forgotten": {one: gone.get(one, 0) for one in Collection}})
        return
    stdout_screen().show([f"{name}: {sum(gone.values()):,} entries forgotten."])


def _date(times: tuple[float, float] | None, at: int) -> str | None:
    return datetime.fromtimestamp(times[at], UTC).strftime("%Y-%m-%d") if times else None


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal; elsewhere a line for each part."""
    if not sys.stderr.isatty():
        yield lambda done, total: note(f"{done:,} of {total:,} files")
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("indexing", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
