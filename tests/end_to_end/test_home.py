"""One HOME for all commands of a run, never the user's: what set-up leaves there is there for the check.

The plans that `init` writes are run as they are, where the tool is installed (`.ci/test-tools` brings some): packages come from a
registry on loopback, which set-up reaches and a check does not.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import CHECK, FILES, ONE, Desk, ending, oracle_of, phase_of
from tests.support.registry import NAME, VERSION, registry
from tests.support.repos import commit_files, git
from tests.support.server import scripted_server
from tests.support.tools import tool

pytestmark = pytest.mark.end_to_end

TOOLS = {"CARGO_HOME": ".cargo", "GOPATH": "go", "XDG_CACHE_HOME": ".cache", "npm_config_cache": ".npm", "PIP_CACHE_DIR": ".cache/pip"}


def with_tools(desk: Desk) -> Desk:
    """A shell that says where the user's own tools keep their things."""
    return desk.with_env(**{name: str(desk.home / folder) for name, folder in TOOLS.items()})


def listing(folder: Path) -> list[str]:
    """All but Autopack's own state."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(str(path) for path in found if not path.is_relative_to(".local/state/autopack"))


@pytest.mark.parametrize("sandbox", ["auto", "off"])
def test_what_set_up_leaves_below_home_is_there_for_derive_steps_and_checks_and_nothing_of_it_is_the_users(desk, sandbox):
    (desk.home / ".netrc").write_text("canary-of-the-home", "utf-8")
    before = listing(desk.home)
    fetch = 'mkdir -p ~/.cargo "${XDG_CACHE_HOME:-$HOME/.cache}" && echo crates > "${CARGO_HOME:-$HOME/.cargo}/registry"; env'
    look = 'test "$(cat ~/.cargo/registry)" = crates && test -d ~/.cache && test ! -e ~/.netrc'
    derive = {"command": f"{look} && echo derived > docs/notes.txt", "when": ["app.txt"], "writes": ["docs/notes.txt"]}
    desk.plan(
        phase_of("one", "app.txt", "docs/", ci={**CHECK, "command": look}, derive=[derive]),
        phase_of("two", "app.txt", ci={**CHECK, "command": look}),
        workspace={"setup": [fetch]},
    )
    answers = {**ONE, "two": {"app.txt": "three\n"}}
    with scripted_server(oracle_of(answers)) as server:
        shell = with_tools(desk.beside(server)).with_env(AUTOPACK_SANDBOX=sandbox)
        checked = shell.autopack("plan", "check", "--run-checks")
        assert checked.exit_code == 0, checked.stderr
        assert "green on the base" in checked.stderr
        done = shell.autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
    log = (desk.repo / ".autonomous_runs/r/ci/setup.log").read_text("utf-8")
    told = dict(line.partition("=")[::2] for line in log.splitlines() if "=" in line)
    assert told["HOME"].endswith("/r/1.home")
    assert not {name for name in told if name in TOOLS}
    assert listing(desk.home) == before
    assert not Path(told["HOME"]).exists(), "a run that is complete leaves nothing behind"


def test_a_later_start_finds_home_as_set_up_left_it_also_where_somebody_removed_it(desk):
    ci = {**CHECK, "command": "test -s ~/fetched/at"}
    setup = "mkdir -p ~/fetched; date +%s%N > ~/fetched/at; echo set-up-ran"
    desk.plan(phase_of("one", ci=ci, gate="hold"), phase_of("two", ci=ci), workspace={"setup": [setup]})
    with scripted_server(oracle_of({**ONE, "two": {"app.txt": "three\n"}})) as server:
        shell = desk.beside(server)
        ending(shell.autopack("run", "--run-id", "r"), 4)
        (home,) = (desk.home / ".local/state/autopack").glob("*/r/1.home")
        first = (home / "fetched/at").read_text("utf-8")
        ending(shell.autopack("resume", "r"), 4)
        assert (home / "fetched/at").read_text("utf-8") == first
        shutil.rmtree(home)
        assert shell.autopack("approve", "r", "one").exit_code == 0
        done = shell.autopack("resume", "r")
        assert done.exit_code == 0, done.stderr
    log = (desk.repo / ".autonomous_runs/r/ci/setup.log").read_text("utf-8")
    assert log.splitlines().count("set-up-ran") == 1, "it is put back from what was kept"


def test_the_users_own_tools_run_from_their_home_all_the_same(desk):
    """A program that `pip install --user` put there, and one of a version manager whose folder nothing names."""
    packages = desk.home / f".local/lib/python3.{sys.version_info.minor}/site-packages"
    packages.mkdir(parents=True)
    (packages / "of_the_user.py").write_text("print('of the user')\n", "utf-8")
    rust = desk.home / ".rustup/toolchains/stable/bin"
    rust.mkdir(parents=True)
    shim = desk.home / ".cargo/bin/cargo-shim"
    shim.parent.mkdir(parents=True)
    (rust / "real").write_text("#!/bin/sh\necho real rust\n", "utf-8")
    shim.write_text('#!/bin/sh\nexec "${RUSTUP_HOME:-$HOME/.rustup}/toolchains/stable/bin/real"\n', "utf-8")
    for program in (shim, rust / "real"):
        program.chmod(0o755)
    base = os.path.realpath(sys.executable)
    check = f"cargo-shim && {base} -c 'import of_the_user'"
    desk.plan(phase_of("one", ci={**CHECK, "command": check}))
    with scripted_server(oracle_of(ONE)) as server:
        shell = desk.beside(server).with_env(PATH=f"{shim.parent}:{desk.environment['PATH']}")
        done = shell.autopack("run", "--run-id", "r")
    assert done.exit_code == 0, done.stderr


PYPROJECT = f'[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["{NAME}"]\n'
PY_TEST = f"from {NAME} import half\n\n\ndef test_half():\n    assert half(4) == 2\n"
PACKAGE = json.dumps({"name": "shop", "version": "1.0.0", "dependencies": {NAME: VERSION}, "scripts": {"test": "node --test"}})
JS_TEST = f'const {{ test }} = require("node:test");\ntest("half", () => {{ if (require("{NAME}")(4) !== 2) throw new Error(); }});\n'
CARGO = f'[package]\nname = "shop"\nversion = "1.0.0"\nedition = "2021"\n\n[dependencies]\n{NAME} = "{VERSION}"\n'
RUST_TEST = f"#[cfg(test)]\nmod tests {{\n    #[test]\n    fn halves() {{ assert_eq!({NAME}::half(4), 2); }}\n}}\n"
CARGO_SOURCE = '[source.crates-io]\nreplace-with = "near"\n[source.near]\nregistry = "sparse+{at}/index/"\n'
GO = f"module example.org/shop\n\ngo 1.18\n\nrequire example.org/{NAME} v{VERSION}\n"
GO_TEST = f"""package shop

