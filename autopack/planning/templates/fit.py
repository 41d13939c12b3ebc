"""Finds where in a repository the phases of a template have their places: by patterns of paths, then by words in names and texts."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from autopack.core.scope import Scope
from autopack.core.tool_made import is_tool_made
from autopack.core.words import stems
from autopack.edits.protected import needs_exact_scope, never_allowed
from autopack.planning.templates.template import TemplatePhase
from autopack.planning.templates.test_places import is_test, new_test

MOST_FILES: Final = 12
MOST_BY_TEXT: Final = 4
MOST_TESTS: Final = 4
TEXT_FILES_MAX: Final = 4_000
BYTES_MAX: Final = 150_000
BY_PATTERN, BY_NAME, ENOUGH = 6, 3, 3
_FOREIGN: Final = re.compile(
    r"(?:^|/)(?:node_modules|vendor|third_party|site-packages|dist|build|\.venv|venv|examples?|demos?|fixtures?|testdata)/", re.IGNORECASE
)
_TOOL_SETTINGS: Final = re.compile(r"(?:.*/)?[\w.-]+\.(?:config|conf|setup|preset)\.\w+")
_NO_TEXT: Final = frozenset("png jpg jpeg gif ico svg webp woff woff2 ttf eot pdf mp4 zip gz".split())
_DOCUMENTS: Final = frozenset("md rst txt adoc".split())
_SOURCE: Final = frozenset(
    """
    py pyi js jsx mjs cjs ts tsx mts vue svelte go rs rb php java kt kts scala cs fs c h cc cpp hpp swift m dart ex exs erl clj lua pl sh
    bash sql prisma graphql html hbs ejs jinja css scss
    """.split()
)


Texts = Callable[[Iterable[str]], Mapping[str, str]]
"""Reads files; what is no text is left out."""


@dataclass(frozen=True)
class Place:
    """What a phase is given: ``found`` are files that are there, ``why`` says what led to them; ``new`` are files that it may make."""

    found: tuple[str, ...]
    why: str
    new: tuple[str, ...] = ()
    read_only: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.found, *self.new)))


@dataclass(frozen=True)
class Terrain:
    """The files of a commit with their sizes, and a way to read them."""

    sizes: Mapping[str, int]
    texts: Texts

    @property
    def open_files(self) -> tuple[str, ...]:
        """What a phase can be given by finding it: nothing closed, made by tools, or of others."""
        return tuple(path for path in sorted(self.sizes) if _is_open(path))


def places(phases: Iterable[TemplatePhase], terrain: Terrain) -> dict[str, Place | None]:
    """For each phase's id its place, None where nothing of the repository looks like one."""
    chosen, files = tuple(phases), terrain.open_files
    said = _words_said(chosen, files, terrain)
    return {phase.id: _place(phase, files, said, terrain.sizes.keys()) for phase in chosen}


def named_place(phase: TemplatePhase, paths: tuple[str, ...], tracked: AbstractSet[str]) -> Place:
    """The place that a person named."""
    return Place(paths, "named with --scope", _new(phase, paths, tracked), _read_only(phase, tracked))


def _is_open(path: str) -> bool:
    is_theirs = never_allowed(path) or needs_exact_scope(path) or is_tool_made(path) or _FOREIGN.search(path)
    return not is_theirs and path.isprintable()


def _is_source(path: str) -> bool:
    return path.rpartition(".")[2].lower() in _SOURCE and not is_test(path) and not _TOOL_SETTINGS.fullmatch(path)


def _words_said(phases: tuple[TemplatePhase, ...], files: tuple[str, ...], terrain: Terrain) -> Mapping[str, AbstractSet[str]]:
    """The words of all phases that the text of each source file says."""
    words = sorted({word for phase in phases for word in phase.find.words}, key=len, reverse=True)
    sources = [path for path in files if _is_source(path) and terrain.sizes[path] <= BYTES_MAX][:TEXT_FILES_MAX]
    if not words or not sources:
        return {}
    said = re.compile(rf"(?<![A-Za-z])({'|'.join(map(re.escape, words))})(?:s|es)?(?![A-Za-z])", re.IGNORECASE)
    return {path: {found.lower() for found in said.findall(text)} for path, text in terrain.texts(sources).items()}


