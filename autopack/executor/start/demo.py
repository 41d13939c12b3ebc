"""Makes the demonstration's project: a small repository, its plan and its hand-written journal, in a folder of their own."""

import json
import sys
import tempfile
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from autopack.core.errors import UsageError
from autopack.settings.assets import assets
from autopack.settings.environment import inherited_environment
from autopack.worktree.new_repository import make_repository


@dataclass(frozen=True)
class DemoProject:
    """``journal`` lies beside the repository, so that the work tree of the demonstration is a user's."""

    repo: Path
    plan: Path
    journal: Path


def make_demo(folder: Path | None) -> DemoProject:
    """Writes the project into an empty folder, or a new one below the system's temporary folder."""
    if folder is not None and folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty; name a folder that is new or empty.", next_command="autopack demo --dir NEW")
    top = (folder or Path(tempfile.mkdtemp(prefix="autopack-demo-"))).resolve()
    source = assets("templates").joinpath("demo")
    repo = top / "chem"
    _copy(source.joinpath("project"), repo)
    (repo / "gitignore").rename(repo / ".gitignore")
    plan = repo / "autopack.yaml"
    plan.write_text(source.joinpath("plan.yaml").read_text("utf-8").replace('"python3"', json.dumps(sys.executable)), "utf-8")
    journal = top / "journal.jsonl"
    journal.write_bytes(source.joinpath("journal.jsonl").read_bytes())
    make_repository(repo, inherited_environment(), "A little chemistry")
    return DemoProject(repo, plan, journal)


def _copy(source: Traversable, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for item in source.iterdir():
        if item.is_dir():
            if item.name != "__pycache__":
                _copy(item, target / item.name)
        else:
            (target / item.name).write_bytes(item.read_bytes())
