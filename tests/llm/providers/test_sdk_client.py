import subprocess
import sys

import pytest

from tests.support.asking import asking, bench, provider, route
from tests.support.server import scripted_server


@pytest.mark.parametrize("api", ["anthropic", "openai-responses", "openai-chat"])
def test_the_sdks_own_variables_do_not_reach_the_request(tmp_path, monkeypatch, api):
    for name in ("ANTHROPIC_BASE_URL", "OPENAI_BASE_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "from-the-environment")
    with scripted_server(lambda _q: "{}") as server, bench(tmp_path, {"corp": server.base_url}) as at:
        at.ask(route(provider("corp", api)))
        assert "from-the-environment" not in str(dict(server.calls[0].headers))


def test_configured_headers_go_with_every_request(tmp_path):
    with scripted_server(lambda _q: "{}") as server, bench(tmp_path, {"corp": server.base_url}) as at:
        at.ask(route(provider("corp", "anthropic", headers={"X-Team": "blue"})))
        assert server.calls[0].headers["x-team"] == "blue"


def test_a_gateway_is_told_run_phase_role_and_attempt(tmp_path):
    with scripted_server(lambda _q: "{}") as server, bench(tmp_path, {"corp": server.base_url}) as at:
        at.ask(route(provider("corp", "anthropic")), of=asking(phase="add-parser", attempt=3))
        headers = server.calls[0].headers
        told = [headers[f"x-autopack-{name}"] for name in ("run", "phase", "role", "attempt")]
        assert told == ["run-1", "add-parser", "builder", "3"]


def test_attribution_can_be_turned_off(tmp_path):
    with scripted_server(lambda _q: "{}") as server, bench(tmp_path, {"corp": server.base_url}) as at:
        at.ask(route(provider("corp", "anthropic", attribution_headers=False)))
        assert not [name for name in server.calls[0].headers if name.startswith("x-autopack")]


def test_one_connection_serves_many_calls(tmp_path):
    with scripted_server(lambda _q: "{}") as server, bench(tmp_path, {"corp": server.base_url}) as at:
        of = route(provider("corp", "anthropic"))
        first = at.service._connections.client(of)
        at.ask(of)
        assert at.service._connections.client(of) is first
        assert server.calls


def test_importing_the_service_imports_no_sdk_and_no_prices():
    code = (
        "import sys, autopack.llm.service, autopack.llm.calls.journal_file, autopack.llm.providers.sdk_import;"
        "print([name for name in ('anthropic', 'openai', 'httpx2', 'genai_prices', 'opentelemetry') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_the_first_call_needs_is_imported_in_a_thread_and_nothing_else():
    code = (
        "import sys, threading, autopack.llm.providers.sdk_import as sdks; from autopack.llm.providers.table import APIS; sdks.import_beside(APIS['openai-chat'].sdk);"
        "[thread.join() for thread in threading.enumerate() if thread.name == 'autopack-import'];"
        "print([name for name in ('anthropic', 'openai', 'httpx2', 'genai_prices') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['openai', 'httpx2', 'genai_prices']"


def test_nothing_is_printed_by_a_call_that_fails_and_one_that_succeeds(tmp_path, capfd):
    script = lambda q: {"text": "{}", "fault": {"kind": "status", "status": 500} if q.call == 1 else None}  # noqa: E731 - a script
    with scripted_server(script) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        at.ask(route(provider("corp", "anthropic", models={}), model="claude-2.0"))
        at.ask(route(provider("corp", "openai-responses", models={})), question=2)
    assert capfd.readouterr() == ("", "")