def _place(phase: TemplatePhase, files: tuple[str, ...], said: Mapping[str, AbstractSet[str]], tracked: AbstractSet[str]) -> Place | None:
    hits = _hits(phase, files, said)
    if not hits:
        return None
    ranked = sorted(hits, key=lambda path: (-hits[path].points, path))
    is_by_text = not any(hit.is_by_path or hit.names for hit in hits.values())
    best = ranked[: MOST_BY_TEXT if is_by_text else MOST_FILES]
    found = _joined(best, files)
    if phase.tests:
        found = (*found, *_tests_of(phase, files))
    elif len(ranked) > MOST_FILES:
        found = _patterns(phase, ranked) or found
    return Place(found, _told([hits[path] for path in ranked], is_by_text=is_by_text), _new(phase, found, tracked), _read_only(phase, tracked))


@dataclass(frozen=True)
class _Hit:
    """What speaks for a file: words of the phase in its name, and in its text."""

    is_by_path: bool
    names: AbstractSet[str]
    said: AbstractSet[str]

    @property
    def points(self) -> int:
        return BY_PATTERN * self.is_by_path + BY_NAME * len(self.names) + len(self.said)


def _hits(phase: TemplatePhase, files: tuple[str, ...], said: Mapping[str, AbstractSet[str]]) -> dict[str, _Hit]:
    """The files for which enough speaks."""
    pattern = Scope(tuple(entry.lower() for entry in phase.find.paths))
    words = {stem: word for word in phase.find.words for stem in stems(word)}
    hits = {}
    for path in files:
        is_source = _is_source(path)
        names = {words[stem] for stem in stems(path) if stem in words} if is_source else frozenset()
        is_by_path = pattern.allows(path.lower()) and _can_hold(phase, path)
        hit = _Hit(is_by_path, names, said.get(path, frozenset()) & set(phase.find.words) if is_source else frozenset())
        if hit.points >= ENOUGH:
            hits[path] = hit
    return hits


def _can_hold(phase: TemplatePhase, path: str) -> bool:
    """A phase that adds tests works on code and on what runs it, not on documents and tests; no phase works on pictures."""
    ending = path.rpartition(".")[2].lower()
    return ending not in _NO_TEXT and not (phase.tests and (ending in _DOCUMENTS or is_test(path)))


def _patterns(phase: TemplatePhase, paths: Iterable[str]) -> tuple[str, ...]:
    """The phase's own patterns in place of very many documents; none where letters of another case make them miss some."""
    used = tuple(entry for entry in phase.find.paths if any(map(Scope((entry,)).allows, paths)))
    return used if all(map(Scope(used).allows, paths)) else ()


def _joined(paths: list[str], files: tuple[str, ...]) -> tuple[str, ...]:
    """Folders of which every source file was found stand for their files."""
    below: dict[str, set[str]] = defaultdict(set)
    for path in files:
        if _is_source(path) and "/" in path:
            below[path.rpartition("/")[0]].add(path)
    chosen = set(paths)
    leaves = {folder for folder in below if not any(other.startswith(f"{folder}/") for other in below)}
    whole = {folder for folder in leaves if len(below[folder]) > 1 and below[folder] <= chosen}
    return tuple(dict.fromkeys(f"{folder}/" if (folder := path.rpartition("/")[0]) in whole else path for path in paths))


def _tests_of(phase: TemplatePhase, files: tuple[str, ...]) -> tuple[str, ...]:
    """The tests whose own names say the phase's words."""
    words = {stem for word in phase.find.words for stem in stems(word)}
    tests = (path for path in files if is_test(path) and path.rpartition(".")[2].lower() in _SOURCE)
    return tuple(path for path in tests if words & set(stems(path.rpartition("/")[2])))[:MOST_TESTS]


def _new(phase: TemplatePhase, found: tuple[str, ...], tracked: AbstractSet[str]) -> tuple[str, ...]:
    test = new_test(phase.id, sorted(tracked), found) if phase.tests else None
    return tuple(path for path in (*phase.creates, test) if path is not None and not Scope(found).allows(path))


def _read_only(phase: TemplatePhase, tracked: AbstractSet[str]) -> tuple[str, ...]:
    entries = Scope(tuple(entry.lower() for entry in phase.read_only_context))
    return tuple(sorted(path for path in tracked if entries.allows(path.lower()) and path.isprintable()))[:MOST_TESTS]


def _told(hits: list[_Hit], *, is_by_text: bool) -> str:
    by_path, names = sum(hit.is_by_path for hit in hits), sorted({name for hit in hits for name in hit.names})
    parts = [f"{by_path} by {'its path' if by_path == 1 else 'their paths'}"] if by_path else []
    parts += [f"by {', '.join(names)} in names"] if names else []
    parts += [f"by {', '.join(sorted({word for hit in hits for word in hit.said}))} in texts"] if is_by_text else []
    more = f", the likeliest {MOST_FILES}" if len(hits) > MOST_FILES else ""
    return f"found {' and '.join(parts)}{more}"
