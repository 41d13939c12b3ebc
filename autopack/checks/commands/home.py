"""Makes the HOME of a run's commands: a folder of the run's own, from which commands still find the user's installed tools.

Tools keep their downloads and caches in it, so that a check finds what set-up left, and write nothing into the user's home.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from autopack.core.errors import EnvironmentBlockedError

TOOLS: Final[Mapping[str, str]] = {
    "RUSTUP_HOME": ".rustup",
    "PYENV_ROOT": ".pyenv",
    "RBENV_ROOT": ".rbenv",
    "NVM_DIR": ".nvm",
    "VOLTA_HOME": ".volta",
    "ASDF_DATA_DIR": ".asdf",
    "MISE_DATA_DIR": ".local/share/mise",
    "UV_PYTHON_INSTALL_DIR": ".local/share/uv/python",
    "SDKMAN_DIR": ".sdkman",
}
"""Variables by which version managers find what they have installed, and the folder of the user's home that is their default."""

_PYTHON_PACKAGES: Final = ".local/lib/python3*/site-packages"


def make_home(home: Path, inherited: Mapping[str, str]) -> None:
    """Makes the folder, and in it what leads to the packages that the user installed for themself.

    Raises:
        EnvironmentBlockedError: it cannot be written.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        for packages in _of_user(inherited).glob(_PYTHON_PACKAGES) if _has_home(inherited) else ():
            own = home / packages.relative_to(_of_user(inherited))
            own.mkdir(parents=True, exist_ok=True)
            (own / "of-the-user.pth").write_text(f"{packages}\n", "utf-8", errors="surrogateescape")
    except OSError as error:
        raise EnvironmentBlockedError(
            f"{home}, the HOME of the run's commands, cannot be made ({error.strerror}). Make room or give write access."
        ) from error


def tool_variables(inherited: Mapping[str, str]) -> dict[str, str]:
    """What leads to the user's own tools although HOME does not: variables that the user has not set."""
    if not _has_home(inherited):
        return {}
    missing = {name: _of_user(inherited) / folder for name, folder in TOOLS.items() if not inherited.get(name)}
    return {name: str(folder) for name, folder in missing.items() if folder.is_dir()}


def _has_home(inherited: Mapping[str, str]) -> bool:
    return _of_user(inherited).is_absolute()


def _of_user(inherited: Mapping[str, str]) -> Path:
    return Path(inherited.get("HOME", ""))
