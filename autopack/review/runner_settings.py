"""Files that decide which tests run and how: what a change of them takes away."""

import ast
import configparser
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final

_NARROWING: Final = re.compile(
    r"(?<!\S)(?:-k|-m|--ignore|--ignore-glob|--deselect|--co|--collect-only|--exitfirst|--maxfail|-p\s*no:|--continue-on-collection-errors"
    r"|--passWithNoTests|--testPathIgnorePatterns|--testNamePattern|-t)(?=[\s=]|no:|$)[^\n]*"
)
_DEFAULTS: Final = {"python_files": ["test_*.py", "*_test.py"], "python_classes": ["Test"], "python_functions": ["test"]}
_HOOKS: Final = re.compile(
    r"pytest_(?:collection_modifyitems|ignore_collect|collect_file|pycollect_\w+|runtest_\w+|pyfunc_call|report_teststatus|sessionfinish|itemcollected)"
)
_TEST_WORDS: Final = re.compile(r"(?:^|[:_.-])(?:pre|post)?(?:tests?|check|verify|ci|spec|unit|e2e)(?:$|[:_.-])")
_RUNNER_KEYS: Final = ("jest", "mocha", "ava", "vitest", "c8", "nyc")
_RULE: Final = re.compile(r"^(?P<targets>[A-Za-z0-9_.\-/ %]+?)\s*::?(?!=)(?P<needs>[^\n]*)$")


def changed_settings(path: str, before: str | None, after: str | None) -> Iterator[str]:
    """A part of a sentence for everything that may keep tests from running, or from counting."""
    name = path.rpartition("/")[2]
    if name == "conftest.py":
        yield from _conftest(before, after)
    elif name in {"pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml"}:
        yield from _pytest_settings(_settings(name, before), _settings(name, after))
    elif name == "package.json":
        yield from _package(_json(before), _json(after))
    elif name in {"Makefile", "makefile", "GNUmakefile"} or name.endswith(".mk"):
        yield from _recipes(before, after)


def _conftest(before: str | None, after: str | None) -> Iterator[str]:
    old, new = _parts_of_conftest(before), _parts_of_conftest(after)
    for name, text in new.items():
        if old.get(name) != text:
            yield f"it {'changes' if name in old else 'adds'} `{name}`, which decides which tests run or what they count"


def _parts_of_conftest(text: str | None) -> dict[str, str]:
    try:
        tree = ast.parse(text or "")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and _HOOKS.fullmatch(node.name):
            found[node.name] = ast.unparse(node)
        elif isinstance(node, (ast.Assign, ast.AugAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name) and target.id in {"collect_ignore", "collect_ignore_glob"}:
                    found[target.id] = found.get(target.id, "") + ast.unparse(node.value)
    return found


def _settings(name: str, text: str | None) -> dict[str, Any]:
    """The settings of pytest in the file, lists as lists."""
    if name == "pyproject.toml":
        try:
            tools = tomllib.loads(text or "").get("tool", {})
        except tomllib.TOMLDecodeError:
            return {}
        return dict(tools.get("pytest", {}).get("ini_options", {}))
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text or "")
    except configparser.Error:
        return {}
    section = "tool:pytest" if name == "setup.cfg" else "pytest"
    found: dict[str, Any] = dict(parser.items(section)) if parser.has_section(section) else {}
    for env in (section for section in parser.sections() if section.startswith("testenv")):
        found[f"{env}.commands"] = parser.get(env, "commands", fallback="")
    return found


def _pytest_settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    before, after = _NARROWING.findall(_line(old.get("addopts"))), _NARROWING.findall(_line(new.get("addopts")))
    if [option for option in after if option not in before]:
        yield f"`addopts` takes tests away ({_line(new.get('addopts'))[:100]})"
    for key, default in _DEFAULTS.items():
        lost = [entry for entry in _words(old.get(key)) or default if entry not in (_words(new.get(key)) or default)]
        if lost:
            yield f"`{key}` no longer holds {', '.join(lost)}"
    lost = [entry for entry in _words(old.get("testpaths")) if entry not in _words(new.get("testpaths"))]
    if lost and _words(new.get("testpaths")):
        yield f"`testpaths` no longer holds {', '.join(lost)}"
    more = [entry for entry in _words(new.get("norecursedirs")) if entry not in _words(old.get("norecursedirs"))]
    if more and ("norecursedirs" in old or set(more) - {".*", "build", "dist", "node_modules", "venv", "*.egg", "CVS", "_darcs", "{arch}"}):
        yield f"`norecursedirs` now holds {', '.join(more)}"
    if _is_on(old.get("xfail_strict")) and not _is_on(new.get("xfail_strict")):
        yield "`xfail_strict` is off"
    for key in (key for key in old if key.endswith(".commands")):
        if not _keeps(str(old[key]), str(new.get(key, ""))):
            yield f"the commands of `{key.removesuffix('.commands')}` are changed"


def _package(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    before, after = old.get("scripts"), new.get("scripts")
    for name, command in (before if isinstance(before, dict) else {}).items():
        now = after.get(name) if isinstance(after, dict) else None
        if _TEST_WORDS.search(str(name)) and not _keeps(str(command), str(now or "")):
            yield f"the script `{name}` is {'changed' if now else 'gone'}"
    for key in _RUNNER_KEYS:
        if key in old and old[key] != new.get(key):
            yield f"the settings of {key} are changed"


def _recipes(before: str | None, after: str | None) -> Iterator[str]:
    old, new = _rules(before or ""), _rules(after or "")
    for target, recipe in old.items():
        if _TEST_WORDS.search(target) and not _keeps(recipe, new.get(target, "")):
            yield f"the target `{target}` is {'changed' if target in new else 'gone'}"


def _rules(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    current: list[str] = []
    for line in text.split("\n"):
        if line.startswith("\t"):
            for target in current:
                found[target] += "\n" + line.strip()
        elif rule := _RULE.match(line):
            current = rule["targets"].split()
            for target in current:
                found[target] = found.get(target, "") + "\n" + rule["needs"].strip()
        elif line.strip() and not line.startswith("#"):
            current = []
    return found


def _keeps(old: str, new: str) -> bool:
    """Whether every line of the old command is still run: the same, or one of several joined by ``&&``."""
    kept = {part.strip() for line in new.split("\n") for part in (line, *line.split("&&"))}
    return all(line.strip() in kept for line in old.split("\n") if line.strip())


def _is_on(value: object) -> bool:
    return str(value).lower() in {"true", "1", "on"}


def _line(value: object) -> str:
    return " ".join(str(part) for part in value) if isinstance(value, list) else str(value or "").replace("\n", " ")


def _words(value: object) -> list[str]:
    return [str(part) for part in value] if isinstance(value, list) else str(value or "").split()


def _json(text: str | None) -> Mapping[str, Any]:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
