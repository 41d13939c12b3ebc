"""The names of the variables that hold keys: those the SDKs know, and those that the user's configuration names."""

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from autopack.core.errors import UserError
from autopack.core.providers import VENDORS
from autopack.settings.server_variables import OWN_PRIVATE_KEY
from autopack.settings.withdrawn import withdraw, withdrawn

if TYPE_CHECKING:
    from autopack.core.settings import Settings

PROVIDER_KEYS: Final = frozenset(name for vendor in VENDORS.values() for name in (*vendor.key_variables, vendor.headers_variable))
"""What the official SDKs take for keys, the shipped configuration's among them."""

_SPEAKING: Final = re.compile(r"TOKEN|PASS|SECRET|AUTH|KEY|CREDENTIAL|PRIVATE", re.IGNORECASE)
_NAMING: Final = ("api_key_env", "headers_env", "qdrant")


def withdraw_keys() -> None:
    """To be called once, as the program starts: from here on only ``process_environment`` knows the keys."""
    withdraw(PROVIDER_KEYS | {OWN_PRIVATE_KEY} | _named_by_the_user(os.environ))


def key_variables(settings: "Settings") -> frozenset[str]:
    """Names whose values go to a provider and to no command."""
    return PROVIDER_KEYS | _named(settings)


def suspected_values(environment: Mapping[str, str], repo: Path | None) -> tuple[str, ...]:
    """What may be secret where neither configuration nor plan can be asked: the keys that were withdrawn, and what is named like one."""
    from autopack.settings.dotenv import read_env_file  # pydantic: not for a program that only starts

    found = {**withdrawn(), **{name: value for name, value in environment.items() if _SPEAKING.search(name)}}
    with suppress(UserError, OSError):
        found.update({f".env {name}": value for name, value in (read_env_file(repo).values if repo else {}).items()})
    return tuple(found.values())


def _named_by_the_user(environment: Mapping[str, str]) -> frozenset[str]:
    """Of a configuration that can be read; one that cannot stops whatever would ask a model or run a command."""
    if not any(word in text for text in _texts(environment) for word in _NAMING):
        return frozenset()
    from autopack.settings.effective import load_settings  # a fifth of a second, for those who name keys of their own

    try:
        return _named(load_settings(None, environment).settings)
    except UserError:
        return frozenset()


def _texts(environment: Mapping[str, str]) -> Iterable[str]:
    from autopack.settings.paths import user_config_dir

    yield from (value for name, value in environment.items() if name.startswith(("AUTOPACK_MODELS", "AUTOPACK_MEMORY")))
    try:
        folder = user_config_dir(environment)
        for name in ("models.yaml", "memory.yaml", "settings.yaml"):
            if (folder / name).is_file():
                yield (folder / name).read_text("utf-8", "replace")
    except (UserError, OSError):
        return


def _named(settings: "Settings") -> frozenset[str]:
    found = (name for provider in settings.models.providers for name in (provider.api_key_env, *provider.headers_env.values()))
    memory = (settings.memory.qdrant.api_key_env,) if settings.memory.store == "qdrant" else ()
    return frozenset(name for name in (*found, *memory) if name)
