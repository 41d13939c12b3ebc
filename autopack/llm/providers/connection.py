"""Where a provider is reached and with what: address, key, headers, certificates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from autopack.core.errors import InvalidInputError, ProviderBlockedError
from autopack.core.models_settings import ProviderSettings
from autopack.core.providers import VENDORS, Vendor
from autopack.core.settings import ApiKey, ProviderAccess


@dataclass(frozen=True)
class Connection:
    """``headers`` go with every request of this provider."""

    provider: str
    vendor: Vendor
    base_url: str
    key: ApiKey
    headers: Mapping[str, str] = field(default_factory=dict)
    ca_file: str | None = None

    @property
    def is_vendor(self) -> bool:
        """Whether requests go to the vendor's own servers rather than to a gateway or a local server."""
        host, domain = urlsplit(self.base_url).hostname or "", self.vendor.domain
        return host == domain or host.endswith(f".{domain}")


def connection(provider: ProviderSettings, key: ApiKey, access: ProviderAccess) -> Connection:
    """The connection to use, checked before anything is sent.

    Raises:
        InvalidInputError: the base URL is no http(s) address, or the certificate file is missing.
        ProviderBlockedError: no HTTP header can carry the key.
    """
    vendor = VENDORS[provider.api]
    base_url = access.base_urls.get(provider.name) or provider.base_url or vendor.url
    _check_url(provider, base_url)
    _check_key(key)
    if provider.ca_file is not None and not Path(provider.ca_file).is_file():
        raise InvalidInputError(f"models.yaml: provider '{provider.name}': there is no file at ca_file '{provider.ca_file}'.")
    headers = {**provider.headers, **access.headers.get(provider.name, {})}
    return Connection(provider.name, vendor, base_url, key, headers, provider.ca_file)


def _check_url(provider: ProviderSettings, url: str) -> None:
    try:
        parts = urlsplit(url)
        is_url = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_url = False
    if not is_url:
        variable = f" (from {provider.base_url_env})" if provider.base_url_env else ""
        raise InvalidInputError(f"The base URL of provider '{provider.name}'{variable} is no http or https address: '{url}'.")


def _check_key(key: ApiKey) -> None:
    value = key.value.get_secret_value()
    if not value.isascii() or not value.isprintable() or value != value.strip():
        raise ProviderBlockedError(
            f"The key of '{key.provider}' ({key.variable}, from {key.source}) holds characters that no HTTP header can carry: set it again."
        )
