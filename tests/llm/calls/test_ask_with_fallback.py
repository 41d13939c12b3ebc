import time

import pytest

from autopack.core.call import CallState, StopReason
from autopack.core.errors import ProviderBlockedError
from autopack.core.models_settings import Timeouts, WireRetries
from tests.support.asking import KEY, SCHEMA, asking, bench, prompt, provider, route
from tests.support.raw_server import raw_server
from tests.support.server import scripted_server

APIS = ["anthropic", "openai-responses", "openai-chat"]
TEXT = '{"summary": "a reply that is long enough to be cut in its middle, whatever the fault", "files": []}'
QUICK = Timeouts(connect_s=20, first_byte_s=3, idle_s=2, call_s=60)


def failing_once(fault):
    """Answers with the fault first, and properly from then on."""
    return lambda q: {"text": TEXT, "fault": fault if q.call == 1 else None}


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ({"kind": "status", "status": 429}, CallState.FAILED),
        ({"kind": "status", "status": 408}, CallState.FAILED),
        ({"kind": "status", "status": 409}, CallState.FAILED),
        ({"kind": "status", "status": 500}, CallState.FAILED),
        ({"kind": "status", "status": 503}, CallState.FAILED),
        ({"kind": "status", "status": 529}, CallState.FAILED),
        ({"kind": "reset"}, CallState.UNKNOWN),
        ({"kind": "reset_mid", "after": 30}, CallState.UNKNOWN),
        ({"kind": "hang", "seconds": 30}, CallState.UNKNOWN),
        ({"kind": "hang", "seconds": 0.1, "then": "close"}, CallState.UNKNOWN),
        ({"kind": "hang_mid", "seconds": 30}, CallState.UNKNOWN),
        ({"kind": "sse_error"}, CallState.UNKNOWN),
        ({"kind": "malformed"}, CallState.FAILED),
    ],
    ids=lambda value: value["kind"] + str(value.get("status", "")) + value.get("then", "") if isinstance(value, dict) else None,
)
def test_a_failure_on_the_wire_is_asked_again_as_a_call_of_its_own(tmp_path, api, fault, state):
    timeouts = QUICK if "hang" in fault["kind"] else None
    with scripted_server(failing_once(fault)) as server, bench(tmp_path, {"corp": server.base_url}, timeouts=timeouts) as at:
        reply = at.ask(route(provider("corp", api)))
        assert reply.text == TEXT
        records = at.journal.stored(asking(), 1)
        assert [record.state for record in records] == [state, CallState.REPLIED]
        assert server.calls[0].body == server.calls[1].body
        assert at.told == ["wire_failure", "wire_wait"]


def test_a_refused_connection_is_a_failure_that_bought_nothing(tmp_path):
    with bench(tmp_path, {"corp": "http://127.0.0.1:9"}, retries=WireRetries(times=1, first_wait_s=1)) as at:
        with pytest.raises(ProviderBlockedError, match="corp/m-1 cannot answer: no connection came about"):
            at.ask(route(provider("corp", "anthropic")))
        assert at.states() == ["failed", "failed"]


def test_waits_double_and_stay_below_their_limit(tmp_path):
    retries = WireRetries(times=4, first_wait_s=2, max_wait_s=10)
    script = lambda _q: {"fault": {"kind": "status", "status": 500}}  # noqa: E731 - a script
    with scripted_server(script) as server, bench(tmp_path, {"corp": server.base_url}, retries=retries) as at:
        with pytest.raises(ProviderBlockedError):
            at.ask(route(provider("corp", "anthropic")))
        assert [notice.data["seconds"] for notice in at.notices if notice.event == "wire_wait"] == [2, 4, 8, 10]
        assert len(server.calls) == 5


