"""``autopack memory``: what is remembered of the project; brought up to the code, searched, counted, forgotten."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, NamedTuple

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
from autopack.core.clock import Clock
from autopack.core.errors import EnvironmentBlockedError, ProviderBlockedError
from autopack.core.memory import Collection, Recalled
from autopack.core.printed import SCHEMA
from autopack.core.redaction import Redactor
from autopack.executor.project_state import ProjectState, open_project
from autopack.executor.start.project_vectors import project_vectors
from autopack.memory.embeddings import EmbeddingsUnavailableError
from autopack.memory.maintenance import forget_old, forget_other_models
from autopack.memory.measured import name_of
from autopack.memory.memory_service import Search
from autopack.memory.memory_service import search as search_memory
from autopack.memory.vectors import Vectors, embed_entries
from autopack.settings.key_variables import suspected_values
from autopack.store.memory import count, kept_since
from autopack.store.memory_vectors import Space, count_vectors
from autopack.worktree.base_tree import BaseTree

Query = Annotated[str, typer.Argument(metavar="QUERY", help="Words, or a failure as it was printed.")]
Kind = Annotated[Collection | None, typer.Option("--collection", show_default=False, help="Look in this one only.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many entries at most.")]
Base = Annotated[str, typer.Option("--base", metavar="REF", help="The commit whose files are read.")]

_LONGEST: Final = 100


def index(*, project: Project = None, base: Base = "HEAD", repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Bring what is remembered of the code up to the base commit, and give every entry a vector where a model for that is configured."""
    clock = system_clock()
    place = open_project(repo, clock)
    name = project_of(place, project)
    tree = BaseTree(place.repository.git, place.repository.resolve(base))
    redactor = Redactor(suspected_values(place.environment, place.repository.top))
    with _progress("indexing", "files") as tell:
        done = index_code(CodeIndex(place.database, name, redactor), tree, clock.now(), tell)
    with project_vectors(place, clock, redactor) as (source, vectors):
        embedded = _embedded(place, name, vectors) if vectors else 0
        model = vectors.model if vectors else None
    place.database.close()
    if as_json:
        figures = {"read": done.read, "unchanged": done.unchanged, "gone": done.gone, "entries": done.entries}
        print_json({"schema": SCHEMA, "project": name, "commit": tree.commit, **figures, "model": model, "embedded": embedded})
    else:
        told = f"{done.read:,} files read, {done.entries:,} entries written; {done.unchanged:,} files unchanged, {done.gone:,} gone"
        made = f"; {embedded:,} vectors made by {name_of(model)}" if model else ""
        stdout_screen().show([f"{name} at {tree.commit[:10]}: {told}{made}."])
    if model is None and source.is_asked_for:
        raise EnvironmentBlockedError(f"No vectors were made: {source.why}.")


def _embedded(place: ProjectState, project: str, vectors: Vectors) -> int:
    """Gives every entry a vector; what was made before it had to end is kept."""
    try:
        with _progress("embedding", "entries") as tell:
            return embed_entries(place.database, vectors.spaces(project, list(Collection)), vectors, tell=tell)
    except EmbeddingsUnavailableError as error:
        raise ProviderBlockedError(f"Not every entry has a vector: {error}.") from error


def search(
    query: Query, *, project: Project = None, collection: Kind = None, limit: Limit = 10, repo: Repo = Path(), as_json: AsJson = False
) -> None:
    """Look for what is remembered, by words, and by meaning where entries have vectors; a builder is reminded of what is alike enough."""
    clock = system_clock()
    with opened(repo, clock) as place:
        name = project_of(place, project)
        sought = Search(name, [collection] if collection else list(Collection), query, limit)
        found = _found(place, clock, sought)
    if as_json:
        print_json({"schema": SCHEMA, "project": name, "results": [one.model_dump(mode="json") for one in found]})
        return
    rows = [
        [Text(one.collection), Text(one.source), Text(f"{one.score:.2f}"), Text(one.by), Text(one_line(one.text, _LONGEST))]
        for one in found
    ]
    screen = stdout_screen()
    if rows:
        columns = (Column("COLLECTION", rank=1), Column("FROM", wraps=True), Column("ALIKE", is_right=True), Column("BY", rank=2))
        screen.show(in_columns((*columns, Column("TEXT", wraps=True)), rows, screen.width))
    else:
        note(f"Nothing of project '{name}' has these words.")


