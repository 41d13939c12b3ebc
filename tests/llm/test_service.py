import json
import threading
import urllib.request
from decimal import Decimal

import pytest

from autopack.core.budget import Caps, Ceiling
from autopack.core.call import CallState, Role, StopReason
from autopack.core.errors import BudgetSpentError, InvalidInputError
from autopack.llm.calls.stored_request import StoredRequest, prompt_sha256
from autopack.store.call_records import NewCall
from tests.support.asking import KEY, RATES, Bench, asking, bench, prompt, provider, route
from tests.support.server import scripted_server

APIS = ["anthropic", "openai-responses", "openai-chat"]


def never() -> object:
    raise AssertionError("rendered although the question was asked before")


def stands_open(at: Bench, of_route, asked=None, form="schema") -> None:
    """What a process that died in the middle of a call leaves behind."""
    sent = StoredRequest(
        provider=of_route.provider.name, model=of_route.model, api=of_route.provider.api, structured=form, max_output=700,
        headers={}, prompt=asked or prompt("as it was"),
    )  # fmt: skip
    call = NewCall(asking(), 1, sent.provider, sent.model, sent.model_dump(mode="json"), prompt_sha256(sent.prompt))
    at.journal.intend(call, Ceiling(tokens=5_000, usd=Decimal("0.5")), Caps())


@pytest.mark.parametrize("api", APIS)
def test_a_reply_comes_back_whole_priced_and_journaled(tmp_path, api):
    with scripted_server(lambda _q: '{"summary": "Łódź ✓", "files": []}') as server, bench(tmp_path, {"corp": server.base_url}) as at:
        reply = at.ask(route(provider("corp", api)))
        assert reply.text == '{"summary": "Łódź ✓", "files": []}'
        assert (reply.stop, reply.provider, reply.requested_model, reply.answering_model) == (StopReason.END, "corp", "m-1", "m-1")
        assert reply.request_id is not None
        assert reply.request_id.startswith("req_")
        usage = reply.usage
        expected = (Decimal(usage.input_tokens) * 1 + Decimal(usage.output_tokens) * 2) / 1_000_000
        assert usage.input_tokens > 0
        assert reply.usd == expected
        [record] = at.journal.stored(asking(), 1)
        assert record.reply == reply
        assert record.request["prompt"]["blocks"][0]["text"] == "Do it."


@pytest.mark.parametrize("api", APIS)
def test_the_shape_of_the_reply_is_asked_for_natively(tmp_path, api):
    with scripted_server(lambda _q: "{}") as server, bench(tmp_path, {"corp": server.base_url}) as at:
        at.ask(route(provider("corp", api)))
        [call] = server.calls
        assert '"json_schema"' in call.text
        assert call.stream


def test_a_stored_reply_is_given_without_rendering_or_asking(tmp_path):
    with scripted_server(lambda q: f"reply {q.call}") as server, bench(tmp_path, {"corp": server.base_url}) as at:
        first = at.ask(route(provider("corp", "anthropic")))
        again = at.ask(route(provider("corp", "anthropic")), render=never)
        assert again == first
        assert len(server.calls) == 1


def test_each_request_and_each_new_reply_is_told_once_and_a_stored_reply_never(tmp_path):
    sent, replied = [], []
    with scripted_server(lambda _q: "{}", faults=("1:status:status=503",)) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        of = route(provider("corp", "anthropic"))
        first = at.ask(of, on_sent=sent.append, on_reply=replied.append)
        at.ask(of, render=never, on_sent=sent.append, on_reply=replied.append)
        assert len(server.calls) == 2
    assert sent == [of, of]
    assert replied == [first]


def test_questions_of_one_attempt_are_kept_apart(tmp_path):
    with scripted_server(lambda q: f"reply {q.call}") as server, bench(tmp_path, {"corp": server.base_url}) as at:
        of = route(provider("corp", "anthropic"))
        texts = [at.ask(of, question=1).text, at.ask(of, question=2).text, at.ask(of, of=asking(role=Role.AUDITOR)).text]
        assert texts == ["reply 1", "reply 2", "reply 3"]
        ordinals = [record.ordinal for number in (1, 2) for record in at.journal.stored(asking(), number)]
        assert ordinals == [1, 2]


def test_an_intent_without_a_reply_becomes_unknown_and_its_stored_request_is_sent_again(tmp_path):
    with scripted_server(lambda _q: "{}") as server, bench(tmp_path, {"corp": server.base_url}) as at:
        of = route(provider("corp", "anthropic"))
        stands_open(at, of)
        at.ask(of, render=never)
        [call] = server.calls
        assert call.body["messages"][0]["content"][0]["text"] == "as it was"
        assert call.body["max_tokens"] == 700
        records = at.journal.stored(asking(), 1)
        assert [(record.ordinal, record.state) for record in records] == [(1, CallState.UNKNOWN), (2, CallState.REPLIED)]
        spent = at.journal.spent("run-1")
        assert (spent.reserved_usd, spent.reserved_tokens) == (Decimal("0.5"), 5_000)


