"""Reads effective settings, keys and addresses for commands that show them, in or out of a repository."""

from dataclasses import dataclass
from pathlib import Path

from autopack.core.errors import EnvironmentBlockedError
from autopack.core.settings import ApiKey
from autopack.settings.effective import Effective, load_settings
from autopack.settings.environment import inherited_environment, process_environment
from autopack.settings.keys import base_urls, env_file_notes, find_keys


@dataclass(frozen=True)
class ConfigView:
    """``top`` is None outside of a repository; ``addresses`` are shown without user or password."""

    top: Path | None
    effective: Effective
    keys: tuple[ApiKey, ...]
    addresses: dict[str, str]
    notes: tuple[str, ...]


def config_at(repo: Path) -> ConfigView:
    """Reads what is in force here.

    Raises:
        EnvironmentBlockedError: a directory was named that is no repository.
        InvalidInputError: the configuration has faults.
    """
    from autopack.settings.effective import without_user
    from autopack.worktree.repository import Repository

    environment = process_environment()
    top: Path | None = None
    notes: tuple[str, ...] = ()
    try:
        top = Repository.discover(repo, inherited_environment()).top
    except EnvironmentBlockedError as error:
        if repo != Path():
            raise
        notes = (f"without a repository: {error.message}",)
    effective = load_settings(top, environment)
    addresses = {name: without_user(url) for name, url in base_urls(effective.settings, environment).items()}
    return ConfigView(
        top=top,
        effective=effective,
        keys=find_keys(effective.settings, environment, top),
        addresses=addresses,
        notes=(*notes, *env_file_notes(effective.settings, environment, top)),
    )
