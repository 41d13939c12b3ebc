"""What the tools that only read find in a commit: the same call on the same tree gives the same answer, in bounded room."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from autopack.context.file_text import excerpt_text
from autopack.context.frame import Framed, in_frames
from autopack.context.reading import Looker, lines_of, may_be_read
from autopack.context.symbols import symbols_of
from autopack.context.tools import CallUnreadable, ListSaid, ReadSaid, SearchSaid, SymbolsSaid, read_call
from autopack.core.call import ToolCall
from autopack.core.context import Excerpt
from autopack.core.exploring import Seen, ToolAnswer, ToolName
from autopack.core.visible import one_name, quoted
from autopack.worktree.grep import Hits

_LINE_CHARACTERS: Final = 1_000
_HIT_CHARACTERS: Final = 200
_HIT_FILES: Final = 300
_LISTED: Final = 200
_DEFINITIONS: Final = 5
_DEFINITION_LINES: Final = 60
_FRAME: Final = 120


def answer(call: ToolCall, looker: Looker) -> ToolAnswer:
    """In at most about ``looker.characters``; what is cut says how to go on."""
    tool = ANSWERS.get(call.name)
    if tool is None:
        return ToolAnswer(text=f"There is no tool {one_name(call.name)}.", told=f"{one_name(call.name)}: no such tool")
    try:
        return tool(call, looker)
    except CallUnreadable as error:
        return ToolAnswer(text=str(error), told=f"{call.name}: {error}")


def _read(call: ToolCall, looker: Looker) -> ToolAnswer:
    said = read_call(call, ReadSaid)
    path = _normal(said.path)
    if path not in looker.tree.entries:
        return _without(call, path, "there is no such file")
    found, notes = lines_of((path,), looker)
    if path not in found:
        return _without(call, path, notes[path])
    lines, first = found[path], max(1, said.first)
    last = min(said.last or len(lines), len(lines))
    if first > last:
        return _without(call, path, f"it has {len(lines):,} lines")
    shown = _fitting([_cut(line, _LINE_CHARACTERS) for line in lines[first - 1 : last]], looker.characters - _FRAME)
    end = first + len(shown) - 1
    parts: list[str | Framed] = [excerpt_text(Excerpt(attempt=0, path=path, first_line=first, text="\n".join(shown)))] if shown else []
    parts += [f"[lines {end + 1}-{last} of {one_name(path)} do not fit: read them by themselves]\n"] if end < last else []
    seen = (Seen(path=path, first=first, last=end),) if shown else ()
    return ToolAnswer(text=in_frames(parts), told=f"read {one_name(path)}:{first}-{end}", seen=seen)


def _search(call: ToolCall, looker: Looker) -> ToolAnswer:
    said = read_call(call, SearchSaid)
    paths = tuple(filter(None, map(_normal, said.paths)))
    hits = looker.search(said.pattern, paths)
    where = f" in {', '.join(map(one_name, paths))}" if paths else ""
    text, count = _hits_text(hits, looker, looker.characters)
    head = "Not a regular expression; taken as plain text.\n" if hits.is_literal else ""
    return ToolAnswer(text=head + text, told=f"search {quoted(said.pattern)}{where}: {count:,} lines")


def _list(call: ToolCall, looker: Looker) -> ToolAnswer:
    folder = _normal(read_call(call, ListSaid).path)
    start = f"{folder}/" if folder else ""
    below = [path for path in looker.tree.entries if path.startswith(start)]
    if not below:
        return _without(call, folder, "there is no such folder")
    rest = [path.removeprefix(start) for path in below]
    names = list(map(one_name, rest)) if len(rest) <= _LISTED else _one_level(rest)
    shown = _fitting(names, looker.characters - _FRAME)
    more = f"[{len(names) - len(shown):,} more do not fit]\n" if len(shown) < len(names) else ""
    text = in_frames([Framed("listing", "\n".join(shown), f"path={quoted(folder or '.')}"), more])
    return ToolAnswer(text=text, told=f"list {one_name(folder or '.')}")


def _symbols(call: ToolCall, looker: Looker) -> ToolAnswer:
    """``Cart.total`` finds ``total``."""
    name = read_call(call, SymbolsSaid).name.removesuffix("()").rpartition(".")[2]
    hits = looker.search(name, is_word=True)
    paths = list(dict.fromkeys(path for path, _ in hits.lines if path in looker.tree.entries and may_be_read(path, looker)))
    found, _ = lines_of(sorted(paths, key=lambda path: not looker.scope.allows(path))[:_HIT_FILES], looker)
    places = _definitions(name, found)
    definitions = [excerpt_text(Excerpt(attempt=0, path=seen.path, first_line=seen.first, text=_text(found, seen))) for seen in places]
    room = looker.characters - sum(len(part) + _FRAME for part in definitions)
    uses = [place for place in hits.lines if not any(seen.path == place[0] and seen.first <= place[1] <= seen.last for seen in places)]
    text, count = _hits_text(Hits(tuple(uses), is_all=hits.is_all), looker, max(room, 0))
    head = "Defined:\n" if definitions else f"{one_name(name)} is defined nowhere that can be told.\n"
    told = f"symbols {one_name(name)}: {len(places)} defined, {count:,} uses"
    return ToolAnswer(text=in_frames([head, *definitions, "Elsewhere:\n"]) + text, told=told, seen=tuple(places))


ANSWERS: Final[dict[str, Callable[[ToolCall, Looker], ToolAnswer]]] = {
    ToolName.READ: _read,
    ToolName.SEARCH: _search,
    ToolName.LIST: _list,
    ToolName.SYMBOLS: _symbols,
}


def _hits_text(hits: Hits, looker: Looker, characters: int) -> tuple[str, int]:
    """The lines that may be shown below the names of their files, those of the scope first, as many as fit; and how many there are."""
    allowed = {path for path in {path for path, _ in hits.lines} if path in looker.tree.entries and may_be_read(path, looker)}
    paths = sorted(allowed, key=lambda path: (not looker.scope.allows(path), path))
    found, _ = lines_of(paths[:_HIT_FILES], looker)
    by_path: dict[str, list[str]] = {path: [] for path in paths if path in found}
    for path, number in hits.lines:
        if path in by_path and number <= len(found[path]):
            by_path[path].append(f"{number}: {_cut(found[path][number - 1].strip(), _HIT_CHARACTERS)}")
    count = sum(map(len, by_path.values()))
    if not count:
        return "Nothing was found.\n" if hits.is_all else "It could not be searched to its end; ask for less of the repository.\n", 0
    shown, told = _grouped(by_path, characters - _FRAME)
    rest = [f"{count - told:,} more lines do not fit"] if told < count else []
    rest += [f"{len(paths) - _HIT_FILES:,} more files are not shown"] if len(paths) > _HIT_FILES else []
    rest += ["not everything was searched"] if not hits.is_all else []
    more = f"[{'; '.join(rest)}: narrow it by a longer pattern or by paths]\n" if rest else ""
    return in_frames([Framed("found", "\n".join(shown)), more]), count


def _grouped(by_path: Mapping[str, Sequence[str]], characters: int) -> tuple[list[str], int]:
    """Each file's name and its lines, as far as they fit; and how many lines those are."""
    shown: list[str] = []
    told = 0
    for path, lines in by_path.items():
        fitting = _fitting([one_name(path), *lines], characters) if lines else []
        characters -= sum(map(_cost, fitting))
        shown += fitting if len(fitting) > 1 else []
        told += max(0, len(fitting) - 1)
        if len(fitting) <= len(lines) and lines:
            break
    return shown, told