def test_a_resumed_request_goes_to_the_model_it_was_sent_to_in_the_form_it_had(tmp_path):
    with scripted_server(lambda _q: "{}") as server, bench(tmp_path, {"first": server.base_url, "second": server.base_url}) as at:
        first, second = route(provider("first", "anthropic")), route(provider("second", "openai-chat"))
        stands_open(at, second, form="tool")
        reply = at.ask(first, second, render=never)
        [call] = server.calls
        assert (reply.provider, call.provider) == ("second", "chat")
        assert call.body["tool_choice"]["function"]["name"] == "builder_reply"


def test_a_resumed_request_falls_back_with_the_stored_prompt(tmp_path):
    with (
        scripted_server(lambda _q: {"fault": {"kind": "status", "status": 529}}) as down,
        scripted_server(lambda _q: "{}") as up,
        bench(tmp_path, {"first": down.base_url, "second": up.base_url}) as at,
    ):
        first, second = route(provider("first", "anthropic")), route(provider("second", "openai-responses"))
        stands_open(at, first)
        assert at.ask(first, second, render=never).provider == "second"
        assert up.calls[0].body["input"][0]["content"][0]["text"] == "as it was"


def test_keys_never_leave_in_a_prompt_and_never_lie_in_the_journal(tmp_path):
    with scripted_server(lambda _q: "{}") as server, bench(tmp_path, {"corp": server.base_url}) as at:
        at.ask(route(provider("corp", "anthropic")), render=lambda: prompt(f"token = {KEY}", system=f"see {KEY}"))
        assert KEY not in server.calls[0].text
        assert "⟦redacted:1⟧" in server.calls[0].body["messages"][0]["content"][0]["text"]
        assert KEY not in str(at.journal.stored(asking(), 1)[0].request)


@pytest.mark.parametrize("api", APIS)
def test_halves_of_characters_neither_lose_a_reply_nor_stop_a_request(tmp_path, api):
    halves = "\N{GRINNING FACE}".encode("utf-16-le").decode("utf-16-le", "surrogatepass")
    text = "x" * 23 + json.loads('"\\ud83d"') + json.loads('"\\ude00"') + halves + "\ud800!"
    with scripted_server(lambda _q: text) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        reply = at.ask(route(provider("corp", api)), render=lambda: prompt("lone \udcff byte"))
        assert reply.text == "x" * 23 + "😀😀\N{REPLACEMENT CHARACTER}!"
        assert at.journal.stored(asking(), 1)[0].reply == reply
        assert "lone \N{REPLACEMENT CHARACTER} byte" in server.calls[0].text


def test_a_call_that_does_not_fit_under_the_cap_is_never_sent(tmp_path):
    with scripted_server(lambda _q: "{}") as server, bench(tmp_path, {"corp": server.base_url}) as at:
        of = route(provider("corp", "anthropic"))
        with pytest.raises(BudgetSpentError, match=r"up to \$0\.0\d+.*nothing was sent") as usd:
            at.ask(of, caps=Caps(run_usd=Decimal("0.001")))
        with pytest.raises(BudgetSpentError) as tokens:
            at.ask(of, caps=Caps(phase_tokens=900))
        assert (usd.value.reason, tokens.value.reason) == ("usd", "tokens")
        assert server.calls == []
        assert at.journal.stored(asking(), 1) == ()


def test_a_cap_in_dollars_without_a_known_price_is_refused_before_anything_is_sent(tmp_path):
    with scripted_server(lambda _q: "{}") as server, bench(tmp_path, {"corp": server.base_url}) as at:
        of = route(provider("corp", "anthropic", models={}))
        with pytest.raises(InvalidInputError, match="no price is known for corp/m-1"):
            at.ask(of, caps=Caps(run_usd=Decimal(5)))
        assert server.calls == []


def test_under_a_cap_in_dollars_a_fallback_without_a_price_is_left_out(tmp_path):
    with scripted_server(lambda _q: "{}") as server, bench(tmp_path, {"free": server.base_url, "corp": server.base_url}) as at:
        unpriced, priced = route(provider("free", "openai-chat", models={})), route(provider("corp", "anthropic"))
        assert at.ask(unpriced, priced, caps=Caps(run_usd=Decimal(5))).provider == "corp"


def test_without_a_cap_an_unknown_price_is_none_and_not_zero(tmp_path):
    with scripted_server(lambda _q: "{}") as server, bench(tmp_path, {"corp": server.base_url}) as at:
        assert at.ask(route(provider("corp", "anthropic", models={}))).usd is None
        assert at.journal.spent("run-1").unknown_prices == 1


def test_max_output_is_lowered_by_the_caller_but_never_raised_above_the_models_limit(tmp_path):
    with scripted_server(lambda _q: "{}") as server, bench(tmp_path, {"corp": server.base_url}) as at:
        of = route(provider("corp", "anthropic"))
        at.ask(of, question=1, max_output=300)
        at.ask(of, question=2, max_output=9_999)
        assert [call.body["max_tokens"] for call in server.calls] == [300, 1_000]


