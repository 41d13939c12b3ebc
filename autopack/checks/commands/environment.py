"""Builds the environment of every command of a plan: it holds what the command needs to find its tools, and no keys."""

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from autopack.checks.commands.home import tool_variables
from autopack.core.errors import EnvironmentBlockedError, InvalidInputError

KEPT: Final[frozenset[str]] = frozenset(
    {
        *("PATH", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO"),
        *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy"),
        *("VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "CONDA_EXE", "MAMBA_ROOT_PREFIX", "PYENV_ROOT", "PYENV_VERSION"),
        *("NVM_DIR", "NVM_BIN", "VOLTA_HOME", "FNM_DIR", "FNM_MULTISHELL_PATH", "ASDF_DIR", "ASDF_DATA_DIR", "MISE_DATA_DIR"),
        *("PLAYWRIGHT_BROWSERS_PATH", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "CARGO_NET_OFFLINE", "SDKMAN_DIR"),
        *("GOROOT", "GOPROXY", "GONOSUMDB", "GOPRIVATE", "GOSUMDB", "GOTOOLCHAIN", "GOFLAGS"),
        *("JAVA_HOME", "MAVEN_HOME", "M2_HOME", "GRADLE_HOME", "ANDROID_HOME", "ANDROID_SDK_ROOT"),
        *("GEM_HOME", "GEM_PATH", "RBENV_ROOT", "DOTNET_ROOT", "POETRY_HOME"),
        *("CC", "CXX", "CPATH", "LIBRARY_PATH", "LD_LIBRARY_PATH", "PKG_CONFIG_PATH", "MACOSX_DEPLOYMENT_TARGET", "SDKROOT"),
        *("NIX_PATH", "NIX_PROFILES", "NIX_SSL_CERT_FILE", "DEVELOPER_DIR", "HOMEBREW_PREFIX", "DOCKER_HOST"),
    }
)
"""Handed on by name. ``PYTHONPATH``, ``NODE_PATH`` and ``GIT_*`` are not here: they lead into the user's own checkout."""

KEPT_PREFIXES: Final = ("LC_", "PIP_", "UV_", "NPM_CONFIG_", "npm_config_", "POETRY_VIRTUALENVS_")
"""Settings of installers, handed on unless they hold a credential."""

OWN_PLACES: Final[frozenset[str]] = frozenset(
    {
        *("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "XDG_BIN_HOME"),
        *("PIP_CACHE_DIR", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_SRC", "PIP_CONFIG_FILE", "PYTHONUSERBASE"),
        *("UV_CACHE_DIR", "UV_TOOL_DIR", "UV_TOOL_BIN_DIR", "UV_PYTHON_BIN_DIR", "UV_PROJECT_ENVIRONMENT", "UV_CONFIG_FILE"),
        *("POETRY_CACHE_DIR", "POETRY_VIRTUALENVS_PATH", "POETRY_CONFIG_DIR", "POETRY_DATA_DIR"),
        *("npm_config_cache", "npm_config_prefix", "npm_config_userconfig", "npm_config_globalconfig", "npm_config_store_dir"),
        *("NPM_CONFIG_CACHE", "NPM_CONFIG_PREFIX", "NPM_CONFIG_USERCONFIG", "NPM_CONFIG_GLOBALCONFIG", "NPM_CONFIG_STORE_DIR"),
        *("PNPM_HOME", "COREPACK_HOME", "BUN_INSTALL", "DENO_DIR", "ELECTRON_CACHE", "CYPRESS_CACHE_FOLDER"),
        *("CARGO_HOME", "CARGO_TARGET_DIR", "SCCACHE_DIR", "CCACHE_DIR", "GOPATH", "GOBIN", "GOCACHE", "GOMODCACHE"),
        *("GRADLE_USER_HOME", "BUNDLE_PATH", "NUGET_PACKAGES", "COMPOSER_HOME", "DOCKER_CONFIG"),
    }
)
"""Where tools keep downloads and caches. They are not handed on, so that tools use HOME, which is the run's own."""

FIXED: Final[Mapping[str, str]] = {
    "CI": "true",
    "TERM": "dumb",
    "GIT_TERMINAL_PROMPT": "0",
    "PYTHONUTF8": "1",
    # A compiled file is trusted by whole seconds and size: two trees checked within one second would share it, and a red tree be green.
    "PYTHONDONTWRITEBYTECODE": "1",
    # What is installed is compiled at once instead, by pip by itself and by uv because of this.
    "UV_COMPILE_BYTECODE": "1",
}

_OWN: Final = "AUTOPACK_"
_HANDED_IN_TESTS: Final = "AUTOPACK_TEST_PASS"
"""The crash tests hand these names to commands. They are read from Autopack's own environment, which no plan or repository can set."""

_VOLATILE: Final = frozenset({"AUTOPACK_OUT", "AUTOPACK_PHASE", "AUTOPACK_RUN", "HOME"})
_SECRET_NAME: Final = re.compile(r"TOKEN|PASSW|SECRET|AUTH|API_?KEY|CREDENTIAL|PRIVATE", re.IGNORECASE)
_PASSWORD_IN_URL: Final = re.compile(r"://[^/\s@]*:[^/\s@]+@")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class EnvironmentSources:
    """What every environment of a run is built from.

    ``keep`` are further names that the user's configuration hands on; ``provider_keys`` are names that reach no command. ``home`` is
    the HOME of the run's commands; None for a command of the user's own, which has the user's.
    """

    inherited: Mapping[str, str]
    run: str
    provider_keys: frozenset[str] = frozenset()
    keep: tuple[str, ...] = ()
    home: Path | None = None


def build_environment(
    around: EnvironmentSources, *, phase: str = "-", env: Mapping[str, str] | None = None, env_from: Sequence[str] = ()
) -> dict[str, str]:
    """The whole environment of a command, sorted by name; the literal values of ``env`` win over everything but Autopack's own.

    Raises:
        InvalidInputError: ``env_from`` names a provider's key, or a name is none.
        EnvironmentBlockedError: a variable of ``env_from`` is not set.
    """
    literal = dict(env or {})
    problems = (*_refused(around, env_from), *_not_names((*literal, *env_from)))
    if problems:
        raise InvalidInputError(problems[0], problems[1:])
    values = {name: value for name, value in around.inherited.items() if _is_kept(name, value, around)}
    if around.home is not None:
        values |= {**tool_variables(around.inherited), "HOME": str(around.home)}
    values |= FIXED
    values |= _passed_for_tests(around)
    values |= {name: _handed_through(around, name) for name in env_from}
    values |= literal
    values |= {"AUTOPACK_RUN": around.run, "AUTOPACK_PHASE": phase}
    return dict(sorted(values.items()))


def environment_sha256(environment: Mapping[str, str]) -> str:
    """The hash of everything that a command could see of the environment, without what differs from step to step or run to run."""
    lasting = sorted((name, value) for name, value in environment.items() if name not in _VOLATILE)
    return hashlib.sha256(repr(lasting).encode("utf-8", "surrogateescape")).hexdigest()


def _passed_for_tests(around: EnvironmentSources) -> dict[str, str]:
    names = set(around.inherited.get(_HANDED_IN_TESTS, "").split(",")) & around.inherited.keys()
    return {name: around.inherited[name] for name in names - around.provider_keys}


def _is_named(name: str, around: EnvironmentSources) -> bool:
    if name.startswith(_OWN) or name in around.provider_keys:
        return False
    if name in OWN_PLACES:
        return around.home is None or name in around.keep
    return name in KEPT or name.startswith(KEPT_PREFIXES) or name in around.keep


def _is_kept(name: str, value: str, around: EnvironmentSources) -> bool:
    if not _is_named(name, around):
        return False
    return name in around.keep or not (_SECRET_NAME.search(name) or _PASSWORD_IN_URL.search(value))


def _refused(around: EnvironmentSources, env_from: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        f"env_from: '{name}' is a key of a model provider, which no command gets; give the check a key of its own under another name."
        for name in env_from
        if name in around.provider_keys
    )


def _not_names(names: Sequence[str]) -> tuple[str, ...]:
    wrong = (name for name in names if not _NAME.fullmatch(name) or name.startswith(_OWN))
    return tuple(f"env: '{name}' cannot be set; names are letters, digits and _, and AUTOPACK_... is Autopack's own." for name in wrong)


def _handed_through(around: EnvironmentSources, name: str) -> str:
    value = around.inherited.get(name)
    if value is None:
        raise EnvironmentBlockedError(f"env_from names '{name}', which is not set here; set it in the shell that starts Autopack.")
    return value


def python_environments(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Virtual environments that ``VIRTUAL_ENV`` or ``PATH`` leads to, in that order.

    An activated one is often the checkout's own, with the project installed in it as editable: its tests would run the checkout's
    code, whatever the candidate says.
    """
    folders = [Path(entry).parent for entry in environment.get("PATH", "").split(os.pathsep) if entry]
    named = environment.get("VIRTUAL_ENV")
    candidates = [Path(named), *folders] if named else folders
    return tuple(dict.fromkeys(folder for folder in candidates if folder.is_absolute() and (folder / "pyvenv.cfg").is_file()))
