"""Who is asked for an attempt, in which order, with how much room, and what whoever watches is told."""

import json

import pytest

from autopack.core.call import Prompt, PromptBlock, Role
from autopack.core.errors import BudgetSpentError, ProviderBlockedError
from autopack.core.failure import FailureKind
from autopack.core.transitions import PhaseEvent
from autopack.executor.attempt.ask import ask, routes
from autopack.executor.attempt.estimate import OUTPUT_TOKENS
from autopack.executor.steer.verbs import retry
from autopack.store.attempts import Failed
from autopack.store.steering import Wishes
from tests.support.command import phase_of
from tests.support.run_context import opened
from tests.support.server import scripted_server

PROMPT = Prompt(
    system="You build.", blocks=(PromptBlock(text="Do it.", is_stable=True),), reply_name="reply", reply_schema={"type": "object"}
)


@pytest.fixture
def server():
    with scripted_server(lambda _: {"text": "{}"}) as server:
        yield server


def names(run, role):
    return [route.name for route in routes(run.ctx.state, run.ctx.models, run.phase(), role)]


def most_output(server):
    return [call.body["max_tokens"] for call in server.calls]


def fail(run, step, kind):
    """That attempt failed like that, and the phase is tried again."""
    run.ctx.state.phases.fail_attempt(step.key, Failed(kind, "no"))
    run.ctx.state.phases.move("one", PhaseEvent.RETRY)


def test_a_question_is_asked_once_and_its_reply_is_the_stored_one_from_then_on(tmp_path, server):
    with opened(tmp_path, env=server.environment()) as run:
        key = run.begin().key
        reply = ask(run.ctx, key, Role.BUILDER, lambda: PROMPT)
        assert ask(run.ctx, key, Role.BUILDER, lambda: pytest.fail("a stored reply needs no prompt")) == reply
        assert len(server.calls) == 1
        ask(run.ctx, key, Role.BUILDER, lambda: PROMPT, question=2)
        assert len(server.calls) == 2


def test_whoever_watches_is_told_who_is_asked_and_what_the_reply_cost(tmp_path, server):
    with opened(tmp_path, env=server.environment()) as run:
        ask(run.ctx, run.begin().key, Role.BUILDER, lambda: PROMPT)
        sent = next(told for told in run.told if told.event == "call_sent")
        replied = next(told for told in run.told if told.event == "call_replied")
        assert (sent.phase, sent.attempt, sent.data["role"], sent.data["provider"]) == ("one", 1, "builder", "anthropic")
        assert replied.data["usd"] > 0
        assert replied.data["output_tokens"] > 0


def test_a_person_chooses_the_model_of_the_builder_and_not_that_of_the_auditor(tmp_path, server):
    with opened(tmp_path, env=server.environment()) as run:
        before = names(run, Role.AUDITOR)
        run.asking()
        other = next(name for name in before if name != names(run, Role.BUILDER)[0])
        retry(run.helm, "one", Wishes(model=other))
        assert names(run, Role.BUILDER)[0] == other
        assert names(run, Role.AUDITOR) == before


def test_who_built_the_attempt_is_the_last_to_audit_it(tmp_path, server):
    with opened(tmp_path, env=server.environment()) as run:
        run.asking()
        retry(run.helm, "one", Wishes(model=names(run, Role.AUDITOR)[0]))
        key = run.begin().key
        ask(run.ctx, key, Role.BUILDER, lambda: PROMPT)
        ask(run.ctx, key, Role.AUDITOR, lambda: PROMPT)
        built, audited = (call.model for call in server.calls)
        assert names(run, Role.AUDITOR)[0].endswith(built)
        assert audited != built


def test_a_first_reply_has_its_room_and_one_after_a_prompt_that_was_too_long_has_half(tmp_path, server):
    with opened(tmp_path, phase_of("one", max_attempts=5), env=server.environment()) as run:
        step = run.begin()
        ask(run.ctx, step.key, Role.BUILDER, lambda: PROMPT)
        fail(run, step, FailureKind.CONTEXT_EXCEEDED)
        ask(run.ctx, run.begin().key, Role.BUILDER, lambda: PROMPT)
        assert most_output(server) == [OUTPUT_TOKENS, OUTPUT_TOKENS // 2]


def test_after_a_reply_that_was_cut_off_the_next_may_be_as_long_as_the_model_allows(tmp_path, server):
    with opened(tmp_path, phase_of("one", max_attempts=5), env=server.environment()) as run:
        fail(run, run.begin(), FailureKind.REPLY_CUT)
        ask(run.ctx, run.begin().key, Role.BUILDER, lambda: PROMPT)
        assert most_output(server)[0] > OUTPUT_TOKENS


def test_a_cap_ends_the_start_before_a_call_that_does_not_fit_is_made(tmp_path, server):
    with opened(tmp_path, env=server.environment(), options={"max_tokens": 1}) as run:
        key = run.begin().key
        with pytest.raises(BudgetSpentError):
            ask(run.ctx, key, Role.BUILDER, lambda: PROMPT)
        assert server.calls == []


def test_without_a_key_nobody_can_be_asked(run):
    with pytest.raises(ProviderBlockedError):
        routes(run.ctx.state, run.ctx.models, run.phase(), Role.BUILDER)


def test_the_wire_carries_which_run_phase_attempt_and_role_asks(tmp_path, server):
    with opened(tmp_path, env=server.environment()) as run:
        ask(run.ctx, run.begin().key, Role.AUDITOR, lambda: PROMPT)
        (call,) = server.calls
        assert (call.role, call.phase, call.attempt) == ("auditor", "one", 1)
        assert "Do it." in json.dumps(call.body)