@pytest.mark.parametrize("unit", ["seconds", "date"])
def test_retry_after_is_obeyed(tmp_path, unit):
    from email.utils import formatdate

    asked = "17" if unit == "seconds" else formatdate(time.time() + 17, usegmt=True)
    fault = {"kind": "status", "status": 429, "retry_after": asked}
    with scripted_server(failing_once(fault)) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        at.ask(route(provider("corp", "openai-responses")))
        assert (15 if unit == "seconds" else 5) < at.sleeper.total <= 17


def test_the_next_provider_answers_when_the_first_is_down_and_it_is_told(tmp_path):
    with (
        scripted_server(lambda _q: {"fault": {"kind": "status", "status": 529}}) as down,
        scripted_server(lambda _q: TEXT) as up,
        bench(tmp_path, {"first": down.base_url, "second": up.base_url}) as at,
    ):
        reply = at.ask(route(provider("first", "anthropic")), route(provider("second", "openai-responses")))
        assert (reply.provider, reply.text) == ("second", TEXT)
        assert len(down.calls) == 3
        [fallback] = [notice.data for notice in at.notices if notice.event == "fallback"]
        assert (fallback["from"], fallback["to"]) == ("first/m-1", "second/m-1")
        assert "first/m-1 cannot answer (status 529)" in fallback["because"]


def test_an_outage_is_paid_once_and_a_probe_later_is_a_single_try(tmp_path):
    with (
        scripted_server(lambda _q: {"fault": {"kind": "status", "status": 529}}) as down,
        scripted_server(lambda _q: TEXT) as up,
        bench(tmp_path, {"first": down.base_url, "second": up.base_url}) as at,
    ):
        chain = route(provider("first", "anthropic")), route(provider("second", "openai-responses"))
        at.ask(*chain, question=1)
        at.ask(*chain, question=2)
        assert len(down.calls) == 3, "its circuit is open"
        assert at.told.count("fallback") == 2, "that another one is asked is never silent"
        at.sleeper.ahead += 60
        at.ask(*chain, question=3)
        assert len(down.calls) == 4
        at.sleeper.ahead += 60
        at.ask(*chain, question=4)
        assert len(down.calls) == 4, "after a probe that failed the next pause is twice as long"
        assert at.told.count("provider_given_up") == 1


def test_when_every_provider_failed_the_sentence_names_each(tmp_path):
    with (
        scripted_server(lambda _q: {"fault": {"kind": "status", "status": 500, "message": "boom"}}) as one,
        scripted_server(lambda _q: {"fault": {"kind": "status", "status": 429, "retry_after": 7200}}) as two,
        bench(tmp_path, {"first": one.base_url, "second": two.base_url}) as at,
    ):
        with pytest.raises(ProviderBlockedError) as blocked:
            at.ask(route(provider("first", "anthropic")), route(provider("second", "openai-chat")))
        message = blocked.value.message
        assert "first/m-1 cannot answer (status 500): boom" in message
        assert "second/m-1 limits the rate and asks to wait 2 h" in message
        assert "resume later" in message
        assert blocked.value.exit_code == 6
        assert len(two.calls) == 1


def test_a_long_limit_is_left_for_the_next_provider(tmp_path):
    limited = {"fault": {"kind": "status", "status": 429, "retry_after": 18_000}}
    with (
        scripted_server(lambda _q: limited) as first,
        scripted_server(lambda _q: TEXT) as second,
        bench(tmp_path, {"first": first.base_url, "second": second.base_url}) as at,
    ):
        reply = at.ask(route(provider("first", "anthropic")), route(provider("second", "openai-responses")), max_wait_s=28_800)
        assert reply.provider == "second"
        assert at.sleeper.total == 0


def test_a_long_limit_is_waited_out_where_there_is_no_other_provider(tmp_path):
    fault = {"kind": "status", "status": 429, "retry_after": 18_000}
    with scripted_server(failing_once(fault)) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        assert at.ask(route(provider("corp", "anthropic")), max_wait_s=28_800).text == TEXT
        [wait] = at.waits
        assert wait.until - wait.began == pytest.approx(18_000, abs=5)
        assert at.sleeper.total >= 17_990
        assert max(at.sleeper.slept) <= 1


