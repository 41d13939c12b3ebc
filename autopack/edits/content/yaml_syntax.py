"""Whether a text is YAML that can be loaded safely: judged on the event stream, never constructed."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from autopack.edits.content.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ruamel.yaml.events import Event

TEXT_MAX: Final = 512 * 1024
EVENTS_MAX: Final = 60_000
DEPTH_MAX: Final = 100
ALIASES_MAX: Final = 5_000
EXPANDED_MAX: Final = 1_000_000
EXPANDED_TIMES_MAX: Final = 10

_STANDARD_TAGS: Final = "binary bool float int map merge null omap pairs seq set str timestamp value yaml"
_OBJECT_TAG: Final = re.compile(r"!{1,2}(?:python|ruby|perl|php|java|javax|js|net|clr|dotnet|csharp|go|lua)(?:[/:.]|\Z)")
_HARMLESS_TAG: Final = re.compile(r"!{1,2}(?:ruby/(?:regexp|sym|symbol|range)|php/(?:const|enum))\b")
_MKDOCS_TAG: Final = re.compile(r"tag:yaml\.org,2002:python/(?:name|object/apply):(?:material|materialx|pymdownx|mermaid2)\.[\w.]+\Z")
_TEMPLATE: Final = re.compile(r"^[^\"'#\n]*(?<!\$)\{[{%]|^[ \t]*<%|^[ \t]*\$\{\w", re.MULTILINE)
_LOOKS_LIKE_NO_STRING: Final = re.compile(r"[-+.\d].*|~|null|true|false|yes|no|on|off|y|n|", re.IGNORECASE)


class _UnsafeError(Exception):
    """Something that no template excuses."""

    def __init__(self, line: int, reason: str, fix: str) -> None:
        super().__init__(reason)
        self.problem = Problem(line, reason, fix, is_unsafe=True)


def yaml_problem(path: str, text: str) -> Problem | None:
    """The first thing wrong with a text that is no YAML, or that would do harm to who loads it; a template may be what it likes."""
    problem = strict_yaml_problem(path, text)
    return None if problem is not None and not problem.is_unsafe and _TEMPLATE.search(text) else problem


def strict_yaml_problem(path: str, text: str) -> Problem | None:
    """As ``yaml_problem``, also for what would be sound once a template is filled in."""
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    if len(text) > TEXT_MAX:
        return Problem(1, f"it is larger than {TEXT_MAX // 1024} KiB, the most that is checked", "split it", is_unsafe=True)
    try:
        return _walked(events(text), _Walk(path, max(EXPANDED_MAX, EXPANDED_TIMES_MAX * len(text))))
    except _UnsafeError as error:
        return error.problem
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return Problem(mark.line + 1 if mark else 1, str(error.problem or error.context or "it cannot be read"))
    except (YAMLError, ValueError) as error:
        return Problem(1, str(error).partition("\n")[0] or "it cannot be read")


def events(text: str) -> "Iterator[Event]":
    """The event stream of a text, which may have a byte-order mark and any line ends."""
    from ruamel.yaml import YAML

    yield from YAML(typ="safe", pure=True).parse(text.removeprefix("\ufeff"))


@dataclass
class _Level:
    """An open mapping or sequence."""

    anchor: str | None
    keys: set[str] | None  # of a mapping
    is_key_next: bool = True
    weight: int = 1  # how many characters and nodes it expands to


@dataclass
class _Walk:
    path: str
    weight_max: int
    levels: list[_Level] = field(default_factory=list)
    anchors: dict[str, int] = field(default_factory=dict)
    aliases: int = 0


def _walked(stream: "Iterator[Event]", walk: _Walk) -> Problem | None:
    """The first soft problem; raises for what is unsafe."""
    from ruamel.yaml import events as kinds

    found: Problem | None = None
    for count, event in enumerate(stream):
        line = event.start_mark.line + 1
        if count > EVENTS_MAX:
            raise _UnsafeError(line, f"it has more than {EVENTS_MAX:,} nodes", "split the file")
        problem: Problem | None = None
        if isinstance(event, kinds.AliasEvent):
            problem = _aliased(event, walk, line)
        elif isinstance(event, kinds.ScalarEvent):
            _judge_tag(event, walk.path, line)
            problem = _key_problem(event, walk, line)
            _finish(walk, event.anchor, 1 + len(event.value), line)
        elif isinstance(event, (kinds.MappingStartEvent, kinds.SequenceStartEvent)):
            _judge_tag(event, walk.path, line)
            _open(event, walk, line, is_mapping=isinstance(event, kinds.MappingStartEvent))
        elif isinstance(event, (kinds.MappingEndEvent, kinds.SequenceEndEvent)):
            level = walk.levels.pop()
            _finish(walk, level.anchor, level.weight, line)
        elif isinstance(event, kinds.DocumentStartEvent):
            walk.anchors.clear()
        found = found or problem
    return found


def _open(event: Any, walk: _Walk, line: int, *, is_mapping: bool) -> None:  # noqa: ANN401 - ruamel's events have no common type for this
    if len(walk.levels) >= DEPTH_MAX:
        raise _UnsafeError(line, f"it is nested more than {DEPTH_MAX} levels deep", "make it flatter")
    walk.levels.append(_Level(event.anchor, set() if is_mapping else None))
    if event.anchor is not None:
        walk.anchors[event.anchor] = -1


def _finish(walk: _Walk, anchor: str | None, weight: int, line: int) -> None:
    """Counts a node that is complete, in the level it belongs to."""
    if anchor is not None:
        walk.anchors[anchor] = weight
    if not walk.levels:
        return
    level = walk.levels[-1]
    level.weight += weight
    if level.keys is not None:
        level.is_key_next = not level.is_key_next
    if level.weight > walk.weight_max:
        raise _UnsafeError(line, "its aliases expand to many times its size", "write out fewer repetitions")


def _aliased(event: Any, walk: _Walk, line: int) -> Problem | None:  # noqa: ANN401 - as above
    weight = walk.anchors.get(event.anchor)
    walk.aliases += 1
    if walk.aliases > ALIASES_MAX:
        raise _UnsafeError(line, f"it has more than {ALIASES_MAX:,} aliases", "write out fewer repetitions")
    _finish(walk, None, 1 if weight is None else max(weight, 1), line)
    if weight is None:
        return Problem(line, f"the alias *{event.anchor} has no anchor before it", "define the anchor, or write the value")
    return Problem(line, f"the alias *{event.anchor} stands inside its own anchor", "write the value") if weight < 0 else None


def _key_problem(event: Any, walk: _Walk, line: int) -> Problem | None:  # noqa: ANN401 - as above
    level = walk.levels[-1] if walk.levels else None
    if level is None or level.keys is None or not level.is_key_next or event.value == "<<":
        return None
    key = event.value if event.style is None or not _LOOKS_LIKE_NO_STRING.fullmatch(event.value) else f'"{event.value}"'
    if key in level.keys:
        return Problem(line, f"the key {event.value[:60]!r} is given twice in one mapping", "give each key once")
    level.keys.add(key)
    return None


def _judge_tag(event: Any, path: str, line: int) -> None:  # noqa: ANN401 - as above
    tag = event.tag
    if tag is None or tag == "!":
        return
    prefix, _, name = str(tag).rpartition("tag:yaml.org,2002:")
    short = f"!!{name}" if not prefix and str(tag) != name else str(tag)
    is_known = short.removeprefix("!!") in _STANDARD_TAGS.split() if short.startswith("!!") else not _OBJECT_TAG.match(short)
    if is_known or _HARMLESS_TAG.match(short) or (path.lower().endswith(("mkdocs.yml", "mkdocs.yaml")) and _MKDOCS_TAG.match(str(tag))):
        return
    raise _UnsafeError(line, f"the tag {short[:80]} makes a loader build an object or call code", "write plain data")
