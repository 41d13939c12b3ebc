"""Finds where the tools on PATH really lie: the prefixes of interpreters, environments and version managers."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

SYSTEM: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix", "/gnu", "/snap", "/sys")
"""Folders of the system itself; they are always readable."""
_IN_SYSTEM: Final = tuple(f"{folder}/" for folder in SYSTEM)

_PROGRAM_FOLDERS: Final = frozenset({"bin", "sbin", "shims", "Scripts", "condabin"})
_FOLDER_VARIABLES: Final = (
    *("VIRTUAL_ENV", "CONDA_PREFIX", "PYENV_ROOT", "NVM_DIR", "VOLTA_HOME", "ASDF_DIR", "ASDF_DATA_DIR", "MISE_DATA_DIR", "PNPM_HOME"),
    *("RUSTUP_HOME", "GOROOT", "GOPATH", "GOMODCACHE", "JAVA_HOME", "MAVEN_HOME", "M2_HOME", "GRADLE_HOME", "SDKMAN_DIR", "RBENV_ROOT"),
    *("GEM_HOME", "DOTNET_ROOT", "DENO_DIR", "BUN_INSTALL", "PLAYWRIGHT_BROWSERS_PATH", "POETRY_HOME", "UV_PYTHON_INSTALL_DIR"),
)
_HOME_FOLDERS: Final = (
    *(".rustup", ".cargo/bin", ".cargo/registry", ".cargo/git", "go/pkg/mod", ".m2/repository", ".local/lib", ".local/pipx"),
    *(".local/share/uv", ".local/share/pipx", ".nvm/versions", ".pyenv", ".rbenv", ".asdf", ".volta", ".sdkman/candidates"),
)
_PRIVATE_FOLDERS: Final = frozenset({".ssh", ".aws", ".gnupg", ".docker", ".kube", ".azure", ".gcloud", ".password-store"})
_PRIVATE_FILES: Final = ("credentials", "credentials.toml", ".netrc", ".npmrc", ".pypirc", ".git-credentials", "settings.xml", ".ssh")
"""A folder that holds one of these belongs to more than one tool."""

_ENTRIES_MAX: Final = 2_000


def tool_paths(environment: Mapping[str, str], home: Path, closed: Sequence[Path], linked: Sequence[Path] = ()) -> tuple[Path, ...]:
    """Folders that have to be readable for the programs on PATH to run, outermost first.

    Args:
        environment: the command's own.
        home: the user's home, which is not shown as a whole.
        closed: folders that are never shown, nor anything above them.
        linked: environments that the work tree links to or holds a copy of; what their programs lead to is needed as well.
    """
    candidates = dict.fromkeys((*_candidates(environment, home), *(path for folder in linked for path in _behind_links(folder / "bin"))))
    found = [path for path in candidates if _is_folder(path) and not _opens(path, closed) and not _is_private(path)]
    kept: list[Path] = []
    for path in sorted(found, key=lambda path: len(path.parts)):
        if not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return tuple(kept)


def is_system(path: Path | str) -> bool:
    """Whether the folder is shown anyway."""
    text = str(path)
    return text in SYSTEM or text.startswith(_IN_SYSTEM)


def _candidates(environment: Mapping[str, str], home: Path) -> Iterator[Path]:
    for word in environment.get("PATH", "").split(os.pathsep):
        folder = Path(word)
        if folder.is_absolute() and _is_folder(folder):
            yield folder
            yield from _prefix(folder)
            yield from _behind_links(folder)
    yield from (Path(environment[name]) for name in _FOLDER_VARIABLES if Path(environment.get(name, "")).is_absolute())
    yield from (home / name for name in _HOME_FOLDERS)


def _is_folder(path: Path) -> bool:
    """False for a folder that this user may not read: a link in /usr/local/bin may lead into another user's home."""
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises there


def _prefix(folder: Path) -> Iterator[Path]:
    """``<prefix>/bin`` stands for its prefix, unless that holds much else (``~/bin``, ``~/.local/bin``, ``~/.cargo/bin``)."""
    if folder.name in _PROGRAM_FOLDERS and folder.parent.name not in {".local", ".cargo", ".config"}:
        yield folder.parent


def _behind_links(folder: Path) -> Iterator[Path]:
    """Programs that are links, as an environment's interpreter is: the prefix of what they lead to."""
    try:
        with os.scandir(folder) as found:
            links = [entry for entry, _ in zip(found, range(_ENTRIES_MAX), strict=False) if entry.is_symlink()]
            entries = [entry for entry in links if _leads_away(folder, os.readlink(entry.path))]  # noqa: PTH115 - as below
    except OSError:
        return
    parents = dict.fromkeys(os.path.dirname(os.path.realpath(entry.path)) for entry in entries)  # noqa: PTH120 - a thousand links are dear as Path
    for parent in map(Path, parents):
        if parent != folder:
            yield parent
            yield from _prefix(parent)


def _leads_away(folder: Path, target: str) -> bool:
    """Whether a link's words can lead to another folder that is not shown anyway: most of a system's thousand links do not."""
    return (target.startswith("/") and not is_system(target)) or ("/" in target and not is_system(folder))


def _opens(path: Path, closed: Sequence[Path]) -> bool:
    """Whether showing the folder would show a closed one."""
    return any(other.is_relative_to(path) for other in closed) or path == Path(path.anchor)


def _is_private(path: Path) -> bool:
    return not _PRIVATE_FOLDERS.isdisjoint(path.parts) or any(os.path.exists(path / name) for name in _PRIVATE_FILES)  # noqa: PTH110 - as above