def test_a_limit_longer_than_patience_blocks_at_once(tmp_path):
    fault = {"kind": "status", "status": 429, "retry_after": 18_000}
    with scripted_server(failing_once(fault)) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        with pytest.raises(ProviderBlockedError, match="asks to wait 5 h"):
            at.ask(route(provider("corp", "anthropic")), max_wait_s=3_600)
        assert at.sleeper.total == 0


def test_an_outage_of_everything_is_waited_out_within_max_wait(tmp_path):
    script = lambda q: TEXT if q.call > 7 else {"fault": {"kind": "status", "status": 500}}  # noqa: E731 - a script
    with scripted_server(script) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        assert at.ask(route(provider("corp", "anthropic")), max_wait_s=3_600).text == TEXT
        began = at.waits[0].began
        assert [wait.until - began for wait in at.waits] == pytest.approx(
            [60, 180, 420, 900, 1800], abs=30
        )  # what the calls took lies between


def test_a_start_after_a_kill_knows_until_when_a_limit_lasts_and_how_long_was_waited(tmp_path):
    fault = {"kind": "status", "status": 429, "retry_after": 18_000}
    with scripted_server(failing_once(fault)) as server:
        with bench(tmp_path, {"corp": server.base_url}) as at, pytest.raises(ProviderBlockedError):
            at.ask(route(provider("corp", "anthropic")), max_wait_s=3_600)
        with bench(tmp_path, {"corp": server.base_url}) as at:
            assert at.ask(route(provider("corp", "anthropic")), max_wait_s=28_800, began=time.time() - 3_600).text == TEXT
            assert [round(wait.until - wait.began, -2) for wait in at.waits] == [21_600], "from the first start's wait on"
            assert len(server.calls) == 2
            assert 17_900 <= at.sleeper.total <= 18_000


def test_a_start_after_a_kill_pays_an_outage_with_one_probe(tmp_path):
    with (
        scripted_server(lambda _q: {"fault": {"kind": "status", "status": 500}}) as down,
        scripted_server(lambda _q: TEXT) as up,
    ):
        chain = route(provider("first", "anthropic")), route(provider("second", "openai-responses"))
        for question in (1, 2, 3):
            with bench(tmp_path, {"first": down.base_url, "second": up.base_url}) as at:
                at.ask(*chain, question=question)
        assert len(down.calls) == 3 + 1 + 1


def test_a_limit_of_one_model_leaves_its_provider_s_other_models_alone(tmp_path):
    script = lambda q: {"fault": {"kind": "status", "status": 429, "retry_after": 18_000}} if q.model == "m-1" else TEXT  # noqa: E731 - a script
    corp = provider("corp", "anthropic")
    with scripted_server(script) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        assert at.ask(route(corp), route(corp, "m-2")).requested_model == "m-2"
        assert [call.model for call in server.calls] == ["m-1", "m-2"]
        assert "provider_given_up" not in at.told


def test_an_outage_is_that_of_all_models_of_the_provider(tmp_path):
    corp = provider("corp", "anthropic")
    with (
        scripted_server(lambda _q: {"fault": {"kind": "status", "status": 529}}) as server,
        bench(tmp_path, {"corp": server.base_url}) as at,
    ):
        with pytest.raises(ProviderBlockedError):
            at.ask(route(corp), route(corp, "m-2"))
        assert [call.model for call in server.calls] == ["m-1"] * 3


