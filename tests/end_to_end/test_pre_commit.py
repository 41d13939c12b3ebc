"""Our `.pre-commit-hooks.yaml` under the real pre-commit: it clones, makes an environment, installs the package, runs the hooks.

No index is asked: what the package needs is found beside this Python, as far as its metadata names it, and hatchling, which builds it.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.command import CHECK, Desk, plan_of
from tests.support.distributions import files_of, needed_by
from tests.support.repos import commit_files, git, make_repo
from tests.support.start import ROOT
from tests.support.tools import tool

pytestmark = pytest.mark.end_to_end

PACKAGED = (".pre-commit-hooks.yaml", "LICENSE", "README.md", "autopack", "config", "prompts", "pyproject.toml", "templates")
OFFLINE = {
    "PIP_NO_INDEX": "1",
    "PIP_NO_DEPS": "1",
    "PIP_NO_BUILD_ISOLATION": "0",
    "PIP_NO_COMPILE": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}
"""pip reads the third one as it writes the option: not isolated."""


def hooks_repository(folder: Path) -> Path:
    """A repository of what a package of Autopack is made of, as the work tree has it now."""
    repo = make_repo(folder / "hooks", {})
    for name in PACKAGED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, repo / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, repo / name)
    git(repo, "add", "-A", "-f")
    git(repo, "commit", "-qm", "hooks")
    return repo


def beside(folder: Path) -> Path:
    """A folder with every distribution that an index would install for Autopack and for building it."""
    pytest.importorskip("hatchling", reason="needs hatchling to build the wheel")
    from importlib.metadata import distribution

    requirements = [text for text in distribution("autopack").requires or () if "extra ==" not in text]
    for found in needed_by([*requirements, "hatchling"]).values():
        for name, source in files_of(found).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to(source)
    return folder


@pytest.fixture(scope="module")
def hooks(tmp_path_factory):
    """The repository of the hooks, and an environment in which pre-commit reaches no index and shares one cache."""
    program = tool("pre-commit")
    folder = tmp_path_factory.mktemp("hooks")
    return (
        program,
        hooks_repository(folder),
        {**OFFLINE, "PRE_COMMIT_HOME": str(folder / "cache"), "PYTHONPATH": str(beside(folder / "beside"))},
    )


@pytest.fixture
def committing(tmp_path, hooks):
    """A repository whose commits the hooks judge: `committing(files)` commits them as a person does."""
    program, source, variables = hooks
    desk = Desk.make(tmp_path, {"app.txt": "one\n", "check.sh": "true\n"})
    config = f"repos:\n  - repo: {source}\n    rev: {git(source, 'rev-parse', 'HEAD').strip()}\n"
    config += "    hooks: [{id: autopack-plan-check}, {id: autopack-consolidate-docs}]\n"
    commit_files(desk.repo, {".pre-commit-config.yaml": config}, "hooks")
    environment = {**desk.environment, **variables}
    subprocess.run([program, "install"], cwd=desk.repo, env=environment, capture_output=True, check=True)

    def commit(files):
        for name, text in files.items():
            (desk.repo / name).parent.mkdir(parents=True, exist_ok=True)
            (desk.repo / name).write_text(text, "utf-8")
        git(desk.repo, "add", "-A")
        command = ["git", "commit", "-qm", "change"]
        done = subprocess.run(command, cwd=desk.repo, env=environment, capture_output=True, encoding="utf-8", check=False)
        return done.returncode, done.stdout + done.stderr

    return commit


def plan(**keys):
    return json.dumps(plan_of(**keys)) + "\n"


def test_a_commit_with_a_sound_plan_passes_and_one_with_a_broken_plan_is_stopped(committing):
    code, said = committing({"autopack.yaml": plan()})
    assert code == 0, said
    code, said = committing(
        {"autopack.yaml": plan(goal=""), ".autopack/plans/night.yaml": plan(defaults={"ci": CHECK, "complexty": "low"})}
    )
    assert code == 1, said
    assert "autopack.yaml:" in said, said
    assert "night.yaml" in said
    assert "complexty" in said


def test_a_document_that_lies_about_is_named_and_the_commit_goes_on(committing):
    code, said = committing({"NOTES-ON-THE-BUG.md": "# The bug\n\nIt crashed.\n"})
    assert code == 0, said
    assert "NOTES-ON-THE-BUG.md" in said
    assert "nothing was changed" in said
