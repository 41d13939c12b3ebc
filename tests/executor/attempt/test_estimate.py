"""What calls may cost before any is made: never less than they can, and unknown where no price is known."""

from decimal import Decimal

import pytest

from autopack.core.call import Role
from autopack.core.models_settings import ModelSettings
from autopack.core.redaction import Redactor
from autopack.core.settings import ExploreSettings
from autopack.executor.attempt.ask_builder import ask_builder
from autopack.executor.attempt.estimate import (
    NO_PROMPT,
    OUTPUT_TOKENS,
    Fitting,
    call_cost,
    first_audit,
    first_prompt,
    likely_usage,
    likely_usd,
    rounded_up,
    rounds_cost,
    suggested_cap,
)
from autopack.llm.calls.routing import Asked, chain
from tests.support.asking import prompt, provider, route
from tests.support.command import phase_of
from tests.support.run_context import opened
from tests.support.server import scripted_server

PRICED = route(provider("local", "anthropic"))
UNPRICED = route(provider("local", "anthropic", models={"m-1": ModelSettings(context=100_000, max_output=100_000)}))
KEYED = {"ANTHROPIC_API_KEY": "k-0123456789"}


def first_of(run):
    return first_prompt(run.phase(), run.ctx.plan, run.site.tree(run.head()), Fitting(run.ctx.settings, Redactor(())))


def cap_of(run):
    return suggested_cap(run.ctx.plan, run.site.tree(run.head()), run.ctx.settings, run.ctx.models.keys, Redactor(()))


def test_the_most_is_prompt_and_whole_reply_and_the_least_hardly_more_than_the_prompt():
    cost = call_cost(PRICED, prompt("Do it." * 1000))
    assert cost.model == PRICED.name
    assert cost.most.tokens > 1_000 + cost.least.tokens
    assert cost.most.usd > cost.least.usd > 0


def test_a_first_reply_is_counted_with_its_room_though_the_model_would_allow_more():
    assert OUTPUT_TOKENS < call_cost(UNPRICED, prompt()).most.tokens < OUTPUT_TOKENS + 1_000


def test_rounds_of_looking_cost_no_more_than_is_said():
    asked, limits = prompt("Do it." * 1000), ExploreSettings(characters=6_000)
    alone = call_cost(PRICED, asked).most
    assert rounds_cost(PRICED, asked, limits, 0) == alone
    most = rounds_cost(PRICED, asked, limits, 3)
    found = [call_cost(PRICED, prompt("Do it." * 1000, "found " * 1000 * done)).most for done in range(4)]
    assert alone.usd < sum(cost.usd for cost in found) <= most.usd
    assert alone.tokens < sum(cost.tokens for cost in found) <= most.tokens
    assert rounds_cost(UNPRICED, asked, limits, 3).usd is None


def test_a_call_whose_prompt_nobody_knows_yet_costs_nothing_at_least():
    least = call_cost(PRICED, NO_PROMPT).least
    assert (least.tokens, least.usd) == (0, Decimal(0))


def test_a_price_that_nobody_knows_is_unknown_and_not_nothing(run):
    cost = call_cost(UNPRICED, prompt())
    assert (cost.most.usd, cost.least.usd) == (None, None)
    context, asked = first_of(run)
    assert likely_usd((PRICED, UNPRICED), likely_usage(asked, context)) is None


def test_what_a_phase_likely_costs_grows_with_the_files_that_are_shown_whole(tmp_path):
    def likely(name, text):
        with opened(tmp_path / name, files={"app.txt": text, "check.sh": "true\n"}) as run:
            context, asked = first_of(run)
            return likely_usd((PRICED, PRICED), likely_usage(asked, context))

    assert 0 < likely("small", "one\n") < likely("large", "one line of many\n" * 400)


def test_the_prompt_that_is_estimated_is_the_one_that_is_asked(tmp_path):
    with scripted_server(lambda _: {"text": "{}"}) as server, opened(tmp_path, env=server.environment()) as run:
        _, estimated = first_of(run)
        ask_builder(run.ctx, run.phase(), run.begin(), run.head())
        asked = server.asked("builder")[0].body["messages"][0]["content"]
        assert [block["text"] for block in asked][: len(estimated.blocks)] == [block.text for block in estimated.blocks]


def test_the_least_that_an_auditor_is_asked_has_the_phase_and_no_change(run):
    text = "".join(block.text for block in first_audit(run.phase(), "The goal.", run.ctx.settings.context).blocks)
    assert "The goal." in text
    assert "Make the change one." in text


@pytest.mark.parametrize(("usd", "cents"), [("0", "0"), ("0.01", "0.01"), ("0.0101", "0.02"), ("1.999", "2")])
def test_dollars_are_rounded_up_to_the_cent(usd, cents):
    assert rounded_up(Decimal(usd)) == Decimal(cents)


def test_a_cap_is_suggested_in_whole_dollars_and_covers_every_phase_more_than_once(tmp_path):
    with opened(tmp_path / "few", env=KEYED) as few, opened(tmp_path / "many", *(phase_of(f"p{n}") for n in range(9)), env=KEYED) as many:
        dearest = sum(
            call_cost(chain(few.ctx.settings.models, few.ctx.models.keys, Asked(role, "low"))[0], prompt()).most.usd
            for role in (Role.BUILDER, Role.AUDITOR)
        )
        assert cap_of(few) >= dearest
        assert 1 <= cap_of(few) < cap_of(many)


def test_no_cap_is_suggested_without_a_key(run):
    assert cap_of(run) is None
