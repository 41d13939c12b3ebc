"""The parts of a Makefile that decide what a check runs: recipes of test targets, their variables, and what changes every recipe. Pure."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

SPECIAL_VARIABLES: Final = frozenset(
    {"SHELL", ".SHELLFLAGS", "MAKEFLAGS", "GNUMAKEFLAGS", "MAKE", ".DEFAULT_GOAL", "PATH", "BASH_ENV", "ENV"}
)
SPECIAL_TARGETS: Final = frozenset({".IGNORE", ".DEFAULT", ".ONESHELL", ".SILENT"})
_MODIFIERS: Final = ("export ", "override ", "private ", "unexport ")
_USED: Final = re.compile(r"\$[({]([\w.-]+)[)}]")
_CONDITIONS: Final = ("ifeq", "ifneq", "ifdef", "ifndef", "else", "endif", "define", "endef")


@dataclass
class _Read:
    variables: dict[str, list[str]] = field(default_factory=dict)
    recipes: dict[str, int] = field(default_factory=dict)
    rules: dict[str, list[str]] = field(default_factory=dict)
    needs: dict[str, list[str]] = field(default_factory=dict)
    included: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)


def deciding_parts(text: str, is_tested: Callable[[str], bool]) -> dict[str, tuple[str, ...]]:
    """``target `name` `` -> its recipe and needs, and the variables, special targets and includes that bear on them -> their lines.

    Targets count that ``is_tested`` names, and those that they need and that have no file's name.
    """
    read = _read(text)
    tested = _with_needs(read, [target for target in read.rules if is_tested(target)])
    found = {f"target `{name}`": tuple(read.rules[name]) for name in tested}
    used = {name for target in tested for line in read.rules[target] for name in _USED.findall(line)}
    for name in sorted(used | SPECIAL_VARIABLES):
        if name in read.variables:
            found[f"`{name}`"] = tuple(read.variables[name])
    for name in sorted(SPECIAL_TARGETS & read.rules.keys()):
        found[f"`{name}`"] = (name, *read.rules[name])
    if read.included:
        found["`include`"] = tuple(read.included)
    for name in tested:
        if read.recipes.get(name, 0) > 1:
            found[f"a second recipe of `{name}`"] = tuple(read.rules[name])
    if tested and read.conditions:
        found["conditions"] = tuple(read.conditions)
    return found


def _read(text: str) -> _Read:
    read = _Read()
    targets: list[str] = []
    is_in_recipe = False
    for line in _joined(text):
        bare = line.strip()
        if line.startswith("\t"):
            for target in targets:
                read.recipes[target] = read.recipes.get(target, 0) + (not is_in_recipe)
                read.rules[target].append(bare)
            is_in_recipe = True
        elif bare and not bare.startswith("#"):
            targets, is_in_recipe = _take(read, bare), False
    return read


def _take(read: _Read, line: str) -> list[str]:
    """Notes one line outside of recipes; the targets whose recipe follows."""
    word = line.split(maxsplit=1)[0]
    if word in {"include", "-include", "sinclude"}:
        read.included.append(line)
        return []
    if word in _CONDITIONS:
        read.conditions.append(line)
        return []
    name, value = _assignment(line)
    if name:
        read.variables.setdefault(name, []).append(value)
        return []
    names, colon, needs = line.partition(":")
    if not colon:
        return []
    needs, semicolon, command = needs.lstrip(":").partition(";")
    targets = names.split()
    if "=" in needs:
        name, value = _assignment(needs.strip())
        read.variables.setdefault(name, []).append(f"{value} (of {names.strip()})")
        return []
    for target in targets:
        told = [" ".join(needs.split())] if needs.strip() else []
        read.rules.setdefault(target, []).extend([*told, *([command.strip()] if semicolon else [])])
        read.needs.setdefault(target, []).extend(needs.split())
    return targets


def _assignment(line: str) -> tuple[str, str]:
    """Name and value where the line sets a variable; two empty words where it is a rule."""
    for modifier in _MODIFIERS:
        line = line.removeprefix(modifier).lstrip()
    equals, colon = line.find("="), line.find(":")
    if equals == -1 or (colon != -1 and line[colon:equals].strip(":") != ""):
        return "", ""
    name = line[:equals].rstrip(":?+! \t")
    return name, line[len(name) : equals].strip() + "= " + line[equals + 1 :].strip()


def _with_needs(read: _Read, targets: list[str]) -> list[str]:
    found = dict.fromkeys(targets)
    waiting = list(targets)
    while waiting:
        for need in read.needs.get(waiting.pop(), []):
            if need in read.rules and need not in found and "." not in need and "/" not in need:
                found[need] = None
                waiting.append(need)
    return list(found)


def _joined(text: str) -> Iterator[str]:
    """Lines, those that end in a backslash with the next."""
    parts: list[str] = []
    for line in text.splitlines():
        if line.endswith("\\"):
            parts.append(line[:-1])
            continue
        yield " ".join([*parts, line]) if parts else line
        parts = []
    if parts:
        yield " ".join(parts)