def test_two_services_on_one_database_never_pass_the_cap_together(tmp_path):
    """Each call holds about 0.0023 dollars while it is on its way, so that a cap of 0.01 lets four of ten through."""
    outcomes: list[str] = []
    barrier = threading.Barrier(10)

    def one(at: Bench, number: int) -> None:
        barrier.wait()
        try:
            at.ask(route(provider("corp", "anthropic")), question=number, caps=Caps(run_usd=Decimal("0.01")))
            outcomes.append("asked")
        except BudgetSpentError:
            outcomes.append("refused")

    with (
        scripted_server(lambda _q: {"text": "{}", "delay": 0.6}) as server,
        bench(tmp_path, {"corp": server.base_url}) as left,
        bench(tmp_path, {"corp": server.base_url}) as right,
    ):
        threads = [threading.Thread(target=one, args=((left, right)[number % 2], number)) for number in range(1, 11)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        held = left.journal.spent("run-1").held_usd
        assert len(server.calls) == outcomes.count("asked") == 4
    assert outcomes.count("refused") == 6
    assert held <= Decimal("0.01")


def test_progress_is_told_while_a_reply_comes(tmp_path):
    seen: list[int] = []
    text = "x" * 4_000
    script = lambda _q: {"text": text, "fault": {"kind": "hang_mid", "seconds": "0.6"}}  # noqa: E731 - a script
    with scripted_server(script) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        assert at.ask(route(provider("corp", "anthropic")), on_progress=seen.append).text == text
    assert any(0 < count < len(text) for count in seen)


def test_whoever_watches_can_end_a_call_which_then_counts_as_unknown(tmp_path):
    def stop(_characters: int) -> None:
        raise KeyboardInterrupt

    with scripted_server(lambda _q: {"text": "{}", "delay": 5}) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        with pytest.raises(KeyboardInterrupt):
            at.ask(route(provider("corp", "anthropic")), on_progress=stop)
        assert at.states() == ["unknown"]


def test_rates_of_models_yaml_price_every_kind_of_token(tmp_path):
    assert set(RATES) == {"input", "output", "cache_read", "cache_write"}
    usage = {"input": 1_000, "output": 500}
    with scripted_server(lambda _q: {"text": "{}", "usage": usage}) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        assert at.ask(route(provider("corp", "anthropic"))).usd == Decimal("0.002")


def asked_beside(server) -> list[str]:
    """The paths of requests that are no calls."""
    with urllib.request.urlopen(f"{server.base_url}/__log") as answer:  # noqa: S310 - the loopback server started here
        return [record["path"] for record in json.load(answer) if record["kind"] == "other"]


COUNTED = {"anthropic": ("", "/v1/messages/count_tokens"), "openai-responses": ("/v1", "/v1/responses/input_tokens")}
"""API -> what its base URL ends with, and where it counts."""


@pytest.mark.parametrize("api", COUNTED)
def test_a_prompt_that_may_not_fit_under_a_cap_is_counted_by_its_provider_and_no_other_is(tmp_path, api):
    text = "word " * 3_000  # 15,000 characters: 5,000 tokens by the estimate, 3,750 by the provider's count
    version, path = COUNTED[api]
    with scripted_server(lambda _q: "{}") as server, bench(tmp_path, {"corp": server.base_url + version}) as at:
        of = route(provider("corp", api))
        at.ask(of, render=lambda: prompt(text), caps=Caps(run_tokens=7_000))
        assert asked_beside(server) == []
        at.ask(of, question=2, render=lambda: prompt(text + "."), caps=Caps(call_tokens=5_500))
        assert asked_beside(server) == [path]
        assert len(server.calls) == 2
        with pytest.raises(BudgetSpentError, match="nothing was sent"):
            at.ask(of, question=3, render=lambda: prompt(text + ".."), caps=Caps(call_tokens=4_000))
        assert len(server.calls) == 2
        assert at.journal.stored(asking(), 3) == ()


def test_where_a_provider_does_not_count_the_estimate_holds(tmp_path):
    with scripted_server(lambda _q: "{}") as server, bench(tmp_path, {"corp": server.base_url}) as at:
        with pytest.raises(BudgetSpentError):
            at.ask(route(provider("corp", "openai-chat")), render=lambda: prompt("word " * 3_000), caps=Caps(call_tokens=5_500))
        assert asked_beside(server) == []


@pytest.mark.parametrize("api", COUNTED)
def test_a_server_that_does_not_know_how_to_count_leaves_it_at_the_estimate(tmp_path, api):
    version, path = COUNTED[api]
    with scripted_server(lambda _q: "{}") as server, bench(tmp_path, {"corp": f"{server.base_url}/elsewhere{version}"}) as at:
        with pytest.raises(BudgetSpentError):
            at.ask(route(provider("corp", api)), render=lambda: prompt("word " * 3_000), caps=Caps(call_tokens=5_500))
        assert asked_beside(server) == [f"/elsewhere{path}"]
