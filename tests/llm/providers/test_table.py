from typing import get_args
from urllib.parse import urlsplit

import pytest

from autopack.core.providers import VENDORS, ApiName
from autopack.llm.providers.sdk_import import sdk_module
from autopack.llm.providers.table import APIS


def test_every_api_that_may_be_configured_has_both_halves_of_its_row():
    assert set(get_args(ApiName)) == set(VENDORS) == set(APIS)


@pytest.mark.parametrize("vendor", dict.fromkeys(VENDORS.values()), ids=lambda vendor: vendor.domain)
def test_a_vendor_is_reached_below_its_own_domain_and_its_variables_are_its_own(vendor):
    parts = urlsplit(vendor.url)
    assert parts.scheme == "https"
    assert parts.hostname.endswith(f".{vendor.domain}")
    assert vendor.key_variables
    assert all(name.startswith(vendor.variable_prefix) for name in (*vendor.key_variables, vendor.headers_variable))


@pytest.mark.parametrize("api", APIS)
def test_an_sdk_is_the_module_of_its_name_and_whole(api):
    assert sdk_module(APIS[api].sdk).__name__ == APIS[api].sdk.name


@pytest.mark.parametrize("api", [api for api in APIS if APIS[api].stand_in])
def test_an_api_that_stands_in_is_spoken_by_the_same_client(api):
    stand_in = APIS[api].stand_in
    assert APIS[stand_in].sdk is APIS[api].sdk
    assert VENDORS[stand_in] is VENDORS[api]
    assert APIS[stand_in].stand_in is None
