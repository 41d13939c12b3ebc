"""Tools on the wire: a model is offered some, calls them, and gets their results, whichever API it is reached by."""

import itertools
import json

import pytest

from autopack.core.call import PromptBlock, ToolCall, ToolSpec, Turn
from tests.support.asking import bench, prompt, provider, route
from tests.support.server import scripted_server

APIS = ["anthropic", "openai-responses", "openai-chat"]
ANSWER = '{"summary": "done", "files": []}'
OFFERED = tuple(
    ToolSpec(name=name, description=f"It can {name}.", parameters={"type": "object", "properties": {"path": {"type": "string"}}})
    for name in ("read", "search")
)
CALLS = (ToolCall(name="read", arguments='{"path": "a.py"}'), ToolCall(name="search", arguments='{"path": "b/ü"}'))
ROUND = Turn(said="I look.", calls=CALLS, results=("a.py says hello", "b says ünwelcome"))


def asked(*turns, must_answer=False):
    return prompt("Do it.").model_copy(update={"tools": OFFERED, "turns": turns, "must_answer": must_answer})


def called(*calls, text=""):
    return {"text": text, "tools": [{"name": call.name, "raw": call.arguments} for call in calls]}


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("structured", ["schema", "tool", "json"])
def test_the_calls_of_a_reply_come_back_and_are_kept(tmp_path, api, structured):
    with scripted_server(lambda _q: called(*CALLS, text="I look.")) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        of = provider("corp", api, structured=structured)
        reply = at.ask(route(of), render=asked)
        assert (reply.text, [call.name for call in reply.calls]) == ("I look.", ["read", "search"])
        assert [json.loads(call.arguments) for call in reply.calls] == [{"path": "a.py"}, {"path": "b/ü"}]
        assert at.ask(route(of)) == reply
        assert "It can read." in server.calls[0].text


@pytest.mark.parametrize("api", APIS)
def test_what_came_of_earlier_calls_is_sent_as_the_api_has_it(tmp_path, api):
    told = Turn(said="{}", told="Here is more.")
    with scripted_server(lambda _q: ANSWER) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        assert at.ask(route(provider("corp", api)), render=lambda: asked(ROUND, told)).text == ANSWER
    turns = [turn for turn in fakellm_turns(api, server.calls[0].body) if turn[0] != "system"]
    assert turns == [
        ("user", "Do it."),
        ("assistant", "I look."),
        ("call", ("read", {"path": "a.py"})),
        ("call", ("search", {"path": "b/ü"})),
        ("result", "a.py says hello"),
        ("result", "b says ünwelcome"),
        ("assistant", "{}"),
        ("user", "Here is more."),
    ]


def fakellm_turns(api, body):
    from tests.support.fakellm import parse

    spoken = {"anthropic": "anthropic", "openai-responses": "responses", "openai-chat": "chat"}[api]
    turns = parse(spoken, "/", body, {}, 0, 1).turns()
    return [(kind, (what[0], json.loads(what[1])) if kind == "call" else what) for kind, what in turns]


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("structured", ["schema", "tool"])
def test_each_request_of_a_question_begins_like_the_one_before_up_to_its_turns(tmp_path, api, structured):
    seen = []
    with scripted_server(lambda q: seen.append(q.body) or ANSWER) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        of = route(provider("corp", api, structured=structured))
        for number, turns in enumerate([(), (ROUND,), (ROUND, ROUND)], 1):
            at.ask(of, question=number, render=lambda turns=turns: asked(*turns))
    texts = [json.dumps(without_marks(body), ensure_ascii=False) for body in seen]
    for shorter, longer in itertools.pairwise(texts):
        assert longer.startswith(shorter.rstrip("]}"))


def without_marks(value):
    if isinstance(value, dict):
        return {key: without_marks(item) for key, item in value.items() if key != "cache_control"}
    return [without_marks(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(("structured", "free", "last"), [("schema", "auto", "none"), ("tool", "any|required", "builder_reply")])
def test_when_it_must_answer_the_tools_are_named_and_closed(tmp_path, api, structured, free, last):
    with scripted_server(lambda _q: ANSWER) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        of = route(provider("corp", api, structured=structured))
        at.ask(of, question=1, render=lambda: asked(ROUND))
        at.ask(of, question=2, render=lambda: asked(ROUND, must_answer=True))
    choices = [json.dumps(call.body["tool_choice"]) for call in server.calls]
    assert any(word in choices[0] for word in free.split("|"))
    assert last in choices[1]
    assert server.calls[0].body["tools"] == server.calls[1].body["tools"]


@pytest.mark.parametrize("api", APIS)
def test_a_reply_that_comes_as_a_tool_beside_others_is_the_reply(tmp_path, api):
    with scripted_server(lambda _q: called(CALLS[0], ToolCall(name="builder_reply", arguments=ANSWER))) as server:  # noqa: SIM117
        with bench(tmp_path, {"corp": server.base_url}) as at:
            reply = at.ask(route(provider("corp", api, structured="tool")), render=asked)
    assert (reply.text, reply.calls) == (ANSWER, ())


@pytest.mark.parametrize("api", APIS)
def test_a_server_that_takes_no_tools_is_told_as_text_what_was_found_and_is_offered_none_again(tmp_path, api):
    def script(request):
        return {"fault": {"kind": "status", "status": 400, "message": "tools are not supported"}} if request.tools else ANSWER

    with scripted_server(script) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        of = route(provider("corp", api))
        assert at.ask(of, question=1, render=lambda: asked(ROUND)).text == ANSWER
        assert [notice.data["to"] for notice in at.notices if notice.event == "stepped_down"][-1] == f"{api}/schema"
        told = server.calls[-1]
        assert "a.py says hello" in told.text
        assert fakellm_turns(api, told.body)[-1][0] == "user"
        before = len(server.calls)
        assert at.ask(of, question=2, render=lambda: asked(ROUND)).text == ANSWER
        assert len(server.calls) == before + 1


def test_a_server_that_takes_tools_but_no_schema_still_gets_them(tmp_path):
    def script(request):
        return {"fault": {"kind": "status", "status": 400}} if request.response_format else called(CALLS[0])

    with scripted_server(script) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        assert at.ask(route(provider("corp", "openai-chat")), render=asked).calls == CALLS[:1]
        assert len(server.calls) == 2


def test_anthropic_finds_in_its_cache_what_the_round_before_sent(tmp_path):
    """The scripted server charges as the provider does, by the marks."""
    long = tuple(Turn(calls=CALLS[:1], results=(f"result {number} " * 600,)) for number in range(6))
    blocks = (PromptBlock(text="files " * 3000, is_stable=True), PromptBlock(text="the attempt before " * 300))
    with scripted_server(lambda _q: ANSWER) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        of, usages = route(provider("corp", "anthropic")), []
        for number in range(1, 7):
            render = lambda number=number: asked(*long[: number - 1]).model_copy(update={"blocks": blocks})  # noqa: E731 - what is asked
            usages.append(at.ask(of, question=number, render=render).usage)
    for before, after in itertools.pairwise(usages):
        assert after.cache_read_tokens >= before.cache_read_tokens + before.cache_write_tokens
        assert after.input_tokens < 50
