"""How a project is tested, as far as its files tell: pytest, npm and its kin, Cargo, Go, make."""

import json
import re
import tomllib
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

READ_MAX: Final = 1_000_000
EXTRAS: Final = ("test", "tests", "testing", "dev")
NO_NPM_TEST: Final = "no test specified"
VENV: Final = "python3 -m venv .venv && echo '*' > .venv/.gitignore && .venv/bin/python -m pip install -q"


@dataclass(frozen=True)
class ProjectTests:
    """``source`` is the file that tells; ``setup`` installs what ``command`` needs and, like ``again_when``, may be empty."""

    kind: str
    source: str
    command: str
    setup: str = ""
    again_when: tuple[str, ...] = ()
    link: tuple[str, ...] = ()


def recognise_tests(top: Path, tracked: AbstractSet[str]) -> tuple[ProjectTests, ...]:
    """Every kind of tests at the top of a project, the likeliest first."""
    root = {path for path in tracked if "/" not in path}
    return (*_pytest(top, root, tracked), *_node(top, root), *_cargo(root), *_go(root), *_make(top, root))


def _pytest(top: Path, root: AbstractSet[str], tracked: AbstractSet[str]) -> Iterator[ProjectTests]:
    source = _pytest_source(top, root, tracked)
    if source is None:
        return
    if "uv.lock" in root:
        yield ProjectTests("pytest", source, "uv run --no-sync pytest -q", "uv sync", ("uv.lock", "pyproject.toml"))
    elif "poetry.lock" in root:
        yield ProjectTests("pytest", source, "poetry run pytest -q", "poetry install", ("poetry.lock", "pyproject.toml"))
    elif _is_linkable(top / ".venv", top):
        yield ProjectTests("pytest", source, ".venv/bin/python -m pytest -q", link=(".venv",))
    elif {"pyproject.toml", "setup.py"} & root:
        extra = _extra(top)
        yield ProjectTests(
            "pytest", source, ".venv/bin/python -m pytest -q", f"{VENV} -e '.{extra}' pytest", ("pyproject.toml", "setup.py")
        )
    elif "requirements.txt" in root:
        again = ("requirements.txt",)
        yield ProjectTests("pytest", source, ".venv/bin/python -m pytest -q", f"{VENV} -r requirements.txt pytest", again)
    else:
        yield ProjectTests("pytest", source, "python3 -m pytest -q")


def _pytest_source(top: Path, root: AbstractSet[str], tracked: AbstractSet[str]) -> str | None:
    marks = {"pyproject.toml": "[tool.pytest", "setup.cfg": "[tool:pytest]", "tox.ini": "[pytest]"}
    for name, mark in marks.items():
        if name in root and mark in _text(top / name):
            return name
    named = [name for name in ("pytest.ini", "conftest.py", "tests/conftest.py") if name in tracked]
    tests = (path for path in tracked if re.search(r"(?:^|/)(?:test_[^/]*|[^/]*_test)\.py$", path))
    return named[0] if named else min(tests, default=None)


def _is_linkable(venv: Path, top: Path) -> bool:
    """A ready environment, unless it holds an install that leads back into this checkout: its tests would test the wrong files."""
    if not (venv / "bin" / "python").exists():
        return False
    packages = [path for path in venv.glob("lib/python*/site-packages/*") if path.suffix in (".pth", ".egg-link")]
    return not any(path.name.startswith("__editable__") or str(top) in _text(path) for path in packages)


def _extra(top: Path) -> str:
    try:
        project = tomllib.loads(_text(top / "pyproject.toml")).get("project", {})
    except tomllib.TOMLDecodeError:
        return ""
    extras = project.get("optional-dependencies", {}) if isinstance(project, dict) else {}
    found = next((name for name in EXTRAS if name in extras), None)
    return f"[{found}]" if found else ""


def _node(top: Path, root: AbstractSet[str]) -> Iterator[ProjectTests]:
    package = _json(top / "package.json") if "package.json" in root else {}
    scripts = package.get("scripts")
    test = scripts.get("test") if isinstance(scripts, dict) else None
    if not isinstance(test, str) or NO_NPM_TEST in test:
        return
    if "pnpm-lock.yaml" in root:
        yield ProjectTests("pnpm", "package.json", "pnpm test", "pnpm install --frozen-lockfile", ("pnpm-lock.yaml",))
    elif "yarn.lock" in root:
        is_classic = "yarn lockfile v1" in _text(top / "yarn.lock")
        setup = f"yarn install --{'frozen-lockfile' if is_classic else 'immutable'}"
        yield ProjectTests("yarn", "package.json", "yarn test", setup, ("yarn.lock",))
    elif {"bun.lock", "bun.lockb"} & root:
        yield ProjectTests("bun", "package.json", "bun run test", "bun install --frozen-lockfile", ("bun.lock", "bun.lockb"))
    elif "package-lock.json" in root:
        yield ProjectTests("npm", "package.json", "npm test", "npm ci", ("package-lock.json",))
    else:
        needs = bool(package.get("dependencies") or package.get("devDependencies"))
        setup, again = ("npm install --no-package-lock", ("package.json",)) if needs else ("", ())
        yield ProjectTests("npm", "package.json", "npm test", setup, again)


def _cargo(root: AbstractSet[str]) -> Iterator[ProjectTests]:
    if "Cargo.toml" in root:
        yield ProjectTests("cargo", "Cargo.toml", "cargo test", "cargo fetch", ("Cargo.toml", "Cargo.lock"))


def _go(root: AbstractSet[str]) -> Iterator[ProjectTests]:
    if "go.mod" in root:
        yield ProjectTests("go", "go.mod", "go test ./...", "go mod download", ("go.mod", "go.sum"))


def _make(top: Path, root: AbstractSet[str]) -> Iterator[ProjectTests]:
    for name in ("GNUmakefile", "makefile", "Makefile"):
        if name in root:
            targets = re.findall(r"^(test|check)\s*::?(?!=)", _text(top / name), re.MULTILINE)
            if targets:
                yield ProjectTests("make", name, f"make {min(targets, key=('test', 'check').index)}")
            return


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(_text(path))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(path: Path) -> str:
    """The beginning of a plain file; nothing where it cannot be read."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(READ_MAX).decode("utf-8", errors="replace")
    except OSError:
        return ""