def test_patience_ends(tmp_path):
    with (
        scripted_server(lambda _q: {"fault": {"kind": "status", "status": 500}}) as server,
        bench(tmp_path, {"corp": server.base_url}) as at,
        pytest.raises(ProviderBlockedError, match=r"\(waited 5 min\)"),
    ):
        at.ask(route(provider("corp", "anthropic")), max_wait_s=300)


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_never_tried_again_and_the_sentence_says_which(tmp_path, api, status):
    models = ("m-1", "m-2") if status == 401 else ("m-1",)  # 403 speaks of one model
    corp = provider("corp", api)
    with (
        scripted_server(lambda _q: {"fault": {"kind": "status", "status": status}}) as server,
        bench(tmp_path, {"corp": server.base_url}) as at,
    ):
        for question in (1, 2):
            with pytest.raises(ProviderBlockedError, match=rf"CORP_KEY \(ends in {KEY[-4:]}, from environment\) with status {status}"):
                at.ask(*(route(corp, model) for model in models), question=question)
        assert len(server.calls) == 1


def test_with_a_refused_key_the_next_provider_is_used_and_it_is_told(tmp_path):
    with (
        scripted_server(lambda _q: {"fault": {"kind": "status", "status": 401}}) as first,
        scripted_server(lambda _q: TEXT) as second,
        bench(tmp_path, {"first": first.base_url, "second": second.base_url}) as at,
    ):
        assert at.ask(route(provider("first", "anthropic")), route(provider("second", "openai-responses"))).provider == "second"
        assert "fallback" in at.told


@pytest.mark.parametrize("api", ["anthropic", "openai-chat"])
def test_an_unknown_model_is_named_with_the_file_to_correct(tmp_path, api):
    with (
        scripted_server(lambda _q: {"fault": {"kind": "status", "status": 404}}) as server,
        bench(tmp_path, {"corp": server.base_url}) as at,
    ):
        with pytest.raises(ProviderBlockedError, match=r"does not know the model 'm-1'.*models\.yaml"):
            at.ask(route(provider("corp", api)))
        assert len(server.calls) == 1


def test_a_server_that_only_speaks_chat_is_found_out_once(tmp_path):
    script = lambda q: {"fault": {"kind": "status", "status": 404}} if q.provider == "responses" else TEXT  # noqa: E731 - a script
    with scripted_server(script) as server, bench(tmp_path, {"local": server.openai_url}) as at:
        of = route(provider("local", "openai-responses"))
        assert at.ask(of, question=1).text == TEXT
        assert at.ask(of, question=2).text == TEXT
        assert [call.provider for call in server.calls] == ["responses", "chat", "chat"]
        assert at.journal.stored(asking(), 2)[0].request["api"] == "openai-chat"


def test_a_missing_model_is_no_reason_to_try_another_api(tmp_path):
    fault = {"kind": "status", "status": 404, "code": "model_not_found"}
    with scripted_server(lambda _q: {"fault": fault}) as server, bench(tmp_path, {"local": server.openai_url}) as at:
        with pytest.raises(ProviderBlockedError, match="does not know the model"):
            at.ask(route(provider("local", "openai-responses")))
        assert len(server.calls) == 1


def lacking(*words):
    """A server that answers 400 to requests that hold one of the words."""
    refusal = {"fault": {"kind": "status", "status": 400, "message": "unsupported parameter"}}
    return lambda q: refusal if any(word in q.body for word in words) else TEXT


@pytest.mark.parametrize(
    ("api", "schema_word", "tool_word"),
    [("anthropic", "output_config", "tools"), ("openai-responses", "text", "tools"), ("openai-chat", "response_format", "tools")],
)
def test_the_form_steps_down_from_schema_to_tool_to_words_and_is_remembered(tmp_path, api, schema_word, tool_word):
    with scripted_server(lacking(schema_word, tool_word)) as server, bench(tmp_path, {"corp": server.openai_url.removesuffix("/v1")}) as at:
        of = route(provider("corp", api))
        assert at.ask(of, question=1).text == TEXT
        assert at.ask(of, question=2).text == TEXT
        assert at.told == ["stepped_down", "stepped_down"]
        assert [schema_word in call.body for call in server.calls] == [True, False, False, False]
        assert [tool_word in call.body for call in server.calls] == [False, True, False, False]
        assert all('"summary"' in call.text.replace("\\", "") for call in server.calls)
        assert [record.request["structured"] for record in at.journal.stored(asking(), 1)] == ["schema", "tool", "json"]


