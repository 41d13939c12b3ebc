"""The demonstration: offline, without a key, from the sources and from an installed wheel."""

import json
import shlex
import subprocess
import sys
import sysconfig
import venv
from importlib import metadata
from pathlib import Path

import pytest

from tests.support.command import COMMAND, Desk
from tests.support.distributions import files_of, needed_by
from tests.support.repos import git
from tests.support.server import scripted_server
from tests.support.start import ROOT

pytestmark = pytest.mark.end_to_end

PHASES = ["temperatures", "copper", "mercury", "formulas"]
NOWHERE = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}


def assert_demo(place: Path, out: str) -> None:
    """Four commits, one a phase, the last phase in its second attempt."""
    chem = place / "chem"
    subjects = git(chem, "log", "--format=%s", "main..autopack/demo").splitlines()
    assert [subject.split(":")[0] for subject in subjects] == PHASES
    for subject in subjects:
        assert subject in out
    assert "Autopack-Attempt: 2" in git(chem, "log", "-1", "--format=%B", "autopack/demo")
    assert git(chem, "status", "--porcelain", "--untracked-files=no") == ""
    assert "autopack show demo temperatures" in out
    rows = {cells[1]: cells[2:4] for cells in map(str.split, out.splitlines()) if cells[:1] == ["✓"]}
    assert rows == {phase: ["complete", "2" if phase == "temperatures" else "1"] for phase in PHASES}


def assert_forms(desk: Desk, chem: Path) -> None:
    """A whole new file, a diff in a file of over 500 lines, operations in one of over 1,000, each as it was asked for."""
    told = map(json.loads, desk.autopack("logs", "demo", "--events", "--json", cwd=chem).stdout.splitlines())
    modes = {line["phase"]: line["mode"] for line in told if line["event"] == "phase_building"}
    assert modes == {"formulas": "full_file", "mercury": "diff", "copper": "structured_edit", "temperatures": "full_file"}
    lines = {path: len(git(chem, "show", f"main:{path}").splitlines()) for path in ("chem/units.py", "chem/elements.py")}
    assert lines["chem/units.py"] > 500
    assert lines["chem/elements.py"] > 1000
    for phase, path, action in (
        ("formulas", "chem/formulas.py", "create"),
        ("mercury", "chem/units.py", "patch"),
        ("copper", "chem/elements.py", "edit"),
    ):
        edits = {edit["path"]: edit["action"] for edit in json.loads(answers()[phase, 1, "builder"])["files"]}
        assert edits[path] == action


def as_typed(command: str) -> list[str]:
    program, *words = shlex.split(command)
    return [*COMMAND, *words] if program == "autopack" else [program, *words]


def answers() -> dict[tuple[str, int, str], str]:
    """The replies of the journal that the demonstration plays."""
    head, *calls = map(json.loads, (ROOT / "templates/demo/journal.jsonl").read_text("utf-8").splitlines())
    assert "by hand" in head["note"]
    return {(call["phase"], call["attempt"], call["role"]): call["reply"]["text"] for call in calls}


def test_with_a_key_the_same_plan_runs_live_and_says_what_it_cost(tmp_path):
    replies = answers()

    def script(request):
        phase, attempt, role = (request.headers[f"x-autopack-{name}"] for name in ("phase", "attempt", "role"))
        return replies[phase, int(attempt), role]

    with scripted_server(script) as server:
        done = Desk.make(tmp_path).beside(server).autopack("demo", "--live", "--dir", tmp_path / "demo", cwd=tmp_path)
        assert done.exit_code == 0, done.stderr
        assert len(server.calls) == len(replies)
    assert_demo(tmp_path / "demo", done.stdout)
    assert "written by hand" not in done.stdout + done.stderr
    spent = next(line for line in done.stdout.splitlines() if line.startswith("spent"))
    assert float(spent.split("$")[1]) > 0
    assert "paid by ANTHROPIC_API_KEY" in done.stderr


