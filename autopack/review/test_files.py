"""Which files of an edit count as tests, their fixtures and data, or settings of a test runner. Pure."""

import json
import re
import tomllib
from collections.abc import Callable, Iterable
from typing import Any, Final

Exists = Callable[[str], bool]

FOLDERS: Final = frozenset(
    {
        *("tests", "test", "spec", "specs", "testing", "__tests__", "__mocks__", "__snapshots__", "e2e", "cypress"),
        *("testdata", "test-data", "test_data", "fixture", "fixtures", "__fixtures__"),
    }
)
"""Everything below a folder of such a name counts; so does a folder like ``Shop.Tests``."""

NAMES: Final = frozenset(
    {
        *("conftest.py", "pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "tox.ini", "tox.toml", "noxfile.py", ".coveragerc"),
        *("makefile", "gnumakefile", "bsdmakefile", "justfile", ".justfile", "taskfile.yml", "taskfile.yaml"),
        *(".npmrc", ".yarnrc", ".yarnrc.yml", "bunfig.toml", "setuptests.js", "setuptests.ts", ".rspec", "phpunit.xml", "phpunit.xml.dist"),
    }
)
PATTERNS: Final = re.compile(
    r"(?:run[_-]?)?tests?(?:\.[a-z]+)?"  # test.js, tests.py, run_tests.sh
    r"|(?:test|tests|spec)[._-].+"  # test_shop.py
    r"|.+[._-](?:test|tests|spec|specs|cy|e2e)(?:\.[a-z]+)+"  # shop.test.ts, shop_test.go, shop_spec.rb
    r"|.+\.(?:snap|bats|mk|t)"
)
_CONFIGURATION: Final = re.compile(
    r"(?:jest|vitest|mocha|karma|playwright|cypress|ava|wdio)[.-](?:config|setup|conf|workspace)[.].+|\.(?:mocharc|nycrc|c8rc|taprc)(?:\..+)?"
)
CAPITALS: Final = re.compile(r".+(?:Test|Tests|TestCase|Spec|IT)\.(?:java|kt|scala|groovy|cs|fs|vb|swift|php)")
RUNNERS: Final = frozenset(
    {
        *("pytest", "_pytest", "pluggy", "unittest", "doctest", "nose", "nose2", "coverage", "sitecustomize", "usercustomize"),
        *("node_modules", "site-packages"),
    }
)
"""Modules and folders that stand in front of a runner's own where a tree has them at a place that the parent's tree has not."""

_SECTIONS: Final = ("tool:pytest", "aliases", "options.entry_points", "testenv", "tox", "coverage")
_TOOLS: Final = ("pytest", "coverage", "tox", "nox", "hatch", "poe", "taskipy", "pdm")
SCRIPTS: Final = "scripts"
PACKAGE_KEYS: Final = (SCRIPTS, "jest", "mocha", "ava", "vitest", "c8", "nyc", "tap")
_BUILD_FILES: Final = re.compile(
    r"cargo\.toml|pom\.xml|build\.gradle(?:\.kts)?|cmakelists\.txt|setup\.py|deno\.jsonc?|composer\.json|.+\.csproj"
)
_SKIPPING: Final = ("skip", "exclude", "ignore", "harness", "test = false", "test=false", "filter")
_READ_MOST: Final = 1_000_000


def nothing(_: str) -> bool:
    """What exists where nothing is known to."""
    return False


def counts_as_test(path: str, exists: Exists = nothing) -> bool:
    """Whether the file counts by its path; ``exists`` knows the parent's files and folders."""
    *folders, name = path.split("/")
    if any(is_test_folder(folder) for folder in folders) or name.lower() in NAMES:
        return not name.lower().startswith("readme")
    if PATTERNS.fullmatch(name.lower()) or _CONFIGURATION.fullmatch(name.lower()) or CAPITALS.fullmatch(name):
        return not name.lower().endswith((".md", ".rst"))
    return not exists(path) and shadows_a_runner(path, exists)


def is_test_folder(name: str) -> bool:
    return name.lower() in FOLDERS or name.lower().endswith((".tests", ".test"))


def is_setting(path: str) -> bool:
    """Whether the file says how a runner works and holds no test itself."""
    name = path.rpartition("/")[2].lower()
    return name in NAMES or runner_part(path, None) is not None or _CONFIGURATION.fullmatch(name) is not None or name.endswith(".mk")


def shadows_a_runner(path: str, exists: Exists) -> bool:
    """Whether a new file stands where Python or Node would look for a runner first."""
    *folders, name = path.split("/")
    for depth, folder in enumerate(folders):
        if folder in RUNNERS:
            return not exists("/".join(folders[: depth + 1]))
    stem, _, ending = name.rpartition(".")
    return ending == "pth" or (ending in {"py", "pyc", "so"} and stem.partition(".")[0] in RUNNERS)


def runner_part(path: str, text: str | None) -> object:
    """What of a file that also says other things bears on a test runner, to be compared; None where that is no such file."""
    name = path.rpartition("/")[2].lower()
    if name not in _READERS and not _BUILD_FILES.fullmatch(name):
        return None
    if text is None or len(text) > _READ_MOST:
        return text or ()
    return _READERS.get(name, _skipping_lines)(text)


def package_with_runner_of(old: str | None, new: str | None) -> str | None:
    """``package.json`` of the new code with the old one's scripts and settings of runners; None where one of them cannot be read.

    Scripts of other names that are new stay, since old code had none of them; what npm would run before or after an old one goes.
    """
    before, after = read_json(old), read_json(new)
    if before is None or after is None:
        return None
    mixed = {key: value for key, value in after.items() if key not in PACKAGE_KEYS}
    mixed |= {key: before[key] for key in PACKAGE_KEYS if key in before}
    old_scripts, new_scripts = before.get(SCRIPTS), after.get(SCRIPTS)
    if isinstance(old_scripts, dict) and isinstance(new_scripts, dict):
        hooks = {f"{when}{name}" for name in old_scripts for when in ("pre", "post")}
        mixed[SCRIPTS] = {**{name: text for name, text in new_scripts.items() if name not in hooks}, **old_scripts}
    return json.dumps(mixed, indent=2, ensure_ascii=False) + "\n"


def sections(text: str, names: Iterable[str]) -> dict[str, list[str]]:
    """The lines of the sections of an INI file whose names begin with one of these."""
    found: dict[str, list[str]] = {}
    current = ""
    for line in text.splitlines():
        bare = line.strip()
        if bare.startswith("[") and bare.endswith("]"):
            current = bare[1:-1]
        elif bare and current.startswith(tuple(names)):
            found.setdefault(current, []).append(bare)
    return found


def read_json(text: str | None) -> dict[str, Any] | None:
    try:
        found = json.loads(text) if text is not None else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _package_json(text: str) -> object:
    package = read_json(text)
    return {key: package[key] for key in PACKAGE_KEYS if key in package} if package is not None else text


def _setup_cfg(text: str) -> object:
    return sections(text, _SECTIONS)


def _skipping_lines(text: str) -> object:
    return [line for line in text.splitlines() if any(word in line.lower() for word in _SKIPPING)]


def _pyproject(text: str) -> object:
    try:
        read = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return text
    tools, project = read.get("tool", {}), read.get("project", {})
    plugins = project.get("entry-points", {}) if isinstance(project, dict) else {}
    return ({key: tools[key] for key in _TOOLS if key in tools} if isinstance(tools, dict) else tools, plugins)


_READERS: Final[dict[str, Callable[[str], object]]] = {
    "pyproject.toml": _pyproject,
    "setup.cfg": _setup_cfg,
    "package.json": _package_json,
}
