import json
from typing import get_args

import pytest

from autopack.core.call import Prompt, PromptBlock
from autopack.core.providers import ChatApi
from autopack.llm.providers.table import APIS
from autopack.llm.wire import WireRequest
from tests.support.asking import SCHEMA, prompt

NAMES = get_args(ChatApi)


def wire(of: Prompt, structured="schema", is_vendor=True) -> WireRequest:
    return WireRequest("m-1", of, 1_000, structured, is_vendor)


def serialised(api: str, request: WireRequest) -> str:
    return json.dumps(APIS[api].body(request), ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize("api", NAMES)
@pytest.mark.parametrize("structured", ["schema", "tool", "json"])
def test_an_attempts_request_begins_with_all_of_the_one_before(api, structured):
    texts = ["the plan\n", "the files\n", "feedback 1\n", "feedback 2\n", "feedback 3\n", "feedback 4\n"]
    for count in range(2, len(texts)):
        shorter = serialised(api, wire(prompt(*texts[:count]), structured))
        longer = serialised(api, wire(prompt(*texts[: count + 1]), structured))
        end = shorter.index(json.dumps(texts[count - 1])[1:-1]) + len(json.dumps(texts[count - 1])) - 2
        assert longer.startswith(shorter[:end])


@pytest.mark.parametrize("api", NAMES)
def test_everything_of_the_prompt_is_sent(api):
    body = serialised(api, wire(prompt("first block", "second block", system="the system")))
    for text in ("first block", "second block", "the system", '"summary"', '"builder_reply"'):
        assert text in body or (text == '"builder_reply"' and api == "anthropic")


def test_anthropic_marks_the_system_and_the_first_three_stable_blocks():
    blocks = tuple(PromptBlock(text=f"b{n}", is_stable=n != 1) for n in range(6))
    body = APIS["anthropic"].body(wire(Prompt(system="s", blocks=blocks, reply_name="r", reply_schema=SCHEMA)))
    marked = [block["text"] for block in body["messages"][0]["content"] if "cache_control" in block]
    assert marked == ["b0", "b2", "b3"]
    assert "cache_control" in body["system"][0]


def test_anthropic_is_asked_to_leave_out_what_openai_has_as_null():
    schema = {"type": "object", "properties": {"a": {"type": ["string", "null"]}}, "required": ["a"], "additionalProperties": False}
    assert '"properties":{"a":{"type":"string"}},"required":[]' in serialised("anthropic", wire(prompt(schema=schema)))
    assert '"properties":{"a":{"type":["string","null"]}},"required":["a"]' in serialised("openai-chat", wire(prompt(schema=schema)))


def test_openai_does_not_keep_what_it_was_sent():
    assert APIS["openai-responses"].body(wire(prompt()))["store"] is False


def test_chat_names_the_output_limit_as_its_server_knows_it():
    assert APIS["openai-chat"].body(wire(prompt(), is_vendor=True))["max_completion_tokens"] == 1_000
    assert APIS["openai-chat"].body(wire(prompt(), is_vendor=False))["max_tokens"] == 1_000


@pytest.mark.parametrize("api", ["openai-responses", "openai-chat"])
def test_openai_is_strict_only_with_a_schema_that_allows_it(api):
    optional = {**SCHEMA, "required": ["summary"]}
    assert '"strict":true' in serialised(api, wire(prompt()))
    assert '"strict":false' in serialised(api, wire(prompt(schema=optional)))


@pytest.mark.parametrize("api", NAMES)
def test_a_request_adds_little_to_its_prompt(api):
    """Wire form and schema of a small reply: the budget of a small change is 2,900 tokens for builder and auditor together."""
    asked = prompt("x" * 1_000)
    assert len(serialised(api, wire(asked))) - asked.characters < 600


def test_each_text_is_an_input_of_an_embedding():
    body = APIS["openai-embeddings"].body(wire(prompt("one", "two")))
    assert body == {"model": "m-1", "input": ["one", "two"], "encoding_format": "base64"}