def test_the_demonstration_needs_no_key_and_no_network(tmp_path):
    desk = Desk.make(tmp_path).with_env(**NOWHERE)
    done = desk.autopack("demo", "--dir", tmp_path / "demo", cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    assert_demo(tmp_path / "demo", done.stdout)
    assert "spent    $0\n" in done.stdout
    assert "usage    9 calls · 0 in · 0 out\n" in done.stdout
    assert "The replies were written by hand: no model was asked." in done.stdout
    assert "written by hand" in done.stderr
    chem = tmp_path / "demo" / "chem"
    assert_forms(desk, chem)
    status = desk.autopack("status", "demo", "--json", cwd=chem)
    assert (status.exit_code, status.json["usage"]["usd"]) == (0, 0)
    assert [phase["attempts"] for phase in status.json["phases"]] == [1, 1, 1, 2]
    assert "test_water_boils_at_212_fahrenheit" in desk.autopack("show", "demo", "temperatures", cwd=chem).stdout
    assert desk.autopack("diff", "demo", cwd=chem).stdout.startswith("diff --git")
    commands = done.stdout.partition("What to type next:\n")[2].splitlines()[1::2]
    assert [command.split()[0] for command in commands] == ["autopack", "autopack", "autopack", "git", "git", "autopack"]
    plain = {name: value for name, value in desk.environment.items() if not name.startswith("GIT_")}  # the user's own git follows those
    for command in commands[:-1]:  # the last one needs a key
        shell = plain if command.split()[0] == "git" else desk.environment
        assert subprocess.run(as_typed(command), cwd=tmp_path, env=dict(shell), capture_output=True, check=False).returncode == 0
    again = desk.autopack("demo", "--dir", tmp_path / "demo", cwd=tmp_path)
    assert again.exit_code == 2
    assert "is not empty" in again.stderr


def test_the_installed_wheel_shows_it_too_with_nothing_but_what_it_asks_for(tmp_path):
    """Installed by pip beside the distributions that its metadata names, and no others; run by its own console script."""
    home = tmp_path / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    python, packages = home / "bin" / "python", Path(sysconfig.get_path("purelib", "venv", {"base": str(home), "platbase": str(home)}))
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-index", "--no-deps", "--no-compile"]
    installed = subprocess.run([*pip, str(built_wheel(tmp_path))], capture_output=True, text=True, check=False)
    assert installed.returncode == 0, installed.stderr
    needed = needed_by(metadata.Distribution.at(next(packages.glob("autopack-*.dist-info"))).requires or ())
    assert {"anthropic", "openai", "typer", "sqlmodel"} <= set(needed)
    assert not {"pytest", "hypothesis", "hatchling"} & set(needed)
    for found in needed.values():
        for name, source in files_of(found).items():
            (packages / name).parent.mkdir(parents=True, exist_ok=True)
            (packages / name).symlink_to(source)
    desk = Desk.make(tmp_path).without("PYTHONPATH").with_env(**NOWHERE)
    done = subprocess.run(
        [str(home / "bin" / "autopack"), "demo", "--dir", str(tmp_path / "demo")],
        cwd=tmp_path, env=dict(desk.environment), capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert_demo(tmp_path / "demo", done.stdout)
    said = subprocess.run(
        [str(python), "-c", EVERY_MODULE], cwd=tmp_path, env=dict(desk.environment), capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith(str(packages))


EVERY_MODULE = """
import importlib, pkgutil, autopack
print(autopack.__file__)
for module in pkgutil.walk_packages(autopack.__path__, "autopack."):
    if not module.name.endswith("__main__") and not module.name.startswith(("autopack.dashboard", "autopack.main")):  # of an extra
        importlib.import_module(module.name)
"""


def built_wheel(folder: Path) -> Path:
    """Built without a network; the test is skipped where the builder is not installed."""
    pytest.importorskip("hatchling", reason="needs hatchling to build the wheel")
    code = f"from hatchling.build import build_wheel; print(build_wheel({str(folder)!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.strip().splitlines()[-1]
