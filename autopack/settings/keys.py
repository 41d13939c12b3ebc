"""The providers' keys and addresses: which are there, and where each came from."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from autopack.core.errors import InvalidInputError
from autopack.core.models_settings import ProviderSettings
from autopack.core.providers import VENDORS
from autopack.core.settings import ApiKey, Settings
from autopack.settings.dotenv import read_env_file

_SPEAKING: Final = re.compile(r"TOKEN|PASS|SECRET|AUTH|KEY|CREDENTIAL|PRIVATE|COOKIE|SESSION|SIGNATURE", re.IGNORECASE)
_SHORT, _LONG = 8, 20
_PREFIXES: Final = tuple(vendor.variable_prefix for vendor in VENDORS.values())
_ADDRESS_WORDS: Final = ("BASE_URL", "API_BASE", "ENDPOINT", "PROXY")


def find_keys(settings: Settings, environment: Mapping[str, str], repo: Path | None) -> tuple[ApiKey, ...]:
    """One key a provider, in the providers' order: the environment's, else that of the repository's ``.env``."""
    file = read_env_file(repo) if repo is not None else None
    keys = []
    for provider in settings.models.providers:
        variable = provider.api_key_env
        for values, source in ((environment, "environment"), (file.values if file else {}, ".env")):
            value = values.get(variable, "").strip()
            if value:
                keys.append(ApiKey(provider=provider.name, variable=variable, value=SecretStr(value), source=source))
                break
    return tuple(keys)


def custom_headers(provider: ProviderSettings, environment: Mapping[str, str]) -> dict[str, str]:
    """What the SDK's own variable adds to this provider's requests; a header of the configuration goes before it."""
    lines = environment.get(VENDORS[provider.api].headers_variable, "").split("\n")
    named = (name for name, variable in provider.headers_env.items() if environment.get(variable))
    taken = {name.lower() for name in (*provider.headers, *named)}
    pairs = [(name.strip(), value.strip()) for name, colon, value in (line.partition(":") for line in lines) if colon and name.strip()]
    return {name: value for name, value in pairs if name.lower() not in taken}


def secret_values(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Values of headers whose names speak of a secret, each also without its scheme; one that may be a mere word is none."""
    spoken = [value for name, value in headers.items() if _SPEAKING.search(name)]
    parts = [part for value in spoken for part in (value, value.rpartition(" ")[2])]
    return tuple(part for part in parts if len(part) >= _LONG or (len(part) >= _SHORT and any(letter.isdigit() for letter in part)))


def env_file_notes(settings: Settings, environment: Mapping[str, str], repo: Path | None) -> tuple[str, ...]:
    """What of the repository's ``.env`` is not used although one might think so: addresses, Autopack's own variables."""
    if repo is None:
        return ()
    file = read_env_file(repo)
    named = {provider.base_url_env for provider in settings.models.providers if provider.base_url_env}
    notes = list(file.notes)
    for variable in sorted(file.values):
        if variable in named or (variable.startswith(_PREFIXES) and variable.endswith(_ADDRESS_WORDS)):
            used = f"the environment's {variable} is" if environment.get(variable) else "the provider's own address is"
            notes.append(f".env sets {variable}, which is ignored: a repository may not redirect your keys; {used} used.")
        elif variable.startswith("AUTOPACK_"):
            notes.append(f".env sets {variable}, which is ignored: export it, or write it into .autopack/settings.yaml.")
    return tuple(notes)


def base_urls(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """Provider -> its address, where it is not the vendor's own: the environment's variable, else the user's configuration.

    Raises:
        InvalidInputError: an address is no http(s) URL.
    """
    found: dict[str, str] = {}
    for provider in settings.models.providers:
        variable = provider.base_url_env
        chosen = environment.get(variable, "").strip() if variable else ""
        url = chosen or provider.base_url
        if url:
            found[provider.name] = _judged(url, f"{variable}" if chosen else f"base_url of provider '{provider.name}'")
    return found


def _judged(url: str, where: str) -> str:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_address = False
    if not is_address or any(character.isspace() for character in url):
        raise InvalidInputError(f"{where} must be an http(s) address such as `https://gateway.example/v1`; it is `{url[:80]}`.")
    return url
