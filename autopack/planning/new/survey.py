"""What a repository looks like to somebody who is to plan work on it: languages, files, checks, the symbols of what the goal is about."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from autopack.context.resolve import Wanted
from autopack.context.symbols import symbols_of
from autopack.context.tree import TreeReader
from autopack.context.unshown import note_by_name, note_by_text
from autopack.core.text import unix_text
from autopack.core.visible import one_name
from autopack.core.words import stems
from autopack.edits.protected import never_allowed
from autopack.planning.project_tests import ProjectTests
from autopack.planning.templates.test_places import is_test

PATHS_MAX: Final = 500
SYMBOL_FILES_MAX: Final = 120
SYMBOL_CHARACTERS: Final = 40_000
_LINE: Final = 120
_ENTRIES: Final = frozenset({"main", "__main__", "cli", "app", "server", "index", "manage", "lib", "mod"})


Redact = Callable[[str], str]


@dataclass(frozen=True)
class Survey:
    """Texts, redacted; ``files`` is one path a line, ``symbols`` the outline of source files."""

    summary: str
    files: str
    symbols: str


def survey(tree: TreeReader, tests: Iterable[ProjectTests], goal: str, redact: Redact) -> Survey:
    paths = [
        path for path in sorted(tree.entries) if never_allowed(path) is None and note_by_name(_asked(path), tree.entries[path]) is None
    ]
    return Survey("\n".join(_summary(paths, tests)), _listing(paths), redact(_symbols(tree, paths, goal)))


def _asked(path: str) -> Wanted:
    return Wanted(path, is_literal=False, is_read_only=True)


def _summary(paths: list[str], tests: Iterable[ProjectTests]) -> Iterator[str]:
    endings = Counter(path.rpartition("/")[2].rpartition(".")[2].lower() for path in paths if "." in path.rpartition("/")[2])
    yield f"{len(paths)} files: {', '.join(f'{count} .{ending}' for ending, count in endings.most_common(8))}"
    entries = [path for path in paths if path.rpartition("/")[2].partition(".")[0] in _ENTRIES and not is_test(path)]
    yield f"likely entry points: {', '.join(map(one_name, entries[:8])) or 'none recognised'}"
    yield f"files of tests: {sum(map(is_test, paths))}"
    for one in tests:
        yield f"check ({one.kind}, from {one.source}): {one.command}"


def _listing(paths: list[str]) -> str:
    """Every path, or, of very many, the folders with the number of their files."""
    if len(paths) <= PATHS_MAX:
        return "\n".join(map(one_name, paths))
    folders = Counter(path.rpartition("/")[0] for path in paths)
    shown = sorted(name for name, _ in folders.most_common(PATHS_MAX))
    return "\n".join(f"{one_name(folder or '.')}/  ({folders[folder]} files)" for folder in shown)


def _symbols(tree: TreeReader, paths: list[str], goal: str) -> str:
    """The likeliest files first, until the room is used up."""
    words = set(stems(goal))
    ranked = sorted(paths, key=lambda path: (-len(words & set(stems(path))), is_test(path), path.count("/"), path))
    texts: Mapping[str, str] = {path: unix_text(text.text) for path, text in tree.texts(tuple(ranked[:SYMBOL_FILES_MAX])).items()}
    parts: list[str] = []
    room = SYMBOL_CHARACTERS
    for path in ranked:
        if path not in texts or note_by_text(_asked(path), texts[path]) is not None:
            continue
        found = [f"  {'  ' * symbol.depth}{symbol.text.strip()[:_LINE]}" for symbol in symbols_of(path, texts[path].split("\n"))]
        part = "\n".join([one_name(path), *found])
        if found and len(part) <= room:
            parts.append(part)
            room -= len(part)
    return "\n".join(parts)