import (
\t"testing"

\t"example.org/{NAME}"
)

func TestHalf(t *testing.T) {{
\tif {NAME}.Half(4) != 2 {{
\t\tt.Fatal("not the half")
\t}}
}}
"""
POETRY = f"""[tool.poetry]
name = "shop"
version = "1"
package-mode = false
description = ""
authors = []

[tool.poetry.dependencies]
python = ">=3.11,<4"
{NAME} = "{VERSION}"
pytest = "*"

[[tool.poetry.source]]
name = "near"
url = "{{at}}/simple/"
priority = "primary"
"""
UV = PYPROJECT + '\n[dependency-groups]\ndev = ["pytest"]\n\n[tool.uv]\npackage = false\n'
PROJECTS = {
    "pip": ({"requirements.txt": f"{NAME}\n", "test_half.py": PY_TEST}, (), "/usr/bin/env"),
    "uv": ({"pyproject.toml": UV, "test_half.py": PY_TEST}, ("uv", "lock"), "uv"),
    "poetry": ({"pyproject.toml": POETRY, "test_half.py": PY_TEST}, ("poetry", "lock"), "poetry"),
    "npm": ({"package.json": PACKAGE, "half.test.js": JS_TEST}, ("npm", "install", "--package-lock-only"), "npm"),
    "pnpm": ({"package.json": PACKAGE, "half.test.js": JS_TEST}, ("pnpm", "install", "--lockfile-only"), "pnpm"),
    "go": ({"go.mod": GO, "half.go": "package shop\n", "half_test.go": GO_TEST}, ("go", "mod", "tidy"), "go"),
    "cargo": ({"Cargo.toml": CARGO, "src/lib.rs": RUST_TEST, ".cargo/config.toml": CARGO_SOURCE}, ("cargo", "generate-lockfile"), "cargo"),
}
"""Files, the command that makes the lock file, the program without which this is skipped."""


@pytest.mark.parametrize("kind", PROJECTS)
def test_the_plan_that_init_writes_runs_as_it_is(desk, kind, tmp_path):
    files, lock, name = PROJECTS[kind]
    found = tool(name)
    with registry() as at, scripted_server(oracle_of({"say-how-to-check": {"README.md": "# Shop\n\n## Development\n"}}, README)) as server:
        ignored = {".gitignore": "node_modules/\ntarget/\n.venv/\n__pycache__/\n"}
        commit_files(desk.repo, {**README, **ignored, **{name: text.replace("{at}", at) for name, text in files.items()}}, kind)
        shell = desk.beside(server).with_env(
            PATH=f"{desk.environment['PATH']}:{Path(found).parent}",
            PIP_INDEX_URL=f"{at}/simple/",
            UV_DEFAULT_INDEX=f"{at}/simple/",
            npm_config_registry=f"{at}/",
            GOPROXY=f"{at}/go",
            GOSUMDB="off",
            **rustup_of_this_machine(),
        )
        if lock:
            made = subprocess.run(
                lock, cwd=desk.repo, env={**shell.environment, "HOME": str(tmp_path / "lock")}, capture_output=True, check=False
            )
            assert made.returncode == 0, made.stderr.decode()
            git(desk.repo, "add", "-A")
            git(desk.repo, "commit", "-qm", "locked")
        assert shell.autopack("init").exit_code == 0
        done = shell.autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
    assert "Development" in desk.at("autopack/r", "README.md")


README = {**FILES, "README.md": "# Shop\n"}


def rustup_of_this_machine() -> dict[str, str]:
    folder = Path(os.environ.get("RUSTUP_HOME") or Path.home() / ".rustup")
    return {"RUSTUP_HOME": str(folder)} if folder.is_dir() else {}
