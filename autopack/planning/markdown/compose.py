"""Makes phases of pieces of work: ids, order and scopes as far as the text says them, guesses marked as such."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from autopack.core.names import slug
from autopack.planning.markdown.piece import Piece
from autopack.planning.markdown.references import as_entry, as_name, folders_of
from autopack.planning.phase_draft import PhaseDraft
from autopack.planning.templates.fit import Terrain, places
from autopack.planning.templates.template import Find, TemplatePhase

ID_MAX: Final = 48
WORDS_MAX: Final = 8
LIKELY_MAX: Final = 5
_COMMON_WORDS: Final = """
    create make implement update write build setup support handle improve ensure change remove delete initial basic phase step task
    project file files code test tests documentation docs page data work user story feature new the and for with from into all
"""
_SAY_LITTLE: Final = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True)
class Made:
    """``without_scope`` are phases of whose files the text says nothing, and no name of a file does; ``done`` was left out."""

    phases: tuple[PhaseDraft, ...]
    without_scope: tuple[str, ...]
    done: tuple[str, ...]


def phases_of(pieces: tuple[Piece, ...], terrain: Terrain) -> Made:
    """Every piece that is not done, as a phase."""
    open_pieces = tuple(piece for piece in pieces if not piece.is_done)
    ids = _ids(open_pieces)
    phases = tuple(_Composer(open_pieces, ids, _known(pieces, dict(zip(map(id, open_pieces), ids, strict=True))), terrain).phases())
    return Made(
        phases,
        tuple(phase.id for phase in phases if "scope" not in phase.keys),
        tuple(piece.title for piece in pieces if piece.is_done),
    )


def _ids(pieces: Iterable[Piece]) -> list[str]:
    taken: Counter[str] = Counter()
    ids = []
    for piece in pieces:
        name = piece.id or _cut(slug(re.sub(r"[^a-z0-9]+", "-", re.split(r"[.:]\s|\(", f"{piece.label} {piece.title}".strip().lower())[0])))
        taken[name] += 1
        ids.append(name if taken[name] == 1 else f"{name}-{taken[name]}")
    return ids


def _cut(name: str) -> str:
    """At most so many letters, ended where a word ends."""
    return name if len(name) <= ID_MAX else name[: ID_MAX + 1].rpartition("-")[0].rstrip("-._") or name[:ID_MAX]


def _known(pieces: tuple[Piece, ...], ids: Mapping[int, str]) -> dict[str, str | None]:
    """Each name that means one piece only, with the phase's id; None for a piece that is done."""
    counts = Counter(name for piece in pieces for name in set(piece.names))
    known: dict[str, str | None] = {name: ids.get(id(piece)) for piece in pieces for name in piece.names if counts[name] == 1}
    return {**known, **{name: name for name in ids.values()}}


@dataclass(frozen=True)
class _Composer:
    pieces: tuple[Piece, ...]
    ids: list[str]
    known: Mapping[str, str | None]
    terrain: Terrain

    def phases(self) -> Iterator[PhaseDraft]:
        tracked = self.terrain.sizes.keys()
        folders = folders_of(tracked)
        likely = places((self._asked(piece, name) for piece, name in zip(self.pieces, self.ids, strict=True)), self.terrain)
        for number, (piece, name) in enumerate(zip(self.pieces, self.ids, strict=True)):
            keys: dict[str, Any] = {"description": f"{piece.text.strip()}\n"}
            guesses: dict[str, str] = {}
            keys |= {"complexity": piece.complexity} if piece.complexity else {}
            keys["depends_on"], guesses["depends_on"] = self._order(number)
            if piece.criteria:
                keys["acceptance_criteria"] = list(piece.criteria)
            certain = _entries(piece.codes, tracked, folders)
            plain = _entries(piece.plain, tracked, folders)
            context = [entry for entry in _entries(piece.context, tracked, folders) if entry not in (*certain, *plain)]
            place = likely[name]
            paths, guesses["scope"] = _scope(
                certain, plain, place.paths if place is not None else (), place.why if place is not None else ""
            )
            if paths:
                keys["scope"] = {"paths": list(paths), **({"read_only_context": context} if context else {})}
            yield PhaseDraft(name, keys, _remark(piece, has_scope=bool(paths)), {key: why for key, why in guesses.items() if why})

    def _asked(self, piece: Piece, name: str) -> TemplatePhase:
        """The words of a title, to look for files with."""
        words = [word for word in re.findall(r"[A-Za-z][A-Za-z]{2,}", piece.title) if word.lower() not in _SAY_LITTLE]
        find = Find(words=tuple(dict.fromkeys(words[:WORDS_MAX])))
        return TemplatePhase(id=name, features=("any",), description=piece.title, acceptance_criteria=("any",), find=find)

    def _order(self, number: int) -> tuple[list[str], str]:
        """What comes first, and why that is a guess; nothing where the text says it."""
        piece = self.pieces[number]
        if piece.needs is not None:
            found = [self._meant(name) for name in piece.needs]
            unknown = [name for name, meant in zip(piece.needs, found, strict=True) if meant == ""]
            told = f"the text names {', '.join(unknown)} too, which is nothing of this plan" if unknown else ""
            return list(dict.fromkeys(name for name in found if name and name != self.ids[number])), told
        before = range(number)
        match piece.after:
            case "all":
                return [self.ids[other] for other in before], "guessed: it comes last, so it waits for all"
            case "last_shared":
                shared = [other for other in before if not self.pieces[other].is_side_by_side]
                return [self.ids[other] for other in shared[-1:]], "guessed: it stands beside its neighbours"
        return [
            self.ids[other] for other in before[-1:]
        ], "guessed: nothing is said of the order, so it waits for the one before" if number else ""

    def _meant(self, name: str) -> str | None:
        """The id of the phase that a name means; empty where there is none, None where it is done."""
        for key in (name, as_name(name), slug(name), name.rpartition(" ")[2]):
            if key in self.known:
                return self.known[key]
        return ""


def _entries(words: Iterable[str], tracked: Any, folders: Any) -> tuple[str, ...]:  # noqa: ANN401 - views of sets
    found = (as_entry(word, tracked, folders) for word in words)
    return tuple(dict.fromkeys(entry for entry in found if entry is not None))


def _scope(certain: tuple[str, ...], plain: tuple[str, ...], likely: tuple[str, ...], why: str) -> tuple[tuple[str, ...], str]:
    """The paths of a scope, and why they are a guess."""
    named = tuple(dict.fromkeys((*certain, *plain)))
    if named:
        unsure = [entry for entry in named if entry not in certain]
        return named, f"guessed, since it stands without backticks: {', '.join(unsure)}" if unsure else ""
    return (likely[:LIKELY_MAX], f"guessed: the text names no file; {why}") if likely else ((), "")


def _remark(piece: Piece, *, has_scope: bool) -> str:
    parts = [f"from line {piece.line}"]
    parts += [] if piece.criteria else ["nothing is said of when it is done: add acceptance_criteria"]
    parts += [] if has_scope else ["nothing is said of its files, and none looks like it: add a scope"]
    return "; ".join(parts)
