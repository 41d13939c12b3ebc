import pytest

from autopack.core.call import Asking, Role
from autopack.core.settings import ProviderAccess
from autopack.llm.calls.stored_request import attribution
from autopack.llm.providers.connection import connection
from tests.support.asking import key, provider


@pytest.mark.parametrize(
    ("url", "setting", "is_sent"),
    [(None, None, False), ("http://gw.example", None, True), (None, True, True), ("http://gw.example", False, False)],
)
def test_only_gateways_are_told_unless_the_provider_says_otherwise(url, setting, is_sent):
    of = provider("corp", "anthropic", base_url=url, attribution_headers=setting)
    headers = attribution(Asking(run="r", phase="-", attempt=1, role=Role.PLANNER), of, connection(of, key("corp"), ProviderAccess()))
    assert bool(headers) is is_sent


def test_no_value_can_break_out_of_its_header():
    of = provider("corp", "anthropic", attribution_headers=True)
    odd = Asking(run="a\r\nX-Evil: 1", phase="p" * 500, attempt=1, role=Role.DOCTOR)
    headers = attribution(odd, of, connection(of, key("corp"), ProviderAccess()))
    assert headers["X-Autopack-Run"] == "a__X-Evil__1"
    assert len(headers["X-Autopack-Phase"]) == 128
