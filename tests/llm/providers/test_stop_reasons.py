import json

import pytest

from autopack.core.call import StopReason
from tests.support.asking import bench, provider, route
from tests.support.server import scripted_server

APIS = ["anthropic", "openai-responses", "openai-chat"]
CUT = '{"summary": "half of it'
ARGUMENTS = {"summary": "whole", "files": ["a.py"]}


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(
    ("answer", "stop"),
    [
        ({"text": "{}"}, StopReason.END),
        ({"text": CUT, "stop": "max_tokens"}, StopReason.MAX_TOKENS),
        ({"text": "never", "fault": "refusal"}, StopReason.REFUSAL),
        ({"fault": "empty"}, StopReason.END),
    ],
    ids=["end", "cut", "refusal", "empty"],
)
def test_every_api_tells_why_a_reply_ended(tmp_path, api, answer, stop):
    with scripted_server(lambda _q: answer) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        reply = at.ask(route(provider("corp", api)))
        assert reply.stop is stop
        assert reply.is_cut is (stop is StopReason.MAX_TOKENS)
        assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("stop", "expected"),
    [
        ("stop_sequence", StopReason.END),
        ("model_context_window_exceeded", StopReason.CONTEXT_EXCEEDED),
        ("pause_turn", StopReason.MAX_TOKENS),
        ("something_new", StopReason.END),
    ],
)
def test_anthropics_other_stop_reasons_have_a_place(tmp_path, stop, expected):
    with scripted_server(lambda _q: {"text": "{}", "stop": stop}) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        assert at.ask(route(provider("corp", "anthropic"))).stop is expected


def test_a_chat_reply_that_was_filtered_is_a_refusal(tmp_path):
    with scripted_server(lambda _q: {"text": "{", "stop": "content_filter"}) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        assert at.ask(route(provider("corp", "openai-chat"))).stop is StopReason.REFUSAL


@pytest.mark.parametrize("api", APIS)
def test_the_forced_tools_input_is_the_reply(tmp_path, api):
    answer = {"text": "Calling.", "tools": [{"name": "builder_reply", "args": ARGUMENTS}]}
    with scripted_server(lambda _q: answer) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        reply = at.ask(route(provider("corp", api, structured="tool")))
        assert json.loads(reply.text) == ARGUMENTS
        assert reply.stop is StopReason.END


@pytest.mark.parametrize("api", APIS)
def test_a_cut_tool_call_stays_cut(tmp_path, api):
    """Nothing closes its brackets: whoever reads it must see that it does not end."""
    whole = json.dumps({"summary": "s", "files": ["a" * 100]})
    answer = {"tools": [{"name": "builder_reply", "raw": whole}], "fault": {"kind": "truncate", "chars": 60}}
    with scripted_server(lambda _q: answer) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        reply = at.ask(route(provider("corp", api, structured="tool")))
        assert reply.text == whole[:60]
        assert reply.stop is StopReason.MAX_TOKENS


@pytest.mark.parametrize("api", ["openai-responses", "openai-chat"])
def test_what_openai_read_from_its_cache_is_not_counted_twice(tmp_path, api):
    with scripted_server(lambda _q: "{}") as server, bench(tmp_path, {"corp": server.base_url}) as at:
        from tests.support.asking import prompt

        long = lambda: prompt("word " * 4_000)  # noqa: E731 - rendered twice
        at.ask(route(provider("corp", api)), question=1, render=long)
        usage = at.ask(route(provider("corp", api)), question=2, render=long).usage
        assert usage.cache_read_tokens > 1_000
        assert usage.input_tokens + usage.cache_read_tokens < 6_000


def test_anthropics_cache_is_written_once_and_read_then(tmp_path):
    from tests.support.asking import prompt

    with scripted_server(lambda _q: "{}") as server, bench(tmp_path, {"corp": server.base_url}) as at:
        of = route(provider("corp", "anthropic"))
        first = at.ask(of, question=1, render=lambda: prompt("word " * 4_000)).usage
        second = at.ask(of, question=2, render=lambda: prompt("word " * 4_000, "feedback")).usage
        assert first.cache_write_tokens == second.cache_read_tokens > 4_000
        assert second.input_tokens < 100
        assert server.calls
