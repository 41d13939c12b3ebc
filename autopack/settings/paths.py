"""Where Autopack's own files lie outside the repository, and where a repository's state lies."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from autopack.core.errors import InvalidInputError

STATE_VARIABLE: Final = "AUTOPACK_DATABASE_URL"


def user_state_dir(environment: Mapping[str, str]) -> Path:
    """``$XDG_STATE_HOME/autopack``, or what the platform has for it; not made here."""
    chosen = _below(environment, "XDG_STATE_HOME")
    if chosen is not None:
        return chosen
    import platformdirs

    return platformdirs.user_state_path("autopack", appauthor=False)


def user_config_dir(environment: Mapping[str, str]) -> Path:
    """``$XDG_CONFIG_HOME/autopack``, or what the platform has for it; not made here."""
    chosen = _below(environment, "XDG_CONFIG_HOME")
    if chosen is not None:
        return chosen
    import platformdirs

    return platformdirs.user_config_path("autopack", appauthor=False)


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


def _below(environment: Mapping[str, str], variable: str) -> Path | None:
    """Relative paths in these variables are invalid and ignored, as their specification says."""
    chosen = Path(environment.get(variable, ""))
    return chosen / "autopack" if chosen.is_absolute() else None
