"""The scripted server answers both SDKs, in a thread and in a process, says what it was asked, and stops."""

import time

import anthropic
import openai
import pytest

from tests.support.oracle import FileChange, Oracle, environment_of
from tests.support.server import FAKELLM, Scripted, scripted_process, scripted_server

HEADERS = {"X-Autopack-Role": "builder", "X-Autopack-Phase": "one", "X-Autopack-Attempt": "2"}
QUESTION = [{"role": "user", "content": "what now?"}]


def test_both_sdks_get_the_scripts_reply_and_the_calls_are_recorded():
    with scripted_server(lambda request: f"to {request.provider}: {request.last_user}") as server:
        assert ask_anthropic(server) == "to anthropic: what now?"
        assert ask_openai(server) == "to responses: what now?"
        first, second = server.calls
    assert (first.provider, first.role, first.phase, first.attempt) == ("anthropic", "builder", "one", 2)
    assert (second.provider, second.number) == ("responses", 2)
    assert server.asked("builder", "one") == [first, second]
    assert server.asked("auditor") == []
    assert "what now?" in first.text


def test_fault_is_served_before_the_sound_reply():
    with scripted_server(lambda _: "sound", faults=["1:status:status=529"]) as server:
        with pytest.raises(anthropic.InternalServerError):
            ask_anthropic(server)
        assert ask_anthropic(server) == "sound"


def test_server_is_gone_after_the_block_though_a_client_kept_its_connection():
    with scripted_server(lambda _: "x") as server, anthropic.Anthropic(base_url=server.base_url, api_key="k") as client:
        client.messages.create(model="m", max_tokens=9, messages=QUESTION)
    with pytest.raises(anthropic.APIConnectionError):
        ask_anthropic(server)


def test_reply_that_hangs_does_not_keep_the_server():
    started = time.monotonic()
    with scripted_server(lambda _: "late", faults=["1:hang:seconds=60"]) as server, pytest.raises(anthropic.APITimeoutError):
        ask_anthropic(server, timeout=0.3)
    assert time.monotonic() - started < 30


def test_process_plays_the_oracle_and_its_log_is_read_back(tmp_path):
    oracle = Oracle({"one": (FileChange("a.py", None, "x = 1\n"),)}, others={})
    environment = environment_of(oracle, tmp_path / "case.json")
    script = f"{FAKELLM.with_name('oracle.py')}:reply"
    with scripted_process(script, tmp_path, environment=environment) as server:
        assert '"content": "x = 1\\n"' in ask_anthropic(server)
        [call] = server.asked("builder", "one")
    assert call.body["messages"] == QUESTION


def test_process_that_cannot_start_says_why(tmp_path):
    with pytest.raises(AssertionError, match="No such file"), scripted_process(f"{tmp_path}/absent.py:reply", tmp_path):
        pass


def ask_anthropic(server: Scripted, timeout: float = 10) -> str:
    with anthropic.Anthropic(base_url=server.base_url, api_key="k", max_retries=0, timeout=timeout, default_headers=HEADERS) as client:
        return client.messages.create(model="m", max_tokens=9, messages=QUESTION).content[0].text


def ask_openai(server: Scripted) -> str:
    with openai.OpenAI(base_url=server.openai_url, api_key="k", max_retries=0, default_headers=HEADERS) as client:
        return client.responses.create(model="m", input=QUESTION).output_text