def _found(place: ProjectState, clock: Clock, sought: Search) -> tuple[Recalled, ...]:
    redactor = Redactor(suspected_values(place.environment, place.repository.top))
    with project_vectors(place, clock, redactor) as (_, vectors):
        try:
            return search_memory(place.database, sought, vectors)
        except EmbeddingsUnavailableError as error:
            note(f"{error}; looked for by words alone.")
    return search_memory(place.database, sought)


def stats(*, project: Project = None, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Count what is remembered, by collection, and how much of it has a vector of the configured model."""
    clock = system_clock()
    with opened(repo, clock) as place:
        name = project_of(place, project)
        settings = place.effective.settings.memory
        with project_vectors(place, clock, Redactor(())) as (source, vectors):
            model = vectors.model if vectors else None
        held = [
            _Held(
                one,
                count(place.database, name, one),
                count_vectors(place.database, Space(name, one, model)) if model else 0,
                kept_since(place.database, name, one),
                settings.ttl_days.of(one),
            )
            for one in Collection
        ]
    if as_json:
        print_json({"schema": SCHEMA, "project": name, "model": model, "collections": [one.row for one in held]})
        return
    named = (Column(f"{name}"), Column("ENTRIES", is_right=True), Column("VECTORS", is_right=True))
    screen = stdout_screen()
    screen.show(
        in_columns((*named, Column("OLDEST", rank=1), Column("NEWEST"), Column("KEPT FOR")), [one.cells for one in held], screen.width)
    )
    note(f"vectors: {name_of(model) if model else source.why}")


class _Held(NamedTuple):
    """What is held of one collection."""

    collection: Collection
    entries: int
    vectors: int
    times: tuple[float, float] | None
    days: float | None

    @property
    def row(self) -> dict[str, object]:
        times = {"oldest": _date(self.times, 0), "newest": _date(self.times, 1)}
        return {"collection": self.collection, "entries": self.entries, "vectors": self.vectors, **times, "ttl_days": self.days}

    @property
    def cells(self) -> list[Text]:
        kept = f"{self.days:g} days" if self.days else "the file"
        figures = (f"{self.entries:,}", f"{self.vectors:,}", _date(self.times, 0) or "-", _date(self.times, 1) or "-")
        return [Text(cell) for cell in (self.collection, *figures, kept)]


def prune(*, project: Project = None, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Forget what is older than its days, as every run does when it starts, what is too much, and vectors of other models."""
    clock = system_clock()
    with opened(repo, clock) as place:
        name = project_of(place, project)
        gone = forget_old(place.database, name, place.effective.settings.memory, clock.now())
        with project_vectors(place, clock, Redactor(())) as (_, vectors):
            dropped = forget_other_models(place.database, name, vectors.model) if vectors else 0
    if as_json:
        print_json({"schema": SCHEMA, "project": name, "forgotten": {one: gone.get(one, 0) for one in Collection}, "vectors": dropped})
        return
    also = f", and {dropped:,} vectors of another model" if dropped else ""
    stdout_screen().show([f"{name}: {sum(gone.values()):,} entries forgotten{also}."])


def _date(times: tuple[float, float] | None, at: int) -> str | None:
    return datetime.fromtimestamp(times[at], UTC).strftime("%Y-%m-%d") if times else None


@contextmanager
def _progress(doing: str, what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal; elsewhere a line for each part."""
    if not sys.stderr.isatty():
        yield lambda done, total: note(f"{done:,} of {total:,} {what}")
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(doing, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
