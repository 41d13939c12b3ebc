"""What there is to say of one repository at a glance: its runs by state, room on its disk, sandbox, keys."""

import shutil
from collections import Counter
from collections.abc import Mapping

from pydantic import Field

from autopack.core.errors import UserError
from autopack.core.model import Frozen
from autopack.core.settings import Settings
from autopack.executor.lock import is_alive
from autopack.executor.project_state import ProjectState
from autopack.settings.keys import find_keys
from autopack.store.run_list import run_page


class DiskShown(Frozen):
    """Bytes: on the file system where the state lies, and of the state itself."""

    free: int
    total: int
    state: int


class SandboxShown(Frozen):
    """``wanted`` is the setting; ``program`` whether bubblewrap is there (`autopack doctor` tries it); ``last`` what the newest run had."""

    wanted: str
    program: bool
    last: str | None


class RepositoryShown(Frozen):
    """``keys``: whether each provider has one. ``problem`` is why settings, sandbox and keys cannot be told."""

    name: str
    path: str
    runs_by_state: dict[str, int]
    disk: DiskShown
    sandbox: SandboxShown | None = None
    keys: dict[str, bool] = Field(default_factory=dict)
    problem: str | None = None


def repository_shown(project: ProjectState, name: str) -> RepositoryShown:
    lines = run_page(project.database, lambda run_id: is_alive(project.locks, run_id)).runs
    shown = RepositoryShown(
        name=name,
        path=str(project.repository.top),
        runs_by_state=dict(Counter(line.state for line in lines)),
        disk=_disk(project),
    )
    try:
        settings = project.effective.settings
    except UserError as error:
        return shown.model_copy(update={"problem": error.message})
    newest = project.runs.find(lines[0].run_id) if lines else None
    return shown.model_copy(
        update={"sandbox": _sandbox(project.environment, settings, newest.sandbox if newest else None), "keys": _keys(project, settings)}
    )


def _disk(project: ProjectState) -> DiskShown:
    state = project.database.path
    files = (state, state.with_name(f"{state.name}-wal"))
    usage = shutil.disk_usage(next(folder for folder in state.parents if folder.exists()))
    return DiskShown(free=usage.free, total=usage.total, state=sum(file.stat().st_size for file in files if file.is_file()))


def _sandbox(environment: Mapping[str, str], settings: Settings, last: str | None) -> SandboxShown:
    return SandboxShown(wanted=settings.sandbox, program=shutil.which("bwrap", path=environment.get("PATH")) is not None, last=last)


def _keys(project: ProjectState, settings: Settings) -> dict[str, bool]:
    with_key = {key.provider for key in find_keys(settings, project.environment, project.repository.top)}
    return {provider.name: provider.name in with_key for provider in settings.models.providers}