def _definitions(name: str, found: Mapping[str, Sequence[str]]) -> list[Seen]:
    places = [
        Seen(path=path, first=symbol.first_line, last=min(symbol.last_line, symbol.first_line + _DEFINITION_LINES - 1))
        for path, lines in found.items()
        for symbol in symbols_of(path, list(lines))
        if symbol.name == name
    ]
    return places[:_DEFINITIONS]


def _text(found: Mapping[str, Sequence[str]], seen: Seen) -> str:
    return "\n".join(_cut(line, _LINE_CHARACTERS) for line in found[seen.path][seen.first - 1 : seen.last])


def _one_level(paths: Sequence[str]) -> list[str]:
    """The folders with how many files lie below each, then the files."""
    folders = Counter(path.partition("/")[0] for path in paths if "/" in path)
    files = sorted(one_name(path) for path in paths if "/" not in path)
    return [*(f"{one_name(f'{name}/')} ({count:,} files)" for name, count in sorted(folders.items())), *files]


def _without(call: ToolCall, path: str, why: str) -> ToolAnswer:
    sentence = f"{one_name(path or '.')}: {why}."
    return ToolAnswer(text=sentence, told=f"{call.name} {sentence}")


def _fitting(lines: Sequence[str], characters: int) -> list[str]:
    fitting: list[str] = []
    for line in lines:
        characters -= _cost(line)
        if characters < 0:
            break
        fitting.append(line)
    return fitting


def _cost(line: str) -> int:
    """With its number and its end."""
    return len(line) + 8


def _cut(line: str, most: int) -> str:
    return line if len(line) <= most else f"{line[:most]} [{len(line) - most:,} more characters]"


def _normal(path: str) -> str:
    return path.strip().removeprefix("./").strip("/") if path.strip() != "." else ""
