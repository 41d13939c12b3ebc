"""Where Autopack's own files lie outside the repository, and where a repository's state lies."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from autopack.core.errors import EnvironmentBlockedError, InvalidInputError

STATE_VARIABLE: Final = "AUTOPACK_DATABASE_URL"


def user_state_dir(environment: Mapping[str, str]) -> Path:
    """``$XDG_STATE_HOME/autopack``, or what the platform has for it; not made here.

    Raises:
        EnvironmentBlockedError: neither is known, as in a container whose user has no entry and no HOME.
    """
    chosen = _below(environment, "XDG_STATE_HOME")
    if chosen is not None:
        return chosen
    import platformdirs

    return _at_home(platformdirs.user_state_path, "XDG_STATE_HOME")


def user_config_dir(environment: Mapping[str, str]) -> Path:
    """``$XDG_CONFIG_HOME/autopack``, or what the platform has for it; not made here. Raises as ``user_state_dir``."""
    chosen = _below(environment, "XDG_CONFIG_HOME")
    if chosen is not None:
        return chosen
    import platformdirs

    return _at_home(platformdirs.user_config_path, "XDG_CONFIG_HOME")


def repository_config_dir(repo: Path) -> Path:
    return repo / ".autopack"


def database_path(common_dir: Path, environment: Mapping[str, str]) -> Path:
    """Where the state of a repository lies; ``AUTOPACK_DATABASE_URL`` overrides, a plain ``DATABASE_URL`` is never read.

    Raises:
        InvalidInputError: the variable names anything but an SQLite file.
    """
    url = environment.get(STATE_VARIABLE, "")
    if not url:
        return common_dir / "autopack" / "autopack.db"
    path = _sqlite_path(url)
    if path is None or path in ("", ":memory:") or "\0" in path:
        scheme = url.partition("://")[0] if "://" in url else url
        raise InvalidInputError(
            f"{STATE_VARIABLE} must be `sqlite:////absolute/file.db` or a path (it begins with `{scheme}`); "
            "the state lies in an SQLite file, and an application's own database belongs into DATABASE_URL, which is not read."
        )
    return Path(path).expanduser().absolute()


def _sqlite_path(url: str) -> str | None:
    if url.startswith("sqlite:///"):
        return unquote(url.removeprefix("sqlite:///"))
    return None if "://" in url or url.startswith(("sqlite:", "file:")) else url


def _at_home(find: Callable[..., Path], variable: str) -> Path:
    """Without a home ``~`` would be a folder of the repository, whose files are not the user's."""
    try:
        path = find("autopack", appauthor=False)
    except RuntimeError:
        path = Path()
    if not path.is_absolute():
        raise EnvironmentBlockedError(f"This user has no home directory: HOME is not set. Set it, or {variable}, to a folder of your own.")
    return path


def _below(environment: Mapping[str, str], variable: str) -> Path | None:
    """Relative paths in these variables are invalid and ignored, as their specification says."""
    chosen = Path(environment.get(variable, ""))
    return chosen / "autopack" if chosen.is_absolute() else None