def test_a_form_that_is_set_is_kept(tmp_path):
    with scripted_server(lacking("output_config")) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        with pytest.raises(ProviderBlockedError, match="refused the request with status 400: unsupported parameter"):
            at.ask(route(provider("corp", "anthropic", structured="schema")))
        assert len(server.calls) == 1


def test_a_400_that_no_form_cures_tells_what_the_first_one_said(tmp_path):
    script = lambda q: {"fault": {"kind": "status", "status": 400, "message": f"no good ({q.call})"}}  # noqa: E731 - a script
    with scripted_server(script) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        with pytest.raises(ProviderBlockedError, match=r"no good \(1\)"):
            at.ask(route(provider("corp", "anthropic")))
        assert len(server.calls) == 3


def test_a_schema_with_free_keys_is_told_to_anthropic_in_words_from_the_start(tmp_path):
    free = {**SCHEMA, "properties": {**SCHEMA["properties"], "env": {"type": "object"}}}
    with scripted_server(lambda _q: TEXT) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        at.ask(route(provider("corp", "anthropic")), question=1, render=lambda: prompt(schema=free))
        at.ask(route(provider("corp", "anthropic")), question=2)
        assert ["output_config" in call.body for call in server.calls] == [False, True]


@pytest.mark.parametrize(
    "said",
    [
        {"status": 400, "message": "prompt is too long: 210000 tokens > 200000 maximum"},
        {"status": 400, "message": "too much", "code": "context_length_exceeded"},
        {"status": 413, "message": "request too large"},
    ],
    ids=["anthropic", "openai", "413"],
)
def test_a_prompt_that_is_too_long_is_an_outcome_and_is_not_asked_twice(tmp_path, said):
    api = "openai-chat" if "code" in said else "anthropic"
    with scripted_server(lambda _q: {"fault": {"kind": "status", **said}}) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        reply = at.ask(route(provider("corp", api)))
        assert (reply.stop, reply.is_cut, reply.text, reply.usd) == (StopReason.CONTEXT_EXCEEDED, True, "", 0)
        assert at.ask(route(provider("corp", api))) == reply
        assert len(server.calls) == 1


def test_spent_credit_is_not_asked_for_again(tmp_path):
    fault = {"kind": "status", "status": 429, "code": "insufficient_quota", "message": "You exceeded your current quota"}
    with scripted_server(lambda _q: {"fault": fault}) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        with pytest.raises(ProviderBlockedError, match="no credit left for the key in CORP_KEY"):
            at.ask(route(provider("corp", "openai-responses")), max_wait_s=28_800)
        assert len(server.calls) == 1


def test_a_redirect_is_not_followed(tmp_path):
    """A key must not travel to an address that nobody configured."""
    with scripted_server(lambda _q: TEXT) as elsewhere:
        answer = f"HTTP/1.1 308 Permanent Redirect\r\nlocation: {elsewhere.base_url}/v1/messages\r\ncontent-length: 0\r\n\r\n".encode()
        with raw_server(lambda connection: connection.sendall(answer)) as url, bench(tmp_path, {"corp": url}) as at:
            with pytest.raises(ProviderBlockedError, match="cannot be reached as it is configured"):
                at.ask(route(provider("corp", "anthropic")))
            assert at.states() == ["failed"]
        assert elsewhere.calls == []


def test_an_error_of_the_server_that_repeats_a_key_is_redacted(tmp_path):
    fault = {"kind": "status", "status": 400, "message": f"bad request with {KEY}"}
    with scripted_server(lambda _q: {"fault": fault}) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        with pytest.raises(ProviderBlockedError) as blocked:
            at.ask(route(provider("corp", "anthropic")))
        assert KEY not in blocked.value.message
        assert KEY not in str([record.error for record in at.journal.stored(asking(), 1)])
        assert KEY not in str(at.notices)
        assert server.calls
